import type { NodeId } from "backnorm";

/**
 * The settings of `<backnorm-lab>`, as attributes or as properties of the same names. The element shows a message for each
 * error in them, as for a link.
 */
export interface Asking {
  /** A preset such as "iris", or a random case, "randn:231:4x5". */
  preset?: string | null | undefined;
  /** What the element opens on. Default: the graph. */
  lens?: "graph" | "steps" | "paths" | "closed" | (string & {}) | null | undefined;
  /** The chosen node: "var". */
  node?: NodeId | (string & {}) | null | undefined;
  /** "no-spoiler": an assignment, with verdicts and hints but without the solution. */
  mode?: "no-spoiler" | (string & {}) | null | undefined;
  /** "embed": for small spaces: one lens, the chosen node, and a button that opens the whole page. */
  view?: "embed" | (string & {}) | null | undefined;
  /** Default: Chinese if the host page is in Chinese, otherwise English. */
  language?: "en" | "zh" | (string & {}) | null | undefined;
  /** The symbols of formulas, code and hints. Default: those of the paper by Ioffe & Szegedy. */
  notation?: "paper" | "cs231n" | "kratzert" | "makemore" | "pytorch" | (string & {}) | null | undefined;
  /** Default: the theme of the host page, by its `color-scheme`. */
  theme?: "light" | "dark" | (string & {}) | null | undefined;
  /** In pixels. Default: the height of the content. */
  height?: string | number | null | undefined;
  /** A link of the page, or its fragment. It can set everything; the other attributes override it. */
  link?: string | null | undefined;
  /** The URL of the whole page, for the button that opens it and for shared links. */
  page?: string | null | undefined;
}

/**
 * What a program gives to `<backnorm-lab>` as properties, or a page as attributes with a text. The element shows a message for each
 * error in it. A value with the same contents as the one before changes nothing, unless null came between.
 */
export interface Giving {
  /**
   * A case of your own: `{ x, gamma, beta, dy, eps }`, in nested lists or as typed arrays beside a `shape`, under the names of any
   * program; or a text that has it, as a program prints it. What is missing is filled in, and the page says how.
   */
  case?: Readonly<Record<string, unknown>> | string | null | undefined;
  /** The learner's own arrays by their names: nested lists, typed arrays, results of parseArray, or a text with all of them. */
  mine?: Readonly<Record<string, unknown>> | string | null | undefined;
}

/** What the element tells, also as the events of the same names. */
export interface Telling {
  /** The chosen node and cell; null until the engine has started. */
  readonly selection: LabSelection | null;
  /** The last verdict; null until there is one. */
  readonly verdict: LabVerdict | null;
}

/** The events of `<backnorm-lab>`. They bubble. */
export interface LabEvents {
  /** Another node or cell was chosen. The property `selection` holds the last detail. */
  "backnorm-select": CustomEvent<LabSelection>;
  /** A check has ended. The property `verdict` holds the last detail. */
  "backnorm-verdict": CustomEvent<LabVerdict>;
}

/** `event.detail` of "backnorm-select". Rows and columns count from 0. */
export interface LabSelection {
  /** The chosen node. */
  node: NodeId;
  /** The chosen cell of x, or of an array like it. */
  cell: {
    /** Its row in the grid that the page shows: a sample of batch, group and instance norm, a group of the others. */
    row: number;
    /** Its column in that grid. */
    column: number;
  };
}

/** `event.detail` of "backnorm-verdict", sent when a check ends. */
export interface LabVerdict {
  /** The check of the gradients shown, or of the arrays in Find my mistake. */
  source: "check" | "mine";
  /** fail if any array is wrong; else pass if all are right; else undecidable. */
  verdict: "pass" | "fail" | "undecidable";
  /** The first wrong array: "dvar" for a gradient, "var" for a value; null if nothing is wrong. */
  firstWrong: string | null;
  /** How many of the `given` arrays are right. */
  right: number;
  /** How many arrays were judged. */
  given: number;
}

/** The custom properties that a page's CSS can set on `<backnorm-lab>`. */
export interface LabProperties {
  /** Marks the selection: a colour. */
  "--backnorm-accent"?: string | undefined;
  /** The ground of what is selected: a colour. */
  "--backnorm-accent-wash"?: string | undefined;
  /** The ground between the panels: a colour. */
  "--backnorm-paper"?: string | undefined;
  /** The ground of a panel: a colour. */
  "--backnorm-card"?: string | undefined;
  /** The text: a colour. */
  "--backnorm-ink"?: string | undefined;
  /** Text of less weight, such as labels: a colour. */
  "--backnorm-muted"?: string | undefined;
  /** Borders and rules: a colour. */
  "--backnorm-hairline"?: string | undefined;
  /** The ground of controls and notes: a colour. */
  "--backnorm-wash"?: string | undefined;
  /** Titles and formulas: a font-family. */
  "--backnorm-serif"?: string | undefined;
  /** Text and controls: a font-family. */
  "--backnorm-sans"?: string | undefined;
  /** Numbers and code: a font-family. */
  "--backnorm-mono"?: string | undefined;
}

/** The parts of `<backnorm-lab>`, for a page's CSS: `backnorm-lab::part(stage)`. */
export interface LabParts {
  /** The name, with the choosers and buttons beside it. Not in the small view. */
  header: HTMLElement;
  /** The panel of the open lens. */
  stage: HTMLElement;
  /** The panel of verdicts. */
  check: HTMLElement;
  /** The panel of the chosen node. */
  inspector: HTMLElement;
  /** The panel of the inputs. */
  inputs: HTMLElement;
  /** A tool that unfolds, such as Find my mistake. */
  tool: HTMLElement;
  /** The button of the small view that opens the whole page. */
  whole: HTMLElement;
}
