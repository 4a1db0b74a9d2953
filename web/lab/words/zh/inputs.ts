import type { Notation } from "../../maths/notations.ts";
import type { inputs as english } from "../en/inputs.ts";
import { fault } from "./faults.ts";

export const inputs = ({ labels }: Notation): ReturnType<typeof english> => ({
  inputs: {
    title: "输入",
    words: "改动任何一个数，粘贴一块数据、更大的 x 或整个算例，其余随之更新",
    history: "历史",
    undo: "撤销",
    redo: "重做",
    byKey: (word, key) => `${word}（Ctrl+${key}）`,
    x: (size) => `一批数据，${size}`,
    tensor: (size) => `一批数据，${size}，每个样本一行`,
    gamma: "缩放",
    beta: "平移",
    dy: "上游梯度",
    norms: {
      title: "归一化",
      groups: "组数",
      batch: "批归一化",
      layer: "层归一化",
      group: "组归一化",
      instance: "实例归一化",
      rms: "RMS 归一化",
    },
    draw: { title: "新的随机数，形状为", such: "两到四个正整数，例如 4×5", act: "产生" },
  },
  knobs: {
    eps: "加在方差上",
    epsOfSquares: "加在平方的均值上",
    byPowers: "ε，按 10 的幂调节",
    divisor: "批方差除以",
    groupDivisor: (size) => `${size} 个值的方差除以`,
    refused: "应为不小于 0 的数，改正之前沿用原值。",
  },
  matrix: {
    cell: (place, value, isWrong) => `${place}：${value}${isWrong ? "，有误" : ""}`,
    field: (matrix, place) => `${matrix}，${place}`,
    refused: (text) => `应为有限的数，例如 −1.5 或 2e-3，实为${text}。`,
    notPasted: (fault) => `未粘贴：${fault}。`,
    keep: "保留原值",
  },
  firstCase: `CS231n 自带的测试例：${labels.dx} 的每一列之和都为 0，因为把 ${labels.x} 的一列整体平移，输出不变。`,
  fault,
});
