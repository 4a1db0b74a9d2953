import { html } from "lit";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { check as english } from "../en/check.ts";
import { nouns } from "./nouns.ts";

export const check = ({ code }: Notation, setting: Setting): ReturnType<typeof english> => {
  const { group, eachGroup, owner } = nouns(setting);
  return {
    verdicts: {
      pass: "通过",
      fail: "未通过",
      inherited: "未通过（连带）",
      undecidable: "无法判定",
      pending: "检查中…",
      unchecked: "未检查",
      wrongHere: "首个错误在此",
    },
    checks: {
      parts: { float32: "float32 对照", sweep: "步长扫描" },
      gradients: "各个梯度，按反向传播的顺序",
      heads: { shape: "形状", off: "偏差", allowed: "允许" },
      endedEarly: "检查提前结束，没有判定任何梯度。",
      again: "重新检查",
      checking: (percent) => `检查中…${percent}%`,
      firstWrong: (gradient) => html`首个错误：${gradient}`,
      valueOf: (symbol) => html`${symbol} 的值`,
      passed: (passed, all, undecidable) =>
        passed === all
          ? `${all} 个梯度全部通过`
          : `${all} 个梯度中有 ${passed} 个通过${undecidable > 0 ? `，${undecidable} 个无法判定` : ""}`,
      forwardValue: "前向传播的值",
      has: (shape) => `实为 ${shape}`,
      aboutFigures: "偏差：与精确导数之差，相对于该梯度中的最大绝对值。允许：舍入误差所能解释的范围。",
      holds: "成立",
      broken: "不成立",
      hidden: () => "这个例子会掩盖某些错误：见图上方的说明。",
      contradiction: "检查程序在这个例子上自相矛盾。",
      survives: (gradient, least, most, isParameter) =>
        html`正负抵消之后，${gradient} 的各${(isParameter ? owner : group).replace("个", "")}还保留 ${least === most ? "" : `${least}% 到 `}${most}%。`,
    },
    inspector: {
      what: (symbol, words, shape) => html`损失对 ${symbol}（${words}）的梯度 · 形状 (${shape})`,
      value: "值",
      gradient: "梯度，由反向传播得出",
      numeric: "梯度，由有限差分得出",
      difference: (power) => `差值${power}`,
      of: (caption, label) => `${label}：${caption}`,
      beingTaken: "正在计算有限差分…",
      unchecked: "未检查。",
      contradiction: "精确导数与有限差分互相矛盾：这是检查程序的问题，不能说明梯度是对是错。",
      pass: "每一格的偏差都在舍入误差所能解释的范围之内。",
      fail: "至少有一格的偏差超出了舍入误差所能解释的范围。",
      inherited: "至少有一格的偏差超出了舍入误差所能解释的范围；不过这一步本身没有错，错误来自前面。",
      undecidable: "结果一致，但这个梯度在此处已相互抵消殆尽，即使算错了，结果也会一致。",
      lost: (tell, all, places, drowns, isParameter) =>
        `${all} ${isParameter ? owner : group}中有 ${tell} ${isParameter ? owner : group}能分辨对错；${places.join("、")}无法判定：${drowns ? "数据的离散程度淹没在均值的舍入误差里" : "舍入误差足以掩盖错误的梯度"}。`,
      otherShape: (is, should) => `返回的形状是 (${is})，应为 (${should})。`,
      cell: "选中格的全部有效数字",
      laws: `${eachGroup}的${setting.norm === "rms" ? "一" : "两"}条规律`,
      inGroup: (place) => place,
      offBy: (off, allowed) => `偏差 ${off}，允许 ${allowed}`,
      ways: { pass: "反向传播", exact: "精确导数", difference: "有限差分" },
      sum: (gradient, sources) =>
        html`${gradient} 是几路梯度之和，分别来自 ${sources.map((source, at) => html`${at > 0 ? " 和 " : ""}${source}`)}`,
      from: (label) => `来自 ${label}`,
    },
    warnings: {
      "few-rows": `只有一两行时，归一化后的值除 eps 的影响外已经固定，${code.dx} 会相互抵消：错的结果也与之一致。请至少取三行。`,
      "constant-dy": `${code.dy} 的各行都相同，所以 ${code.dx} 和 ${code.dgamma} 为 0：错的结果也与之一致。请随机生成 ${code.dy}。`,
      "dy-proportional-to-y": `每一列中 ${code.dy} 都是 ${code.y} 的倍数，损失取 Σ ${code.y}²/2 时就是如此，所以除 eps 的影响外 ${code.dx} 为 0：错的结果也与之一致。请随机生成 ${code.dy}。`,
      "gamma-one": `${code.gamma} 全为 1，漏乘 ${code.gamma} 也看不出来。请随机生成 ${code.gamma}。`,
      square: "行数与列数相等，沿错误的轴求和也会得到正确的形状。请换一个行数。",
    },
  };
};
