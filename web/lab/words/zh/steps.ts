import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";
import type { steps as english } from "../en/steps.ts";

const off = (size: string, below: boolean) => `比精确导数${below ? "小" : "大"} ${size}`;

export const steps = (_: Notation): ReturnType<typeof english> => ({
  steps: {
    step: "步骤",
    chosen: (label) => `${label} 的梯度`,
    inCell: (cell) => `代入${cell}`,
    fromLoss: "这是损失传回的上游梯度，无需推导；六步推导都从它开始。",
    onTheWay: (gradient, step) => html`这是求 ${gradient}（${step}）途中的一个门。`,
    stepAt: (at) => `第 ${at} 步`,
    madeOf: "用到的数组",
    gradientOf: (label) => `${label} 的梯度`,
    inFormula: (array) => `公式中的 ${array}`,
    wholeColumn: (column, rows) => `第 ${column} 列，${rows === 1 ? "仅一个数" : `全部 ${rows} 行`}`,
    given: "已知",
    beingTaken: "正在计算有限差分…",
  },
  derivatives: {
    caption: "选中格的导数，三种算法对照",
    drawn: (span) => `；图以精确导数为中心，左右各 ${span}`,
    exact: "精确导数",
    pass: "反向传播",
    difference: "有限差分",
    everyDigit: "每一位都相同",
    offBy: (size) => `相差 ${size}`,
    sentences: (...all) => all.join(""),
    differenceIsExact: (bar) => `有限差分与精确导数相等，其误差界为 ${bar}。`,
    differenceWithin: (size, below, bar) => `有限差分${off(size, below)}，在误差界 ${bar} 之内。`,
    differenceBeyond: (size, below, bar) => `有限差分${off(size, below)}，超出了误差界 ${bar}。`,
    passIsExact: "反向传播的结果与精确导数每一位都相同。",
    passWithin: (size, below, bound) => `反向传播的结果${off(size, below)}，未超过舍入误差的界 ${bound}。`,
    passBeyond: (size, below, times) =>
      `反向传播的结果${off(size, below)}${times ? `，是舍入误差界的 ${times} 倍` : ""}。`,
  },
});
