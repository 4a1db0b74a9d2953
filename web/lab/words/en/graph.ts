import { html } from "lit";
import type { AnyNodeId } from "../../maths/graph-facts.ts";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Moment } from "../../model/moment.ts";
import { nouns, some } from "./nouns.ts";

/** The counts that appear in the sentences about the gates. */
export interface Counts {
  /** The rows of the grid of x. */
  rows: number;
  /** How many groups share statistics, and how many values are in each. */
  groups: number;
  size: number;
  /** How many values use one parameter. */
  copies: number;
  ddof: 0 | 1;
}

/** The picture of the graph, its gates, and the player that steps through both passes. */
export const graph = ({ labels, code, namesCentred }: Notation, setting: Setting) => {
  const { x, gamma, beta, mean, invstd, xhat } = labels;
  const { norm, unitOffset } = setting;
  const { group, eachGroup, owner, members, copies, membersOf, copiesOf } = nouns(setting);
  const isRms = norm === "rms";
  const centred = isRms ? x : namesCentred ? labels.xc : `(${labels.xc})`;
  const loss = `L = Σ ${code.dy}·${code.y}`;
  const scale = unitOffset ? `1 + ${gamma}` : gamma;
  return {
    graph: {
      picture: `Computational graph of ${norm === "rms" ? "RMS" : norm} normalization: each node with its value, and its gradient below`,
      lanes: {
        direct: "direct",
        mean: "through the mean",
        variance: "through the variance",
        rms: "through the root mean square",
      },
      loss: `${loss}, the loss whose gradient is shown`,
      splits: (node: string, gates: number) =>
        `${node} feeds ${gates} gates; in the backward pass their ${gates} gradients add up`,
      addUp: (gradients: number) => `${gradients} gradients add up`,
      /** Of a statistic, or of a parameter. */
      copied: (count: number, isParameter: boolean) =>
        `copied to ${isParameter ? copies(count) : members(count)}`,
      summed: (count: number, isParameter: boolean) =>
        `Σ over ${isParameter ? copies(count) : members(count)}`,
      /** Short forms for small screens. */
      short: {
        copied: (count: number, isParameter: boolean) => `to ${isParameter ? copies(count) : members(count)}`,
        summed: (count: number, isParameter: boolean) => `Σ ${isParameter ? copies(count) : members(count)}`,
      },
      /** Two lines about the gates of a mean; then two about its backward pass. */
      bank: (inputs: number | string, gates: number | string) => [
        `${some(gates, "sum gate")},`,
        `${some(inputs, "input")} each`,
      ],
      bankBack: (count: number, divisor: number) => [`to ${members(count)},`, `÷ ${divisor}`],
      altered: (mistake: string) => `The deliberate mistake is here: ${mistake}.`,
      node: (label: string, words: string, shape: string, standing: string) =>
        `${label}, ${words}, shape ${shape.replaceAll("×", " by ")}, ${standing}`,
      tip: (node: string, value?: string, gradient?: string) =>
        `${node}.${value ? ` Value ${value}${gradient ? `, gradient ${gradient}` : ""} in the chosen cell.` : ""}`,
      /** The arithmetic of the chosen gate in one cell. */
      opened: {
        title: (label: string, place: string) => `The gate of ${label} with its numbers, ${place}`,
        forward: (place: string) => `forward, ${place}`,
        backTo: (symbol: unknown) => html`back to ${symbol}`,
      },
      changes: "Underlined for a moment: by how much each number has changed.",
      editTip: "Double-click a number to change it.",
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
      shape: (shape: string) => shape.replaceAll("×", " by "),
      all: (labels: readonly string[]) => labels.join(" and "),
      none: "none",
      loss: "the loss",
    },
    gates: {
      inputs: `Only ${[x, gamma, ...(isRms ? [] : [beta])].join(", ").replace(/, ([^,]*)$/, " and $1")} are known. Each step computes one value from those before it.`,
      loss: `${loss} is one number. The backward pass computes how it changes with each number before it.`,
      /** One sentence about the gate in front of each node; for an input, about the input. */
      forward: ({ rows, groups, size, copies: count, ddof }: Counts): Readonly<Record<AnyNodeId, string>> => {
        const bank = `${some(groups, "sum gate")} with ${some(size, "input")} each`;
        const averaged = `${eachGroup.replace("e", "E")} is averaged: ${bank}, then a division by`;
        return {
          x: `The batch: ${some(rows, "row")}, one example in each.`,
          gamma: `A learned scale for each ${owner}.`,
          beta: `A learned shift for each ${owner}.`,
          mean: `${averaged} ${size}.`,
          xc: `${mean} is copied to ${members(size)} and subtracted from ${x}.`,
          sq: "Each number is squared.",
          var: `${averaged} ${size - ddof}.`,
          std: "ε is added, and the square root is taken.",
          invstd: "The reciprocal is taken, so that the next gate only has to multiply.",
          ms: `${averaged} ${size}. No mean was subtracted before.`,
          rms: "ε is added, and the square root is taken.",
          invrms: "The reciprocal is taken, so that the next gate only has to multiply.",
          xhat: `${isRms ? labels.invrms : invstd} is copied to ${members(size)} and multiplied by ${isRms ? x : labels.xc}.`,
          scaled: `${gamma} is copied to ${copies(count)} and multiplied by ${xhat}.`,
          y: `${isRms ? scale : beta} is copied to ${copies(count)} and ${isRms ? `multiplied by ${xhat}` : "added"}.`,
        };
      },
      /** How the gradient of each node is computed, in one sentence. */
      backward: ({ size, copies: count, ddof }: Counts): Readonly<Record<AnyNodeId, string>> => {
        const before = isRms ? labels.dy : labels.dscaled;
        const copied = `was copied to ${members(size)}, so`;
        return {
          y: `${labels.dy} is given: it comes from the loss.`,
          beta: `${beta} was copied to ${copies(count)}, so ${copiesOf(labels.dy)} are summed.`,
          scaled: "An add gate passes its gradient on unchanged.",
          gamma: `${gamma} was copied to ${copies(count)}, so ${copiesOf(`${before}·${xhat}`)} are summed.`,
          xhat: `${before} times ${scale}: at a multiply gate, each input’s gradient is scaled by the other input.`,
          invstd: `It ${copied} ${membersOf(`${labels.dxhat}·${centred}`)} are summed.`,
          std: `${labels.dinvstd} times the slope of the reciprocal.`,
          var: `${labels.dstd} times the slope of the root.`,
          invrms: `It ${copied} ${membersOf(`${labels.dxhat}·${x}`)} are summed.`,
          rms: `${labels.dinvrms} times the slope of the reciprocal.`,
          ms: `${labels.drms} times the slope of the root.`,
          sq: `A sum copies its gradient: each ${isRms ? labels.dms : labels.dvar} goes to ${members(size)}, divided by ${size - (isRms ? 0 : ddof)}.`,
          xc: `Two gradients add up: one comes from ${xhat}, one from the squares.`,
          mean: `${mean} ${copied} ${membersOf(labels.dxc)} are summed, with a minus sign.`,
          x: isRms
            ? `Two gradients add up: one comes from ${xhat}, one from the squares of the ${group}.`
            : `Two gradients add up: ${labels.dxc} unchanged, and ${labels.dmean} copied to ${members(size)} and divided by ${size}.`,
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
      speed: (times: number) => `${times === 0.5 ? "½" : times}×, speed of play`,
      space: "Space",
      tip: (name: string, key: string) => `${name} (${key})`,
    },
  };
};
