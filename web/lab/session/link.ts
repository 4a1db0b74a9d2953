import type { NodeId } from "../../src/index.ts";
import { encoded, numberText, rowsText } from "../../src/link.ts";
import { norms } from "../../src/norm.ts";
import { isTypo } from "../../src/options.ts";
import { readNumber } from "../base/numbers.ts";
import { kPaths } from "../maths/graph-facts.ts";
import type { kNormKeys, PageCase } from "../maths/norms.ts";
import { kNotations } from "../maths/notations.ts";
import {
  type Choices,
  kCheckParts,
  kFactors,
  kLanguages,
  kLenses,
  kThemes,
  kTools,
} from "../model/choices.ts";
import { kEnd } from "../model/moment.ts";
import { isPreset, kPresets } from "../model/presets.ts";
import type { InputName } from "../model/selection.ts";
import { kScenes } from "../model/tour.ts";
import type { PageParams, PageReason } from "../words/en/faults.ts";
import { PageError } from "../words/page-error.ts";
import { type Deck, partsOf, sharedOf, slidesOf } from "./deck.ts";

/**
 * The case in a link: its base, and the changes to it. `#v=1&case=iris&eps=0.1`,
 * `case=randn:231:4x5:5:12`, `case=own&x=1,2;3,5&gamma=1,1&beta=0,0&dy=1,0;0,1`.
 */
export interface CaseLink {
  /** A preset, a random case, or "own". */
  base: string;
  changes: Changes;
}

export type Changes = Partial<
  Pick<PageCase, InputName | "shape" | "eps" | "ddof" | (typeof kNormKeys)[number]>
>;

/** The base of a case that gives all of its numbers. */
export const kOwn = "own";

/** np.random.seed(seed): x = spread·randn(*shape) + mean; then gamma, beta and dy from randn. */
export interface Draw {
  seed: number;
  shape: number[];
  spread: number;
  mean: number;
}

/** Reads `randn:231:4x5`, `randn:231:4x5:5:12` or `randn:7:2x6x4x5`. A check takes N²·D steps, so the size is limited. */
export function drawOf(base: string): Draw | undefined {
  const [, seed, dims = "", spread = "1", mean = "0"] =
    /^randn:(\d{1,10}):([1-9]\d{0,3}(?:x[1-9]\d{0,3}){1,3})(?::([-\d.e]+))?(?::([-\d.e]+))?$/.exec(base) ??
    [];
  if (seed === undefined) return undefined;
  const shape = dims.split("x").map(Number);
  const [rows = 1, ...rest] = shape;
  const columns = rest.reduce((all, one) => all * one, 1);
  const draw = {
    seed: Number(seed),
    shape,
    spread: readNumber(spread) ?? Number.NaN,
    mean: readNumber(mean) ?? Number.NaN,
  };
  const fits = rows ** 2 * columns <= 1e8 && draw.seed < 2 ** 32;
  return fits && Number.isFinite(draw.spread + draw.mean) ? draw : undefined;
}

/** Longer links are hard to pass on. */
export const kMostCharacters = 16 * 1024;
/** Longer than any link that the page writes; such links are not read at all. */
const kMostRead = 64 * 1024;

const kVersion = "1";

/** The names that a link may use, from the graph. */
export interface Known {
  nodes: readonly NodeId[];
  mistakes: readonly string[];
  moments: readonly string[];
}

/** How a link writes one setting. A missing setting has its default; the node and the cell stay. */
interface Way<Value> {
  key: string;
  first: Value;
  write(value: Value): string;
  read(text: string, known: Known): Value | undefined;
  refuse(refuse: Refuse, text: string, known: Known): void;
}

/** An error about a part of the link, named by its key. */
type Refuse = <Of extends PageReason>(key: string, reason: Of, params: PageParams<Of>) => void;

const oneOf = <Value extends string, First extends Value | undefined>(
  key: string,
  first: First,
  values: (known: Known) => readonly Value[],
): Way<Value | First> => ({
  key,
  first,
  write: (value) => value ?? "",
  read: (text, known) => values(known).find((value) => value === text),
  refuse: (refuse, got, known) => refuse(key, "not-one-of", { names: values(known), got }),
});

const someOf = <Value extends string>(key: string, values: readonly Value[]): Way<ReadonlySet<Value>> => ({
  key,
  first: new Set(),
  write: (chosen) => values.filter((value) => chosen.has(value)).join(),
  read: (text) => {
    const said = text.split(",");
    const found = values.filter((value) => said.includes(value));
    return found.length === said.length ? new Set(found) : undefined;
  },
  refuse: (refuse, got) => refuse(key, "not-some-of", { names: values, got }),
});

const kSceneNumbers = kScenes.map((_, at) => String(at + 1));

const ways: { [Name in Exclude<keyof Choices, "selection">]: Way<Choices[Name]> } = {
  lens: oneOf("lens", "graph", () => kLenses),
  mistake: oneOf<string, string>("mistake", "", ({ mistakes }) => mistakes),
  moment: oneOf<string, string>("moment", kEnd, ({ moments }) => moments),
  off: someOf("off", kPaths),
  factor: oneOf("factor", "scale", () => kFactors),
  parts: someOf("check", kCheckParts),
  tools: someOf("open", kTools),
  example: {
    key: "example",
    first: undefined,
    write: String,
    read: (text) => (/^[1-9]\d?$/.test(text) ? Number(text) : undefined),
    refuse: (refuse, got) => refuse("example", "not-a-count", { got }),
  },
  language: oneOf("lang", "en", () => kLanguages),
  notation: oneOf("names", "paper", () => kNotations),
  theme: oneOf<(typeof kThemes)[number], undefined>("theme", undefined, () => kThemes),
  tour: {
    key: "tour",
    first: 0,
    write: String,
    read: (text) => (kSceneNumbers.includes(text) ? Number(text) : undefined),
    refuse: (refuse, got) => refuse("tour", "not-one-of", { names: kSceneNumbers, got }),
  },
  sparing: {
    key: "mode",
    first: false,
    write: () => "no-spoiler",
    read: (text) => (text === "no-spoiler" ? true : undefined),
    refuse: (refuse, got) => refuse("mode", "not-one-of", { names: ["no-spoiler"], got }),
  },
  brief: {
    key: "view",
    first: false,
    write: () => "embed",
    read: (text) => (text === "embed" ? true : undefined),
    refuse: (refuse, got) => refuse("view", "not-one-of", { names: ["embed"], got }),
  },
};

/** A copy of only the settings of an object. */
export function choicesOf(holder: Choices): Choices {
  const names = ["selection", ...Object.keys(ways)] as (keyof Choices)[];
  return Object.fromEntries(names.map((name) => [name, holder[name]])) as unknown as Choices;
}

const isSame = (a: unknown, b: unknown) =>
  a === b || (a instanceof Set && b instanceof Set && a.size === b.size && [...a].every((one) => b.has(one)));

/** How a link writes what a case says of its norm. */
const kNormWays = [
  { key: "norm", name: "norm", read: (text) => norms.find((norm) => norm === text) },
  { key: "groups", name: "groups", read: countIn },
  { key: "dims", name: "normalizedDims", read: countIn },
  { key: "offset", name: "unitOffset", read: (text) => (text === "1" || text === "true" ? true : undefined) },
  { key: "axis", name: "axis", read: (text) => (/^-?\d$/.test(text) ? Number(text) : undefined) },
] as const satisfies readonly {
  key: string;
  name: (typeof kNormKeys)[number];
  read(text: string): unknown;
}[];

function countIn(text: string): number | undefined {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
}

const texts = new WeakMap<Changes, string>();

function changesText(changes: Changes): string {
  const { x, gamma, beta, dy, eps, ddof, shape = [] } = changes;
  const columns = shape.at(-1) ?? 1;
  const hasShape = shape.length !== 2 && (x ?? dy) !== undefined; // else the rows show it
  const parts = [
    ...kNormWays.map(({ key, name }) => [key, String(changes[name] ?? "")]),
    ["shape", hasShape ? shape.join() : ""],
    ...Object.entries({ eps, ddof }).map(([name, value]) => [
      name,
      value === undefined ? "" : numberText(value),
    ]),
    ...Object.entries({ gamma, beta }).map(([name, row]) => [name, row ? rowsText(row, row.length) : ""]),
    ...Object.entries({ x, dy }).map(([name, matrix]) => [name, matrix ? rowsText(matrix, columns) : ""]),
  ];
  return parts.flatMap(([name, text]) => (text ? [`&${name}=${text}`] : [])).join("");
}

function caseText({ base, changes }: CaseLink): string {
  const text = texts.get(changes) ?? changesText(changes);
  texts.set(changes, text);
  return `case=${base}${text}`;
}

export const isSameCase = (one: CaseLink, other: CaseLink) => caseText(one) === caseText(other);

/** The reader's own arrays, as web/src/link.ts writes them; and the same compressed, if that was worth while. */
export interface MineLink {
  /** "" if they are too many for a link. */
  plain: string;
  packed: string | undefined;
  /** How many there are. */
  count: number;
  /** All of them as text, however many. */
  whole(): string;
}

/** What a link has of it: one of the two. */
export interface SaidMine {
  plain: string | undefined;
  packed: string | undefined;
}

/** The fragment of the link to this state. mine: the part with the reader's own arrays. */
export function writeLink(choices: Choices, kase: CaseLink, mine = ""): string {
  const { node, cell } = choices.selection;
  const parts = Object.entries(ways as Record<string, Way<unknown>>).flatMap(
    ([name, { key, first, write }]) => {
      const value = choices[name as keyof Choices];
      return isSame(value, first)
        ? []
        : [`&${key}=${encodeURIComponent(write(value)).replaceAll("%2C", ",")}`];
    },
  );
  return `#v=${kVersion}&${caseText(kase)}&node=${node}&cell=${cell.row + 1},${cell.column + 1}${parts.join("")}${mine}`;
}

/** The part of a link with the reader's own arrays, as text and compressed. */
export const minePart = (text: string) => text && `&mine=${encoded(text)}`;
export const packedPart = (packed: string | undefined) => packed && `&minez=${packed}`;

/** An array in a link; undefined if it is not valid. */
function readArray(text: string): { data: Float64Array; rows: number; columns: number } | undefined {
  const rows = text.split(";").map((row) => row.split(",").map(readNumber));
  const columns = rows[0]?.length ?? 0;
  const values = rows.flat();
  if (rows.some((row) => row.length !== columns) || values.includes(undefined)) return undefined;
  return { data: Float64Array.from(values as number[]), rows: rows.length, columns };
}

/** The changes in a link; undefined if its matrices have different shapes. */
function readChanges(said: URLSearchParams, refuse: Refuse): Changes | undefined {
  const changes: Changes = {};
  const shapes: [number, number][] = [];
  for (const { key, name, read } of kNormWays) {
    const text = said.get(key);
    if (text === null) continue;
    const value = read(text);
    if (value !== undefined) Object.assign(changes, { [name]: value });
    else if (key === "norm") refuse(key, "not-one-of", { names: norms, got: text });
    else refuse(key, "not-a-count", { got: text });
  }
  const dims = said.get("shape")?.split(",").map(countIn);
  if (dims?.includes(undefined)) refuse("shape", "not-a-shape", { got: said.get("shape") as string });
  for (const name of ["dy", "x", "gamma", "beta"] as const) {
    const text = said.get(name);
    if (text === null) continue;
    const found = readArray(text);
    const isRow = name === "gamma" || name === "beta";
    if (!found || (isRow && found.rows > 1)) refuse(name, isRow ? "not-a-row" : "not-rows", { got: text });
    else {
      changes[name] = found.data;
      if (!isRow) {
        changes.shape = [found.rows, found.columns];
        shapes.push([found.rows, found.columns]);
      }
    }
  }
  const [dy, x] = shapes;
  if (dy && x && dy.join() !== x.join()) {
    refuse("dy", "not-as-many-as-x", { shape: x, got: said.get("dy") as string });
    return undefined;
  }
  if (dims && !dims.includes(undefined)) {
    const shape = dims as number[];
    const count = shape.reduce((all, one) => all * one, 1);
    const array = changes.x ?? changes.dy;
    if (array && array.length !== count) {
      refuse("shape", "not-a-shape", { got: shape.join() });
      return undefined;
    }
    changes.shape = shape;
  }
  const eps = said.get("eps");
  if (eps !== null) {
    const value = readNumber(eps);
    if (value === undefined || value < 0) refuse("eps", "negative-eps", { got: eps });
    else changes.eps = value;
  }
  const ddof = said.get("ddof");
  if (ddof === "0" || ddof === "1") changes.ddof = Number(ddof) as 0 | 1;
  else if (ddof !== null) refuse("ddof", "not-one-of", { names: ["0", "1"], got: ddof });
  return changes;
}

/** Every key that a link may have: web/reference/links.md has a row of each. */
export const kKeys: readonly string[] = [
  ...[
    "v",
    "case",
    "node",
    "cell",
    "mine",
    "minez",
    "deck",
    "slide",
    "shape",
    "x",
    "gamma",
    "beta",
    "dy",
    "eps",
    "ddof",
  ],
  ...[...kNormWays, ...Object.values(ways as Record<string, Way<unknown>>)].map(({ key }) => key),
];

/** Attributes of the element whose key has another name. */
const kAttributes: Readonly<Record<string, string>> = {
  preset: "case",
  notation: "names",
  language: "lang",
};

/** How many unknown keys are named. */
const kMostNamed = 3;

/** A key that the page doesn't know may be a slip, which would otherwise go unnoticed. */
function refuseUnknown(said: URLSearchParams, refuse: Refuse) {
  const unknown = [...new Set(said.keys())].filter((key) => key !== "" && !kKeys.includes(key));
  for (const got of unknown.slice(0, kMostNamed)) {
    const plain = got.toLowerCase().replace(/^amp;/, ""); // of a link that was escaped twice
    const meant = Object.hasOwn(kAttributes, plain)
      ? kAttributes[plain]
      : kKeys.find((key) => key === plain || (key.length > 2 && isTypo(plain, key)));
    refuse("", "unknown-key", { meant, names: ["case", "node", "lens"], got });
  }
}

const kSuchADeck = "Title_,case=notes_,node=x_;Next_,case=iris";

/** The deck in a link, and the number of its slide. */
function readDeck(said: URLSearchParams, refuse: Refuse): Pick<ReadLink, "deck" | "slide"> {
  const [text, number] = [said.get("deck"), said.get("slide")];
  const slides = text === null ? undefined : slidesOf(text);
  if (!slides) {
    if (text !== null || number !== null)
      refuse("deck", "not-a-deck", { names: [kSuchADeck], got: text ?? "" });
    return { deck: undefined, slide: 1 };
  }
  const names = slides.map((_, at) => String(at + 1));
  const isThere = number === null || names.includes(number);
  if (!isThere) refuse("slide", "not-one-of", { names, got: number });
  return { deck: { slides, shared: sharedOf(said) }, slide: isThere ? Number(number ?? 1) : 1 };
}

/** The contents of a fragment, and the errors in it. */
export interface ReadLink {
  choices: Choices;
  kase: CaseLink | undefined;
  /** The reader's own arrays, in one of the two forms; undefined if the link has none. */
  mine: SaidMine | undefined;
  /** The lesson of which the link shows a slide; and which, from 1. */
  deck: Deck | undefined;
  slide: number;
  faults: PageError[];
}

interface ReadingOptions {
  /** The name of what sets a part of the link, such as an attribute. */
  nameOf?: (key: string) => string | undefined;
  /** The most characters. */
  most?: number | undefined;
}

/**
 * Reads a fragment. A missing or wrong part has the value of `otherwise` or the default. `faults` has an error for each
 * wrong part, which names it by its key, or as nameOf does.
 */
export function readLink(
  fragment: string,
  known: Known,
  otherwise: { base: string; selection: Choices["selection"] },
  { nameOf = () => undefined, most = kMostRead }: ReadingOptions = {},
): ReadLink {
  const faults: PageError[] = [];
  const refuse: Refuse = (key, reason, params) =>
    faults.push(new PageError(reason, params, { argument: nameOf(key) ?? { link: key } }));
  const whole = fragment.replace(/^#/, "");
  if (whole.length > most) refuse("", "link-too-long", { most, got: whole.length });
  const link = new URLSearchParams(whole.length > most ? "" : whole);
  const { deck, slide } = readDeck(link, refuse);
  const said = deck ? partsOf(deck, slide) : link;
  function read<Value>(way: Way<Value>): Value {
    const text = said.get(way.key);
    if (text === null) return way.first;
    const found = way.read(text, known);
    if (found === undefined) way.refuse(refuse, text, known);
    return found ?? way.first;
  }
  if (link.has("v")) said.set("v", link.get("v") as string);
  read(oneOf("v", kVersion, () => [kVersion]));
  refuseUnknown(said, refuse);

  let kase: CaseLink | undefined;
  const base = said.get("case");
  if (base !== null && !isPreset(base) && base !== kOwn && !drawOf(base))
    refuse("case", "not-one-of", { names: [...kPresets, "randn:231:4x5", kOwn], got: base });
  else {
    const changes = readChanges(said, refuse);
    if (changes && (base !== null || Object.keys(changes).length > 0))
      kase = { base: base ?? otherwise.base, changes };
  }

  const node = read(oneOf("node", otherwise.selection.node, ({ nodes }) => nodes));
  const place = said.get("cell");
  const [, row, column] = /^([1-9]\d{0,8}),([1-9]\d{0,8})$/.exec(place ?? "") ?? [];
  if (place !== null && row === undefined) refuse("cell", "not-a-cell", { got: place });
  const cell =
    row === undefined ? otherwise.selection.cell : { row: Number(row) - 1, column: Number(column) - 1 };

  const chosen = Object.fromEntries(
    Object.entries(ways as Record<string, Way<unknown>>).map(([name, way]) => [name, read(way)]),
  );
  const [plain, packed] = [said.get("mine") ?? undefined, said.get("minez") ?? undefined];
  const mine = plain === undefined && packed === undefined ? undefined : { plain, packed };
  return { choices: { ...chosen, selection: { node, cell } } as Choices, kase, mine, deck, slide, faults };
}
