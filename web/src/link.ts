/** Links to the page: a case, and the arrays of a program, with every digit. */
import { kindOf, objectOf } from "./arguments.ts";
import { checkCase, type NormCase } from "./case.ts";
import { type CheckedClaim, type Claim, claimOf } from "./claim.ts";
import { given } from "./given.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { fault } from "./reading-sentences.ts";

/** What a link says besides its case; the settings are those of `<backnorm-lab>`. */
export interface LinkOptions {
  /**
   * Arrays of a program by their names in it, known or not: typed arrays, or results of parseArray, whose digits stay as they
   * were printed.
   */
  mine?: Readonly<Record<string, Claim>> | undefined;
  /** The URL of the page. Default: none, and the link is a fragment, from "#" on. */
  page?: string | undefined;
  /** The view: "graph", "steps", "paths" or "closed". */
  lens?: string | undefined;
  /** The chosen node, such as "var". */
  node?: string | undefined;
  /** "no-spoiler": an assignment. */
  mode?: string | undefined;
  /** "embed": for small spaces. */
  view?: string | undefined;
  /** "en" or "zh". */
  language?: string | undefined;
  /** The names of arrays: "paper", "cs231n", "kratzert", "makemore" or "pytorch". */
  notation?: string | undefined;
  /** "light" or "dark". */
  theme?: string | undefined;
}

/** The parts of a link that settings have. */
export const kSettings = {
  lens: "lens",
  node: "node",
  mode: "mode",
  view: "view",
  language: "lang",
  notation: "names",
  theme: "theme",
} as const satisfies Partial<Record<keyof LinkOptions, string>>;

const kOptions: NamesOf<LinkOptions> = {
  mine: 0,
  page: 0,
  lens: 0,
  node: 0,
  mode: 0,
  view: 0,
  language: 0,
  notation: 0,
  theme: 0,
};

/** The shortest digits that read back as the same number. A plus sign would mean a space. */
export const numberText = (value: number) => (Object.is(value, -0) ? "-0" : String(value).replace("e+", "e"));

/** Commas separate numbers, semicolons rows. */
export function rowsText(
  values: ArrayLike<number>,
  columns: number,
  write: (value: number, at: number) => string = numberText,
): string {
  const numbers = Array.from(values, write);
  const rows = Array.from({ length: numbers.length / columns }, (_, row) =>
    numbers.slice(row * columns, (row + 1) * columns).join(),
  );
  return rows.join(";");
}

const kMostDecimals = 100;
/** A reader takes more zeros for those of a float32 number that was widened. */
const kMostZeros = 9;

interface Printed {
  /** Whether whole numbers need an exponent, so that they aren't taken for rounded ones. */
  isShort: boolean;
  isSingle: boolean;
}

/** A number with the digits that it was printed with: down to twice the half unit of its last one. */
function printedText(value: number, half: number, { isShort, isSingle }: Printed): string {
  if (!(half > 0) || !Number.isFinite(value)) return numberText(value);
  const unit = Number(half.toExponential(0).split("e")[1]) + 1;
  if (value === 0) return `${numberText(value)}e${unit}`;
  const isFixed = unit <= 0 && -unit <= kMostDecimals && Math.abs(value) < 1e21 && !(isShort && unit === 0);
  const first = Number(value.toExponential().split("e")[1]);
  const text = isFixed
    ? value.toFixed(Number.isInteger(value) ? Math.min(-unit, kMostZeros) : -unit)
    : value.toExponential(Math.min(kMostDecimals, Math.max(0, first - unit)));
  // of a float32 number that was widened, in a long text, the reader takes only the digits that count
  const isWidened = !isSingle && Number(text) !== value && Math.fround(value) === value;
  return (isWidened ? value.toExponential() : text).replace("e+", "e");
}

/** What a name may have in a link; other characters would end it. */
const unsafe = /[^\p{L}\p{N}_.>-]/gu;

/**
 * An array in a link: `dx:0.1,0.2;0.3,0.4` with printed digits, `dx/float32:…` with exact numbers of that type, `dx~float32:…` with
 * printed digits of one. `/2,3,4` after the type is the shape, if the rows don't show it.
 */
function arrayText({ name, data, shape = [data.length], resolution, precision }: CheckedClaim): string {
  const isSeen = shape.length < 2 || (shape.length === 2 && shape[0] !== 1); // in the rows
  const isPlain = resolution !== undefined && precision === "float64" && isSeen;
  const type = isPlain ? "" : `${resolution ? "~" : "/"}${precision}`;
  const dims = isSeen ? "" : `/${shape}`;
  const isSingle = kindOf(data) === "Float32";
  const printed = { isShort: resolution?.every((half) => half >= 0.5) ?? false, isSingle };
  const text = isSingle ? float32Text : numberText;
  const rows = rowsText(data, shape.at(-1) || 1, (value, at) =>
    resolution ? printedText(value, resolution[at] as number, printed) : text(value),
  );
  return `${name.replace(unsafe, "_")}${type}${dims}:${rows}`;
}

/** The shortest digits that read back as the same float32. */
function float32Text(value: number): string {
  for (let digits = 1; digits < 9 && value !== 0; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return numberText(short);
  }
  return numberText(value);
}

/** Arrays as the part `mine` of a link, not yet encoded. Throws as diagnose does for arrays that are none; empty ones say nothing. */
export const mineText = (arrays: Iterable<readonly [name: string, array: Claim]>, prefix = ""): string =>
  Array.from(arrays, ([name, array]) => claimOf(name, array, prefix + name))
    .filter(({ data }) => data.length > 0)
    .map(arrayText)
    .join("|");

export const encoded = (text: string) =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\uFFFD")).replace(/%(?:2C|3A|3B|2F|7C)/g, (one) =>
    decodeURIComponent(one),
  );

/**
 * A link to the page with this case, and with arrays of a program. It holds every digit, so the page gives the same verdicts.
 * The page reads links of up to 64 KB; more than 16 KB are hard to pass on: open the case as a file there.
 *
 * Throws as trace() does for a case, and as diagnose() for the arrays; `unknown-option` for an unknown option, `not-a-string`
 * for a setting or a page that isn't one.
 */
export function linkOf(kase: NormCase, options: LinkOptions = {}): string {
  const { norm, eps, ddof } = checkCase(kase);
  const { mine, page = "", ...settings } = optionsOf<LinkOptions>("options", options, kOptions, []);
  const { x, gamma, beta, dy } = kase;
  const { shape } = norm;
  const wide = shape.at(-1) as number;
  const parts: Record<string, string | number | undefined> = {
    v: 1,
    case: "own",
    norm: norm.norm === "batch" ? undefined : norm.norm,
    groups: kase.groups,
    dims: kase.normalizedDims,
    offset: norm.unitOffset ? 1 : undefined,
    axis: kase.axis ?? (kase.layout === "channels-last" ? -1 : undefined),
    shape: shape.length === 2 ? undefined : shape.join(),
    eps: numberText(eps),
    ddof: ddof || undefined,
    gamma: rowsText(gamma, gamma.length),
    beta: beta ? rowsText(beta, beta.length) : undefined,
    x: rowsText(x, wide),
    dy: rowsText(dy, wide),
  };
  for (const [name, value] of Object.entries({ page, ...settings }))
    if (value !== undefined && typeof value !== "string")
      throw fault("not-a-string", name, { got: given(value) });
  for (const [name, key] of Object.entries(kSettings)) parts[key] = settings[name as keyof typeof settings];
  if (mine !== undefined) {
    const arrays = Object.entries(objectOf("mine", mine) as Record<string, Claim>);
    parts["open"] = "mine";
    parts["mine"] = mineText(
      arrays.filter(([, array]) => array !== undefined),
      "mine.",
    );
  }
  const said = Object.entries(parts).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${encoded(String(value))}`,
  );
  return `${page.replace(/#.*/s, "")}#${said.join("&")}`;
}
