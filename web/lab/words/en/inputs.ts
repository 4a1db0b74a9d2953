import type { Notation } from "../../maths/notations.ts";
import { fault } from "./faults.ts";

/** The case and every grid of numbers, and what is said of what can't be taken. */
export const inputs = ({ labels }: Notation) => ({
  inputs: {
    title: "Inputs",
    words: "type over any number, or paste a block, and everything follows",
    history: "History",
    undo: "Undo",
    redo: "Redo",
    byKey: (word: string, key: string) => `${word}, Ctrl+${key}`,
    x: (rows: number, columns: number) => `the batch, ${rows}×${columns}`,
    gamma: "scale",
    beta: "shift",
    dy: "the gradient that comes from above",
  },
  knobs: {
    /** Behind an ε. */
    eps: "added to the variance",
    byPowers: "ε, by powers of ten",
    divisor: "the batch’s variance divides by",
    refused: "Expected a number, 0 or greater. The old value stays until then.",
  },
  matrix: {
    cell: (place: string, value: string, isWrong: boolean) => `${place}: ${value}${isWrong ? ", wrong" : ""}`,
    field: (matrix: string, place: string) => `${matrix}, ${place}`,
    refused: (text: string) => `Expected a finite number such as −1.5 or 2e-3, got ${text}.`,
    notPasted: (fault: string) => `Nothing was pasted: ${fault}.`,
    keep: "Keep the old value",
  },
  /** What to look for in the preset that the page opens with. */
  firstCase: `CS231n’s own test case: every column of ${labels.dx} adds up to 0, since moving a column of ${labels.x} moves no output.`,
  fault,
});
