import type { NodeId } from "../../../src/index.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Moment } from "../../model/moment.ts";

/** What the sentences of the gates count. */
export interface Counts {
  rows: number;
  columns: number;
  ddof: 0 | 1;
}

const some = (count: number | "N" | "D", thing: string) => `${count} ${thing}${count === 1 ? "" : "s"}`;
const rowsOf = (count: number) => some(count, "row");

/** The picture of the graph, what its gates do, and the player that goes through both passes. */
export const graph = ({ labels, code, namesCentred }: Notation) => {
  const { x, gamma, beta, mean, invstd, xhat } = labels;
  const centred = namesCentred ? labels.xc : `(${labels.xc})`;
  const loss = `L = Σ ${code.dy}·${code.y}`;
  return {
    graph: {
      picture:
        "Computational graph of batch normalization: each node with its value and, below, its gradient",
      lanes: { direct: "direct", mean: "through the mean", variance: "through the variance" },
      loss: `${loss}, the loss whose gradient is shown`,
      splits: (node: string, gates: number) =>
        `${node} feeds ${gates} gates; on the way back their ${gates} gradients add up`,
      addUp: (gradients: number) => `${gradients} gradients add up`,
      copied: (rows: number) => `copied to ${rowsOf(rows)}`,
      summed: (rows: number) => `Σ over ${rowsOf(rows)}`,
      /** The same where there is little room. */
      short: {
        copied: (rows: number) => `to ${rowsOf(rows)}`,
        summed: (rows: number) => `Σ ${rowsOf(rows)}`,
      },
      /** Two lines on the gates of a mean; then those of its way back. */
      bank: (rows: number | "N", columns: number | "D") => [
        `${some(columns, "sum gate")},`,
        `${some(rows, "input")} each`,
      ],
      bankBack: (rows: number, divisor: number) => [`to ${rowsOf(rows)},`, `÷ ${divisor}`],
      altered: (mistake: string) => `Altered here on purpose: ${mistake}.`,
      node: (label: string, words: string, shape: string, standing: string) =>
        `${label}, ${words}, shape ${shape.replace("×", " by ")}, ${standing}`,
      tip: (node: string, value?: string, gradient?: string) =>
        `${node}.${value ? ` Value ${value}${gradient ? `, gradient ${gradient}` : ""} in the chosen cell.` : ""}`,
      nothingYet: "neither value nor gradient yet",
      noGradient: "no gradient yet",
      checked: (verdict: string) => `gradient check: ${verdict}`,
      standing: (gradient: string, valueIsWrong: boolean, mistake?: string) =>
        `${gradient}${valueIsWrong ? ", value wrong here" : ""}${mistake ? `, altered on purpose: ${mistake}` : ""}`,
      made: (label: string, sentence: string) => `${label}: ${sentence}`,
      announced: (moment: string, sentence: string) => `${moment}. ${sentence}`,
    },
    graphTable: {
      caption: "The graph as a table, in the order of the forward pass",
      heads: [
        "Node",
        "Shape",
        "Inputs",
        "What its gate does",
        "Feeds",
        "How its gradient comes back",
        "Slopes",
        "Standing",
      ],
      node: (label: string, words: string) => `${label}, ${words}`,
      shape: (rows: number, columns: number) => `${rows} by ${columns}`,
      all: (labels: readonly string[]) => labels.join(" and "),
      none: "none",
      loss: "the loss",
    },
    gates: {
      inputs: `Only ${x}, ${gamma} and ${beta} are there. Each step makes one value of those before it.`,
      loss: `${loss} is one number; the way back tells how each number before it moves it.`,
      /** What the gate in front of a node does, in a sentence; of an input, what it is. */
      forward: ({ rows, columns, ddof }: Counts): Readonly<Record<NodeId, string>> => {
        const n = rowsOf(rows);
        const bank = `${some(columns, "sum gate")} with ${some(rows, "input")} each`;
        return {
          x: `The batch: ${n}, an example each.`,
          gamma: "A scale for each column, learnt.",
          beta: "A shift for each column, learnt.",
          mean: `Each column is averaged: ${bank}, then a division by ${rows}.`,
          xc: `${mean} is copied to ${n} and subtracted from ${x}.`,
          sq: "Each number is squared.",
          var: `Each column is averaged: ${bank}, then a division by ${rows - ddof}.`,
          std: "ε is added, and the square root is taken.",
          invstd: "One is divided by it, so that the next gate has only to multiply.",
          xhat: `${invstd} is copied to ${n} and multiplied by ${labels.xc}.`,
          scaled: `${gamma} is copied to ${n} and multiplied by ${xhat}.`,
          y: `${beta} is copied to ${n} and added.`,
        };
      },
      /** How the gradient of a node comes about, in a sentence. */
      backward: ({ rows, ddof }: Counts): Readonly<Record<NodeId, string>> => {
        const n = rowsOf(rows);
        return {
          y: `${labels.dy} is given: the loss sends it back.`,
          beta: `${beta} was copied to ${n}, so that the rows of ${labels.dy} are summed.`,
          scaled: "An add gate hands its gradient on as it is.",
          gamma: `${gamma} was copied to ${n}, so that the rows of ${labels.dscaled}·${xhat} are summed.`,
          xhat: `${labels.dscaled} times ${gamma}: a multiply gate hands each input the other one.`,
          invstd: `It was copied to ${n}, so that the rows of ${labels.dxhat}·${centred} are summed.`,
          std: `${labels.dinvstd} times the slope of the reciprocal.`,
          var: `${labels.dstd} times the slope of the root.`,
          sq: `What was summed is copied: each ${labels.dvar} goes to ${n}, divided by ${rows - ddof}.`,
          xc: `Two gradients add up: one comes from ${xhat}, one from the squares.`,
          mean: `${mean} was copied to ${n}, so that the rows of ${labels.dxc} are summed, with a minus sign.`,
          x: `Two gradients add up: ${labels.dxc} as it is, and ${labels.dmean} copied to ${n}, divided by ${rows}.`,
        };
      },
    },
    moments: {
      /** "backward 7 of 12". */
      name: ({ made, pass, at, of }: Moment) =>
        made === "inputs" ? "inputs alone" : `${pass} ${at} of ${of}`,
    },
    player: {
      play: "Play",
      pause: "Pause",
      start: "To the inputs",
      back: "Step back",
      step: "Step",
      end: "To the end",
      space: "Space",
      tip: (name: string, key: string) => `${name} (${key})`,
    },
  };
};
