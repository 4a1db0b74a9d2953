import { html } from "lit";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";

import { nouns } from "./nouns.ts";

const side = (below: boolean) => (below ? "below" : "above");

export const steps = (_: Notation, setting: Setting) => {
  const { members, copies } = nouns(setting);
  return {
    steps: {
      /** Before the number of a step. */
      step: "Step",
      chosen: (label: string) => `The gradient of ${label}`,
      inCell: (cell: string) => `In ${cell}`,
      /** About a gradient that is not one of the steps. */
      fromLoss: "This gradient comes from the loss, so there is nothing to derive. The steps begin with it.",
      onTheWay: (gradient: unknown, step: unknown) => html`This gate is on the way to ${gradient}, ${step}.`,
      stepAt: (at: number) => `step ${at}`,
      /** How a gradient is derived, line by line. */
      derivation: {
        ways: (count: number) =>
          count > 1 ? `How it reaches the loss: ${count} ways` : "How it reaches the loss",
        slopes: "The local slopes",
        chain: "The chain rule",
        whySum: "Why a sum",
        whyTerms: "Why terms add up",
        whyNone: "Why no sum",
        /** Of a number that is used often. */
        copied: (label: string, count: number, isParameter: boolean) =>
          `Each number of ${label} was copied to ${isParameter ? copies(count) : members(count)}: what comes back along the copies is summed.`,
        once: (label: string) => `Each number of ${label} is used once on a way, so there is nothing to sum.`,
        several: (count: number) => `There are ${count} ways to the loss, so ${count} terms add up.`,
        result: "With the slopes put in",
        short: (whole: unknown, sign: unknown) => html`(${sign} is short for ${whole})`,
        whyZero: "Why is this term 0?",
        lineByLine: "Line by line",
        next: "Next line",
        all: "Show all lines",
        lines: (shown: number, all: number) => `line ${shown} of ${all}`,
        question: {
          title: "Predict",
          shape: (gradient: unknown) => html`Which shape does ${gradient} have?`,
          sameShape: "A gradient has the shape of its value.",
          sign: (gradient: unknown, place: string) => html`Which sign does ${gradient} have in ${place}?`,
          answered: (isRight: boolean, right: string, because: string) =>
            `${isRight ? "Right" : "No"}: ${right}. ${because}`.trim(),
        },
      },
      madeOf: "Computed from",
      gradientOf: (label: string) => `gradient of ${label}`,
      inFormula: (array: string) => `${array}, in the formula`,
      /** The values that are summed into a statistic, or into a parameter. */
      whole: (place: string, count: number, isParameter: boolean) =>
        `${place}, ${count === 1 ? "its one number" : `all ${isParameter ? copies(count) : members(count)}`}`,
      /** Of group norm: the shape in which the lines of code see the batch. */
      regrouped: (x: string, shape: string) =>
        `Here the channels are divided into their groups first: ${x} = ${x}.reshape(${shape}).`,
      /** In a comment of a program, about an array that is given. */
      given: "given",
      beingTaken: "Computing the finite differences …",
    },
    derivatives: {
      caption: "The chosen cell, computed in three ways",
      drawn: (span: string) => `, drawn ± ${span} around the exact derivative`,
      exact: "exact derivative",
      pass: "backward pass",
      difference: "finite difference",
      everyDigit: "every digit",
      offBy: (size: string) => `off by ${size}`,
      sentences: (...all: string[]) => all.join(" "),
      /** `below`: whether it lies below the exact derivative. */
      differenceIsExact: (bar: string) =>
        `The finite difference is the exact derivative; its error bar is ${bar}.`,
      differenceWithin: (size: string, below: boolean, bar: string) =>
        `The finite difference lies ${size} ${side(below)} the exact derivative, within its error bar of ${bar}.`,
      differenceBeyond: (size: string, below: boolean, bar: string) =>
        `The finite difference lies ${size} ${side(below)} the exact derivative, beyond its error bar of ${bar}.`,
      passIsExact: "The backward pass agrees with it in every digit.",
      passWithin: (size: string, below: boolean, bound: string) =>
        `The backward pass lies ${size} ${side(below)} it; rounding explains up to ${bound}.`,
      /** `times`: the ratio to the error that rounding explains; undefined where rounding explains none. */
      passBeyond: (size: string, below: boolean, times: string | undefined) =>
        `The backward pass lies ${size} ${side(below)} it${times ? `, ${times} times what rounding explains` : ""}.`,
    },
  };
};
