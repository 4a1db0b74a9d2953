import type { NodeId } from "../src/index.ts";
import { quote } from "./numbers.ts";
import type { Selection } from "./selection.ts";

/** What a link says: `#v=1&case=iris&node=var&cell=1,2`, rows and columns from 1. */
export interface Link {
  kase: string;
  selection: Selection;
}

const kVersion = "1";

export function writeLink({ kase, selection: { node, cell } }: Link): string {
  return `#v=${kVersion}&case=${encodeURIComponent(kase)}&node=${node}&cell=${cell.row + 1},${cell.column + 1}`;
}

/**
 * Reads a fragment. What it does not say stays as in `otherwise`; what it says wrong does too, and `faults`
 * has a sentence about it.
 */
export function readLink(
  fragment: string,
  known: { cases: readonly string[]; nodes: readonly NodeId[] },
  otherwise: Link,
): Link & { faults: string[] } {
  const said = new URLSearchParams(fragment.replace(/^#/, "").slice(0, 2000));
  const faults: string[] = [];
  function oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const text = said.get(name);
    if (text === null) return fallback;
    const found = values.find((value) => value === text);
    if (found === undefined)
      faults.push(`The link’s ${name}: expected ${values.join(", ")}, got ${quote(text)}.`);
    return found ?? fallback;
  }
  oneOf("v", [kVersion], kVersion);
  const kase = oneOf("case", known.cases, otherwise.kase);
  const node = oneOf("node", known.nodes, otherwise.selection.node);
  const text = said.get("cell");
  const digits = text?.match(/^([1-9]\d{0,8}),([1-9]\d{0,8})$/);
  if (text !== null && !digits)
    faults.push(`The link’s cell: expected a row and a column such as 1,2, got ${quote(text)}.`);
  const cell = digits
    ? { row: Number(digits[1]) - 1, column: Number(digits[2]) - 1 }
    : otherwise.selection.cell;
  return { kase, selection: { node, cell }, faults };
}
