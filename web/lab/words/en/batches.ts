import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";

/** Train and eval. */
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
      full: (count: number) => `${count} batches, as many as there are here`,
      mode: "mode",
      training: "training mode",
      evaluation: "eval mode",
      convention: "convention",
      own: "your own",
      ownWords: "No framework has this by default.",
      /** What others call it and how they compute it. */
      conventions: {
        pytorch: {
          title: "PyTorch",
          words: "momentum 0.1 is the share of the new batch; the variance is taken in by n − 1.",
        },
        cs231n: {
          title: "CS231n, ONNX",
          words:
            "momentum 0.9 is the share of the old value, 0.1 that of the new; the variance is taken in by n.",
        },
        keras: {
          title: "Keras",
          words:
            "momentum 0.99 is the share of the old value, 0.01 that of the new; the variance is taken in by n. ε is 0.001 there.",
        },
        fused: {
          title: "TensorFlow, fused",
          words:
            "as in Keras, but the fused kernel takes the variance in by n − 1, though it normalizes by n. ε is 0.001 there.",
        },
      },
      said: (title: unknown, words: string) => html`${title}: ${words}`,
      momentum: "momentum",
      share: "momentum, the share of the new batch",
      refused: "Expected a number from 0 to 1. The old value stays until then.",
      divisor: "the variance taken in divides by",
      size: "n, rows of a batch",
      /** Of the charts, and of the rows of numbers below them. */
      mean: { title: "Running mean", name: "mean" },
      variance: { title: "Running variance", name: "variance" },
      ofColumn: (column: number) => `of column ${column}`,
      chart: (name: string, column: number, count: number, running: string, all: string) =>
        `running ${name} of column ${column} after ${count} batches: ${running}, of all of ${x}: ${all}`,
      axis: "batches",
      last: "last batch",
      running: "running",
      all: `all of ${x}`,
      off: "running, off by",
      none: "none yet",
      label: (array: string, what: string) => `${array}, ${what}`,
      /** An index: that of running statistics. */
      run: "run",
      key: {
        line: "running value, at first 0 and 1",
        level: `of all of ${x}`,
        dot: "a batch’s own, hollow where it passed in eval mode",
      },
      drawn: (size: number, settles: string) =>
        `Each batch has ${size} rows of ${x}, drawn with replacement. ${settles}`,
      unbiased: `By n − 1, the batches’ variances average to ${variance} of ${x}, and so the line settles around it.`,
      biased: (size: number) =>
        `By n, the batches’ variances average to (n − 1)/n of ${variance} only, here ${size - 1}/${size}, and so the line settles below it.`,
      y: {
        title: `${y} of the batch on this page`,
        words: `the same ${x} through either mode`,
        training: `training mode, by the batch’s ${mean} and ${variance}`,
        evaluation: "eval mode, by the running ones",
      },
      dx: {
        title: `${dx} of either mode`,
        words: `the same ${dy} on its way back`,
        training: "training mode, by three paths",
        evaluation: "eval mode, by one",
      },
      difference: "the second minus the first",
      constants: (column: number, sum: string) =>
        `In eval mode the running mean and variance are constants: moving ${x} does not move them, so that nothing comes back through them, and the direct path alone is left, one factor a column. Each column of ${dx} adds up to 0 in training mode, where shifting ${x} moves no ${y}; in eval mode it does, and column ${column} adds up to ${sum}.`,
    },
  };
};
