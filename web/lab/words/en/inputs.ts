import type { Notation } from "../../maths/notations.ts";
import { fault } from "./faults.ts";

/** The case, every grid of numbers, and the messages about input that is refused. */
export const inputs = ({ labels }: Notation) => ({
  inputs: {
    title: "Inputs",
    words: "edit any number, paste a block, a larger x or a whole case: everything is recomputed",
    history: "History",
    undo: "Undo",
    redo: "Redo",
    byKey: (word: string, key: string) => `${word}, Ctrl+${key}`,
    x: (rows: number, columns: number) => `the batch, ${rows}×${columns}`,
    gamma: "scale",
    beta: "shift",
    dy: "the upstream gradient",
    draw: { title: "new random numbers, rows × columns", rows: "Rows", columns: "Columns", act: "Draw" },
  },
  knobs: {
    /** Follows an ε. */
    eps: "added to the variance",
    byPowers: "ε, by powers of ten",
    divisor: "the batch variance divides by",
    refused: "Expected a number that is 0 or greater. The old value is kept for now.",
  },
  matrix: {
    cell: (place: string, value: string, isWrong: boolean) => `${place}: ${value}${isWrong ? ", wrong" : ""}`,
    field: (matrix: string, place: string) => `${matrix}, ${place}`,
    refused: (text: string) => `Expected a finite number such as −1.5 or 2e-3, got ${text}.`,
    notPasted: (fault: string) => `Nothing was pasted: ${fault}.`,
    keep: "Keep the old value",
  },
  /** About the preset that the page opens with. */
  firstCase: `CS231n’s own test case. Every column of ${labels.dx} sums to 0, because adding a constant to a column of ${labels.x} changes no output.`,
  fault,
});
