import type { Explanation, Factor, Formula, Recognition, Root, Share } from "../../src/index.ts";
import { inFull, superscript } from "../base/numbers.ts";
import type { Computed } from "../maths/computed.ts";
import { nameOfNorm } from "../maths/norms.ts";
import type { Locale } from "../words/locale.ts";
import { codeOf } from "./array-names.ts";

type Hidden = Extract<Recognition, { kind: "hidden" }>;

type NameOf = (id: string) => string;
type Say = Locale["rest"]["mine"]["computedAs"];

/** What counts are called: N rows of D numbers, N images of C channels, or the M values of a group. */
function countNames({ kase }: Computed): Readonly<Record<Factor["counts"][number]["of"], string>> {
  const isMatrix = kase.shape.length === 2;
  const norm = nameOfNorm(kase);
  const rows = norm !== "batch" ? (norm === "layer" || norm === "rms" ? "D" : "M") : isMatrix ? "N" : "N·H·W";
  const less = (by: number) => (by === 0 ? rows : `(${rows} − 1)`);
  return {
    rows,
    divisor: less(kase.ddof ?? 0),
    "other-divisor": less(1 - (kase.ddof ?? 0)),
    shares: rows,
    samples: "N",
    channels: isMatrix || norm === "layer" || norm === "rms" ? "D" : "C",
    positions: "H·W",
  };
}

/** A number as people write it: 2/3 is no decimal, and 0.9 is one. */
function split(constant: number): [above: number, below: number] {
  const below = [1, 2, 3, 4, 8].find((one) => Number.isInteger(constant * one)) ?? 1;
  return below === 1 ? [Math.abs(constant), 1] : [Math.abs(constant * below), below];
}

class Writer {
  readonly #counts: ReturnType<typeof countNames>;
  readonly #nameOf: NameOf;
  readonly #say: Say;

  constructor(computed: Computed, nameOf: NameOf, say: Say) {
    this.#counts = countNames(computed);
    this.#nameOf = nameOf;
    this.#say = nameOfNorm(computed.kase) === "batch" ? say : { ...say, ...say.inGroups };
  }

  /** −Σ(dxhat·x) / (2·N·std³), with what comes last in the numerator. */
  product({ constant, counts, powers }: Factor, last = "", absolute = false): string {
    const [above, below] = split(constant);
    const named = [
      ...counts.map(({ of, exponent }) => ({ name: this.#counts[of], exponent })),
      ...powers.map(({ of, exponent }) => ({
        name: absolute && of === "gamma" ? `|${this.#nameOf(of)}|` : this.#nameOf(of),
        exponent,
      })),
    ];
    const part = (sign: 1 | -1) =>
      named
        .filter(({ exponent }) => exponent * sign > 0)
        .map(({ name, exponent }) => {
          if (exponent * sign === 0.5) return `√${name}`;
          return exponent * sign === 1 ? name : `${name}${superscript(exponent * sign)}`;
        });
    const shown = (number: number) => (number === 1 ? [] : [inFull(Number(number.toPrecision(6)))]);
    const top = [...shown(above), ...part(1), ...(last ? [last] : [])].join("·") || "1";
    const bottom = [...shown(below), ...part(-1)];
    const divided =
      bottom.length > 1 || bottom[0]?.includes("·")
        ? ` / (${bottom.join("·")})`
        : bottom.length > 0
          ? ` / ${bottom[0]}`
          : "";
    const isPlain = /^[\d.]+$/.test(top) && /^ \/ [\d.]+$/.test(divided); // 1/2
    const whole = isPlain ? `${top}${divided.replaceAll(" ", "")}` : `${top}${divided}`;
    return `${constant < 0 ? "−" : ""}${constant === 0 ? "0" : whole}`;
  }

  formula(formula: Formula): string {
    const names = (formula.sum ?? []).map(this.#nameOf);
    const rows = formula.rows ? `[${formula.rows[0]}:${formula.rows[1]}]` : "";
    const own = formula.sum
      ? `Σ(${names.map((name) => `${name}${rows}`).join("·")})`
      : formula.array
        ? this.#nameOf(formula.array)
        : "";
    return this.product(formula, own && this.#shared(own, formula.shared), formula.absolute);
  }

  /** Only the sum or the array is that of another column: std and gamma stay those of each. */
  #shared(own: string, shared: Formula["shared"]): string {
    if (shared === null) return own;
    return shared === "mean" ? this.#say.ofAll(own) : this.#say.ofOne(own, shared + 1);
  }

  /** √(var + 0.001) */
  root({ inside, outside, scale }: Root): string {
    const inner = this.product(scale, this.#nameOf("var"));
    const plus = (number: number) => (number === 0 ? "" : ` + ${inFull(number)}`);
    const isOne = inside === 0 && !/[·/ ]/.test(inner);
    return `√${isOne && outside !== 0 ? inner : `(${inner}${plus(inside)})`}${plus(outside)}`;
  }

  limits({ low, high }: { low: number | null; high: number | null }): string {
    const told = (limit: number | null) => (limit === null ? null : inFull(Number(limit.toPrecision(6))));
    return this.#say.limits(told(low), told(high));
  }
}

/** What the wrong array `id` is. nameOf: the learner's name of an array. */
export function explanationText(
  id: string,
  explanation: Explanation,
  computed: Computed,
  locale: Locale,
  nameOf: NameOf,
): string {
  const { rest } = locale;
  const { computedAs, ways } = rest.mine;
  const isBatch = nameOfNorm(computed.kase) === "batch";
  const say = isBatch ? computedAs : { ...computedAs, ...computedAs.inGroups };
  const writer = new Writer(computed, nameOf, computedAs);
  switch (explanation.kind) {
    case "formula":
      return say.formula(writer.formula(explanation.formula));
    case "eps": {
      const root = writer.root(explanation.root);
      return id === "std" ? say.formula(root) : say.root(root);
    }
    case "moved":
      return explanation.along === "rows" ? say.movedRows(explanation.by) : say.movedColumns(explanation.by);
    case "elements":
      return say.elements(explanation.count, placeText(explanation.index, locale));
    case "not-finite": {
      const { count, index, cause } = explanation;
      return say.notFinite(count, placeText(index, locale), say.causes[cause]).trim();
    }
    case "offset":
      return say.offset(inFull(explanation.by));
    case "clipped":
      return say.formula(writer.limits(explanation));
    case "sign":
      return say.sign;
    case "name":
      return say.name(nameOf(explanation.other));
    case "paths":
      return say.shares(
        explanation.shares.map((share) => {
          const isRms = nameOfNorm(computed.kase) === "rms" && share.pattern === "xhat";
          const way = id === "dx" && (isRms ? "through-rms" : kWays[share.pattern ?? ""]);
          const part = !share.pattern && !isBatch ? computedAs.inGroups.constant : undefined;
          const name = way ? ways[way] : (part ?? say.part(share.pattern && nameOf(share.pattern)));
          return say.share(name, stateText(share, writer, locale));
        }),
      );
  }
}

export function placeText(index: readonly number[], { rest, words }: Locale): string {
  const [row = 0, column] = index;
  if (index.length > 2) return rest.mine.placeIn(index);
  return column === undefined ? rest.mine.place(row + 1) : words.cells.cell(row + 1, column + 1);
}

/** A ratio of counts: 0.8, which is N / D here. */
export function ratioText(ratio: number, factor: Factor, computed: Computed, { rest, code }: Locale): string {
  const { computedAs, relation } = rest.mine;
  const writer = new Writer(computed, (id) => codeOf(id, code), computedAs);
  return relation.ratio(inFull(Number(ratio.toPrecision(4))), writer.product(factor));
}

/** What the array `id` is, which was not pasted. */
export function hiddenText({ id, explanation }: Hidden, computed: Computed, { rest, code }: Locale): string {
  const { computedAs: say } = rest.mine;
  const nameOf = (one: string) => codeOf(one, code);
  const writer = new Writer(computed, nameOf, say);
  switch (explanation.kind) {
    case "eps":
      return say.hidden(nameOf(id), writer.root(explanation.root));
    case "clipped":
      return say.hidden(nameOf(id), writer.limits(explanation));
    case "formula": {
      const { formula } = explanation;
      const what = formula.ratio ? say.timesRight(writer.product(formula.ratio)) : writer.formula(formula);
      return say.hidden(nameOf(id), what);
    }
    default:
      return "";
  }
}

/** The paths that bring patterns into dx; "" stands for one number in all rows. */
const kWays: Readonly<Record<string, "direct" | "through-mean" | "through-var">> = {
  dxhat: "direct",
  "": "through-mean",
  xhat: "through-var",
};

function stateText({ state, formula, root }: Share, writer: Writer, { rest }: Locale): string {
  const { computedAs: say } = rest.mine;
  if (formula?.ratio) return say.times(writer.product(formula.ratio));
  if (formula) return say.is(writer.formula(formula));
  if (root) return say.asWith(writer.root(root));
  return state === "right" || state === "missing" ? say[state] : say.other;
}
