import type { NodeId } from "../../../src/index.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Moment } from "../../model/moment.ts";

/** The counts that appear in the sentences about the gates. */
export interface Counts {
  rows: number;
  columns: number;
  ddof: 0 | 1;
}

const some = (count: number | "N" | "D", thing: string) => `${count} ${thing}${count === 1 ? "" : "s"}`;
const rowsOf = (count: number) => some(count, "row");

/** The picture of the graph, its gates, and the player that steps through both passes. */
export const graph = ({ labels, code, namesCentred }: Notation) => {
  const { x, gamma, beta, mean, invstd, xhat } = labels;
  const centred = namesCentred ? labels.xc : `(${labels.xc})`;
  const loss = `L = Σ ${code.dy}·${code.y}`;
  return {
    graph: {
      picture: "Computational graph of batch normalization: each node with its value, and its gradient below",
      lanes: { direct: "direct", mean: "through the mean", variance: "through the variance" },
      loss: `${loss}, the loss whose gradient is shown`,
      splits: (node: string, gates: number) =>
        `${node} feeds ${gates} gates; in the backward pass their ${gates} gradients add up`,
      addUp: (gradients: number) => `${gradients} gradients add up`,
      copied: (rows: number) => `copied to ${rowsOf(rows)}`,
      summed: (rows: number) => `Σ over ${rowsOf(rows)}`,
      /** Short forms for small screens. */
      short: {
        copied: (rows: number) => `to ${rowsOf(rows)}`,
        summed: (rows: number) => `Σ ${rowsOf(rows)}`,
      },
      /** Two lines about the gates of a mean; then two about its backward pass. */
      bank: (rows: number | "N", columns: number | "D") => [
        `${some(columns, "sum gate")},`,
        `${some(rows, "input")} each`,
      ],
      bankBack: (rows: number, divisor: number) => [`to ${rowsOf(rows)},`, `÷ ${divisor}`],
      altered: (mistake: string) => `The deliberate mistake is here: ${mistake}.`,
      node: (label: string, words: string, shape: string, standing: string) =>
        `${label}, ${words}, shape ${shape.replace("×", " by ")}, ${standing}`,
      tip: (node: string, value?: string, gradient?: string) =>
        `${node}.${value ? ` Value ${value}${gradient ? `, gradient ${gradient}` : ""} in the chosen cell.` : ""}`,
      nothingYet: "no value or gradient yet",
      noGradient: "no gradient yet",
      checked: (verdict: string) => `gradient check: ${verdict}`,
      standing: (gradient: string, valueIsWrong: boolean, mistake?: string) =>
        `${gradient}${valueIsWrong ? ", value wrong here" : ""}${mistake ? `, deliberate mistake: ${mistake}` : ""}`,
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
        "How its gradient is computed",
        "Local slopes",
        "Status",
      ],
      node: (label: string, words: string) => `${label}, ${words}`,
      shape: (rows: number, columns: number) => `${rows} by ${columns}`,
      all: (labels: readonly string[]) => labels.join(" and "),
      none: "none",
      loss: "the loss",
    },
    gates: {
      inputs: `Only ${x}, ${gamma} and ${beta} are known. Each step computes one value from those before it.`,
      loss: `${loss} is one number. The backward pass computes how it changes with each number before it.`,
      /** One sentence about the gate in front of each node; for an input, about the input. */
      forward: ({ rows, columns, ddof }: Counts): Readonly<Record<NodeId, string>> => {
        const n = rowsOf(rows);
        const bank = `${some(columns, "sum gate")} with ${some(rows, "input")} each`;
        return {
          x: `The batch: ${n}, one example in each.`,
          gamma: "A learned scale for each column.",
          beta: "A learned shift for each column.",
          mean: `Each column is averaged: ${bank}, then a division by ${rows}.`,
          xc: `${mean} is copied to ${n} and subtracted from ${x}.`,
          sq: "Each number is squared.",
          var: `Each column is averaged: ${bank}, then a division by ${rows - ddof}.`,
          std: "ε is added, and the square root is taken.",
          invstd: "The reciprocal is taken, so that the next gate only has to multiply.",
          xhat: `${invstd} is copied to ${n} and multiplied by ${labels.xc}.`,
          scaled: `${gamma} is copied to ${n} and multiplied by ${xhat}.`,
          y: `${beta} is copied to ${n} and added.`,
        };
      },
      /** How the gradient of each node is computed, in one sentence. */
      backward: ({ rows, ddof }: Counts): Readonly<Record<NodeId, string>> => {
        const n = rowsOf(rows);
        return {
          y: `${labels.dy} is given: it comes from the loss.`,
          beta: `${beta} was copied to ${n}, so the rows of ${labels.dy} are summed.`,
          scaled: "An add gate passes its gradient on unchanged.",
          gamma: `${gamma} was copied to ${n}, so the rows of ${labels.dscaled}·${xhat} are summed.`,
          xhat: `${labels.dscaled} times ${gamma}: at a multiply gate, each input’s gradient is scaled by the other input.`,
          invstd: `It was copied to ${n}, so the rows of ${labels.dxhat}·${centred} are summed.`,
          std: `${labels.dinvstd} times the slope of the reciprocal.`,
          var: `${labels.dstd} times the slope of the root.`,
          sq: `A sum copies its gradient: each ${labels.dvar} goes to ${n}, divided by ${rows - ddof}.`,
          xc: `Two gradients add up: one comes from ${xhat}, one from the squares.`,
          mean: `${mean} was copied to ${n}, so the rows of ${labels.dxc} are summed, with a minus sign.`,
          x: `Two gradients add up: ${labels.dxc} unchanged, and ${labels.dmean} copied to ${n} and divided by ${rows}.`,
        };
      },
    },
    moments: {
      /** "backward 7 of 12". */
      name: ({ made, pass, at, of }: Moment) =>
        made === "inputs" ? "inputs only" : `${pass} ${at} of ${of}`,
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
