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
    x: (size: string) => `the batch, ${size}`,
    tensor: (size: string) => `the batch, ${size}: a row for each sample, its channels side by side`,
    gamma: "scale",
    beta: "shift",
    dy: "the upstream gradient",
    norms: {
      title: "Norm",
      groups: "Groups",
      batch: "batch norm",
      layer: "layer norm",
      group: "group norm",
      instance: "instance norm",
      rms: "RMS norm",
    },
    draw: {
      title: "New random numbers, in this shape",
      such: "Two to four whole numbers, such as 4×5",
      act: "Draw",
    },
  },
  knobs: {
    /** Follows an ε. */
    eps: "added to the variance",
    epsOfSquares: "added to the mean of squares",
    byPowers: "ε, by powers of ten",
    divisor: "the batch variance divides by",
    groupDivisor: (size: string) => `the variance of ${size} values divides by`,
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
