import type { NodeId } from "../src/index.ts";

/** What the sentences below count. */
export interface Counts {
  rows: number;
  columns: number;
  ddof: 0 | 1;
}

const rowsOf = (n: number) => (n === 1 ? "1 row" : `${n} rows`);
const gatesOf = (n: number) => (n === 1 ? "1 sum gate" : `${n} sum gates`);

/** What the gate in front of a node does, in a sentence; of an input, what it is. */
export const forwardWords = ({ rows, columns, ddof }: Counts): Readonly<Record<NodeId, string>> => {
  const n = rowsOf(rows);
  const inputs = rows === 1 ? "1 input" : `${rows} inputs`;
  const bank = `${gatesOf(columns)} with ${inputs} each`;
  return {
    x: `The batch: ${n}, an example each.`,
    gamma: "A scale for each column, learnt.",
    beta: "A shift for each column, learnt.",
    mean: `Each column is averaged: ${bank}, then a division by ${rows}.`,
    xc: `μ is copied to ${n} and subtracted from x.`,
    sq: "Each number is squared.",
    var: `Each column is averaged: ${bank}, then a division by ${rows - ddof}.`,
    std: "ε is added, and the square root is taken.",
    invstd: "One is divided by it, so that the next gate has only to multiply.",
    xhat: `1/√(σ²+ε) is copied to ${n} and multiplied by x − μ.`,
    scaled: `γ is copied to ${n} and multiplied by x̂.`,
    y: `β is copied to ${n} and added.`,
  };
};

/** How the gradient of a node comes about, in a sentence. */
export const backwardWords = ({ rows, ddof }: Counts): Readonly<Record<NodeId, string>> => {
  const n = rowsOf(rows);
  return {
    y: "∂y is given: the loss sends it back.",
    beta: `β was copied to ${n}, so that the rows of ∂y are summed.`,
    scaled: "An add gate hands its gradient on as it is.",
    gamma: `γ was copied to ${n}, so that the rows of ∂(γx̂)·x̂ are summed.`,
    xhat: "∂(γx̂) times γ: a multiply gate hands each input the other one.",
    invstd: `It was copied to ${n}, so that the rows of ∂x̂·(x − μ) are summed.`,
    std: "∂(1/√(σ²+ε)) times the slope of the reciprocal.",
    var: "∂√(σ²+ε) times the slope of the root.",
    sq: `What was summed is copied: each ∂σ² goes to ${n}, divided by ${rows - ddof}.`,
    xc: "Two gradients add up: one comes from x̂, one from the squares.",
    mean: `μ was copied to ${n}, so that the rows of ∂(x − μ) are summed, with a minus sign.`,
    x: `Two gradients add up: ∂(x − μ) as it is, and ∂μ copied to ${n}, divided by ${rows}.`,
  };
};

export const kInputWords = "Only x, γ and β are there. Each step makes one value of those before it.";
export const kLossWords = "L = Σ dy·y is one number; the way back tells how each number before it moves it.";
