import type { NodeId } from "../src/index.ts";
import type { Lens } from "./lenses.ts";
import { kEnd } from "./moment.ts";
import { quote } from "./numbers.ts";
import type { Selection } from "./selection.ts";

/** What a link says: `#v=1&case=iris&node=var&cell=1,2&lens=paths&mistake=no-gamma&moment=b7`, rows and columns from 1. */
export interface Link {
  kase: string;
  selection: Selection;
  lens: Lens;
  /** The id of the mistake that is made; "" if none is. */
  mistake: string;
  /** The id of the moment that the graph shows. */
  moment: string;
}

const kVersion = "1";

export function writeLink({ kase, selection: { node, cell }, lens, mistake, moment }: Link): string {
  const place = `node=${node}&cell=${cell.row + 1},${cell.column + 1}`;
  const through = lens === "graph" ? "" : `&lens=${lens}`;
  const made = mistake ? `&mistake=${encodeURIComponent(mistake)}` : "";
  const then = moment === kEnd ? "" : `&moment=${moment}`;
  return `#v=${kVersion}&case=${encodeURIComponent(kase)}&${place}${through}${made}${then}`;
}

/** All of a short list; of a long one enough to see what it is about. */
const listOf = (values: readonly string[]) =>
  values.length > 14
    ? `one of ${values.length}, such as ${values.slice(0, 3).join(", ")}`
    : values.join(", ");

/**
 * Reads a fragment. What it does not say stays as in `otherwise`; what it says wrong does too, and `faults`
 * has a sentence about it.
 */
export function readLink(
  fragment: string,
  known: {
    cases: readonly string[];
    nodes: readonly NodeId[];
    lenses: readonly Lens[];
    mistakes: readonly string[];
    moments: readonly string[];
  },
  otherwise: Link,
): Link & { faults: string[] } {
  const said = new URLSearchParams(fragment.replace(/^#/, "").slice(0, 2000));
  const faults: string[] = [];
  function oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const text = said.get(name);
    if (text === null) return fallback;
    const found = values.find((value) => value === text);
    if (found === undefined)
      faults.push(`The link’s ${name}: expected ${listOf(values)}, got ${quote(text)}.`);
    return found ?? fallback;
  }
  oneOf("v", [kVersion], kVersion);
  const kase = oneOf("case", known.cases, otherwise.kase);
  const mistake = said.has("mistake") ? oneOf("mistake", known.mistakes, otherwise.mistake) : "";
  const lens = said.has("lens") ? oneOf("lens", known.lenses, otherwise.lens) : "graph";
  const moment = said.has("moment") ? oneOf("moment", known.moments, otherwise.moment) : kEnd;
  const node = oneOf("node", known.nodes, otherwise.selection.node);
  const text = said.get("cell");
  const digits = text?.match(/^([1-9]\d{0,8}),([1-9]\d{0,8})$/);
  if (text !== null && !digits)
    faults.push(`The link’s cell: expected a row and a column such as 1,2, got ${quote(text)}.`);
  const cell = digits
    ? { row: Number(digits[1]) - 1, column: Number(digits[2]) - 1 }
    : otherwise.selection.cell;
  return { kase, selection: { node, cell }, lens, mistake, moment, faults };
}
