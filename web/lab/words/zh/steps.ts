import { html } from "lit";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { steps as english } from "../en/steps.ts";
import { nouns } from "./nouns.ts";

const off = (size: string, below: boolean) => `比精确导数${below ? "小" : "大"} ${size}`;

export const steps = (_: Notation, setting: Setting): ReturnType<typeof english> => {
  const { members, copies } = nouns(setting);
  return {
    steps: {
      step: "步骤",
      chosen: (label) => `${label} 的梯度`,
      inCell: (cell) => `代入${cell}`,
      fromLoss: "这是损失传回的上游梯度，无需推导；各步推导都从它开始。",
      onTheWay: (gradient, step) => html`这是求 ${gradient}（${step}）途中的一个门。`,
      stepAt: (at) => `第 ${at} 步`,
      derivation: {
        ways: (count) => (count > 1 ? `它如何影响损失：${count} 条路` : "它如何影响损失"),
        slopes: "局部导数",
        chain: "链式法则",
        whySum: "为什么要求和",
        whyTerms: "为什么几项相加",
        whyNone: "为什么不求和",
        copied: (label, count, isParameter) =>
          `${label} 的每个数都曾复制到 ${isParameter ? copies(count) : members(count)}：沿各个副本传回的要相加。`,
        once: (label) => `${label} 的每个数在一条路上只用一次，所以无需求和。`,
        several: (count) => `有 ${count} 条路通向损失，所以 ${count} 项相加。`,
        result: "代入局部导数",
        short: (whole, sign) => html`（${sign} 是 ${whole} 的简写）`,
        whyZero: "这一项为什么是 0？",
        lineByLine: "逐行推导",
        next: "下一行",
        all: "显示全部",
        lines: (shown, all) => `第 ${shown}/${all} 行`,
        question: {
          title: "先猜一猜",
          shape: (gradient) => html`${gradient} 是什么形状？`,
          sameShape: "梯度与它的值形状相同。",
          sign: (gradient, place) => html`${gradient} 在${place}是什么符号？`,
          answered: (isRight, right, because) => `${isRight ? "对" : "不对"}：${right}。${because}`,
        },
      },
      madeOf: "用到的数组",
      gradientOf: (label) => `${label} 的梯度`,
      inFormula: (array) => `公式中的 ${array}`,
      whole: (place, count, isParameter) =>
        `${place}，${count === 1 ? "仅一个数" : `全部 ${isParameter ? copies(count) : members(count)}`}`,
      regrouped: (x, shape) => `这里先把各通道分到所属的组：${x} = ${x}.reshape(${shape})。`,
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
  };
};
