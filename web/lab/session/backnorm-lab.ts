import type { NodeId } from "backnorm";

/**
 * What <backnorm-lab> is asked for, by attributes or by properties of the same names. What is wrong in them is a
 * sentence on the element, as it is in a link.
 */
export interface Asking {
  /** A preset such as "iris", or a draw, "randn:231:4x5". */
  preset?: string | null | undefined;
  lens?: "graph" | "steps" | "paths" | "closed" | (string & {}) | null | undefined;
  /** The chosen node: "var". */
  node?: NodeId | (string & {}) | null | undefined;
  /** "no-spoiler": an assignment, with verdicts and hints, and nothing of the solution. */
  mode?: "no-spoiler" | (string & {}) | null | undefined;
  /** "embed": for little room, one lens and the chosen node, and a button that opens the whole. */
  view?: "embed" | (string & {}) | null | undefined;
  /** Where it is not given, Chinese if the text around is, else English. */
  language?: "en" | "zh" | (string & {}) | null | undefined;
  notation?: "paper" | "cs231n" | "kratzert" | "makemore" | "pytorch" | (string & {}) | null | undefined;
  /** Where it is not given, that of the page around, by its `color-scheme`. */
  theme?: "light" | "dark" | (string & {}) | null | undefined;
  /** In pixels; where it is not given, as tall as what is shown. */
  height?: string | number | null | undefined;
  /** A link of the page, or its fragment, which may say everything; the other attributes go before it. */
  link?: string | null | undefined;
  /** The address of the whole page, for the button that opens it and for links to share. */
  page?: string | null | undefined;
}

/** `event.detail` of "backnorm-select": another node or cell was chosen. Rows and columns count from 0. */
export interface LabSelection {
  node: NodeId;
  cell: { row: number; column: number };
}

/** `event.detail` of "backnorm-verdict": a check has ended. */
export interface LabVerdict {
  /** The check of the gradients shown, or of the arrays in Find my mistake. */
  source: "check" | "mine";
  verdict: "pass" | "fail" | "undecidable";
  /** Where it goes wrong first: "dvar" for a gradient, "var" for a value; null if nothing is wrong. */
  firstWrong: string | null;
  /** How many of those `given` are right. */
  right: number;
  given: number;
}
