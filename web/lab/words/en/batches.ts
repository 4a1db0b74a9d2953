import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";

/** Training and eval mode. */
export const batches = ({ labels }: Notation) => {
  const { x, y, mean, var: variance, dx, dy } = labels;
  return {
    batches: {
      play: "Play",
      pause: "Pause",
      step: "Step",
      tenSteps: "10 steps",
      reset: "Reset",
      count: (count: number) => (count === 1 ? "1 batch" : `${count} batches`),
      full: (count: number) => `${count} batches, the maximum`,
      mode: "mode",
      training: "training mode",
      evaluation: "eval mode",
      convention: "convention",
      own: "your own",
      ownWords: "No framework uses this by default.",
      /** What frameworks call it and how they compute it. */
      conventions: {
        pytorch: {
          title: "PyTorch",
          words:
            "momentum 0.1 weighs the new batch. The running variance takes in the unbiased variance, /(n − 1).",
        },
        cs231n: {
          title: "CS231n, ONNX",
          words:
            "momentum 0.9 weighs the old value, so the new batch weighs 0.1. The running variance takes in the population variance, /n.",
        },
        keras: {
          title: "Keras",
          words:
            "momentum 0.99 weighs the old value, so the new batch weighs 0.01. The running variance takes in the population variance, /n. The default ε is 0.001.",
        },
        fused: {
          title: "TensorFlow, fused",
          words:
            "as in Keras, but the running variance takes in the unbiased variance, /(n − 1), although the kernel normalizes by the population variance, /n. The default ε is 0.001.",
        },
      },
      said: (title: unknown, words: string) => html`${title}: ${words}`,
      momentum: "momentum",
      share: "momentum, the weight of the new batch",
      refused: "Expected a number from 0 to 1. The old value is kept for now.",
      divisor: "the running variance divides by",
      size: "n, rows per batch",
      /** For the charts, and for the rows of numbers below them. */
      mean: { title: "Running mean", name: "mean" },
      variance: { title: "Running variance", name: "variance" },
      ofColumn: (column: number) => `of column ${column}`,
      chart: (name: string, column: number, count: number, running: string, all: string) =>
        `running ${name} of column ${column} after ${count} batches: ${running}, over all of ${x}: ${all}`,
      axis: "batches",
      last: "last batch",
      running: "running",
      all: `all of ${x}`,
      off: "running − all",
      none: "none yet",
      label: (array: string, what: string) => `${array}, ${what}`,
      /** The index of running statistics. */
      run: "run",
      key: {
        line: "running value, from 0 for the mean and 1 for the variance",
        level: `over all of ${x}`,
        dot: "value of one batch, hollow in eval mode",
      },
      drawn: (size: number, settles: string) =>
        `Each batch has ${size} rows of ${x}, drawn with replacement. ${settles}`,
      unbiased: `Divided by n − 1, the batch variances average to ${variance} of ${x}, so the line settles around it.`,
      biased: (size: number) =>
        `Divided by n, the batch variances average to only (n − 1)/n of ${variance}, here ${size - 1}/${size}, so the line settles below it.`,
      y: {
        title: `${y} of the batch on this page`,
        words: `the same ${x} in both modes`,
        training: `training mode, with the batch’s ${mean} and ${variance}`,
        evaluation: "eval mode, with the running ones",
      },
      dx: {
        title: `${dx} in both modes`,
        words: `from the same ${dy}`,
        training: "training mode, three paths",
        evaluation: "eval mode, one path",
      },
      difference: "second minus first",
      constants: (column: number, sum: string) =>
        `In eval mode the running mean and variance are constants: they don’t depend on ${x}. No gradient comes back through them, so only the direct path is left, with one factor per column. In training mode each column of ${dx} sums to 0, because adding a constant to a column of ${x} changes no ${y}. In eval mode it changes ${y}, and column ${column} sums to ${sum}.`,
    },
  };
};
