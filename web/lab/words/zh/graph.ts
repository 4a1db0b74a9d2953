import { html } from "lit";
import type { Norm } from "../../../src/index.ts";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { graph as english } from "../en/graph.ts";
import { nouns } from "./nouns.ts";

const kNorms: Readonly<Record<Norm, string>> = {
  batch: "批量",
  layer: "层",
  group: "组",
  instance: "实例",
  rms: " RMS ",
};

export const graph = (
  { labels, code, namesCentred }: Notation,
  setting: Setting,
): ReturnType<typeof english> => {
  const { x, gamma, beta, mean, invstd, xhat } = labels;
  const { norm, unitOffset } = setting;
  const { eachGroup, group, owner, members, copies, membersOf, copiesOf } = nouns(setting);
  const isRms = norm === "rms";
  const centred = isRms ? x : namesCentred ? labels.xc : `(${labels.xc})`;
  const loss = `L = Σ ${code.dy}·${code.y}`;
  const scale = unitOffset ? `1 + ${gamma}` : gamma;
  const copied = (count: number, isParameter: boolean) =>
    `复制到 ${isParameter ? copies(count) : members(count)}`;
  return {
    graph: {
      picture: `${kNorms[norm]}归一化的计算图：每个节点上方是它的值，下方是它的梯度`.trim(),
      lanes: { direct: "直接路径", mean: "经由均值", variance: "经由方差", rms: "经由均方根" },
      loss: `损失 ${loss}，图中的梯度都是对它求的`,
      splits: (node, gates) => `${node} 送入 ${gates} 个门；反向时这 ${gates} 路梯度相加`,
      addUp: (gradients) => `${gradients} 路梯度相加`,
      copied,
      summed: (count, isParameter) => `对 ${isParameter ? copies(count) : members(count)}求和`,
      short: {
        copied: (count) => `复制 ${count} 份`,
        summed: (count, isParameter) => `Σ ${isParameter ? copies(count) : members(count)}`,
      },
      bank: (inputs, gates) => [`${gates} 个求和门`, `各有 ${inputs} 个输入`],
      bankBack: (count, divisor) => [copied(count, false), `÷ ${divisor}`],
      altered: (mistake) => `这里故意改错了：${mistake}。`,
      node: (label, words, shape, standing) => `${label}，${words}，形状 ${shape}，${standing}`,
      tip: (node, value, gradient) =>
        `${node}。${value ? `选中格的值为 ${value}${gradient ? `，梯度为 ${gradient}` : ""}。` : ""}`,
      opened: {
        title: (label, place) => `${label} 的门，代入${place}的数`,
        forward: (place) => `前向，${place}`,
        backTo: (symbol) => html`传回 ${symbol}`,
      },
      changes: "带下划线的数字暂时显示改动了多少。",
      editTip: "双击数字即可修改。",
      nothingYet: "值和梯度都还没有算出",
      noGradient: "梯度还没有算出",
      checked: (verdict) => `梯度检查：${verdict}`,
      standing: (gradient, valueIsWrong, mistake) =>
        `${gradient}${valueIsWrong ? "，值在这里出错" : ""}${mistake ? `，故意改错：${mistake}` : ""}`,
      made: (label, sentence) => `${label}：${sentence}`,
      announced: (moment, sentence) => `${moment}。${sentence}`,
    },
    graphTable: {
      caption: "计算图的表格形式，按前向传播的顺序",
      heads: ["节点", "形状", "输入", "门的作用", "送往", "梯度如何传回", "局部导数", "状态"],
      node: (label, words) => `${label}，${words}`,
      shape: (shape) => shape,
      all: (labels) => labels.join("、"),
      none: "无",
      loss: "损失",
    },
    gates: {
      inputs: `此时只有 ${isRms ? `${x} 和 ${gamma}` : `${x}、${gamma} 和 ${beta}`}。每一步都由已有的值算出一个新的值。`,
      loss: `${loss} 是一个数；反向传播求的是：前面每个数变动时，它如何随之变动。`,
      forward: ({ rows, groups, size, copies: count, ddof }) => {
        const averaged = `${eachGroup}求平均：${groups} 个求和门，各有 ${size} 个输入，再除以`;
        return {
          x: `输入的一批数据：共 ${rows} 行，每行一个样本。`,
          gamma: `每${owner}一个缩放系数，由训练得到。`,
          beta: `每${owner}一个平移量，由训练得到。`,
          mean: `${averaged} ${size}。`,
          xc: `${mean} ${copied(size, false)}，从 ${x} 中减去。`,
          sq: "每个数取平方。",
          var: `${averaged} ${size - ddof}。`,
          std: "加上 ε，再开平方。",
          invstd: "取倒数，这样下一个门只需做乘法。",
          ms: `${averaged} ${size}。之前没有减去均值。`,
          rms: "加上 ε，再开平方。",
          invrms: "取倒数，这样下一个门只需做乘法。",
          xhat: `${isRms ? labels.invrms : invstd} ${copied(size, false)}，与 ${isRms ? x : labels.xc} 相乘。`,
          scaled: `${gamma} ${copied(count, true)}，与 ${xhat} 相乘。`,
          y: `${isRms ? scale : beta} ${copied(count, true)}，${isRms ? `与 ${xhat} 相乘` : "再相加"}。`,
        };
      },
      backward: ({ size, copies: count, ddof }) => {
        const before = isRms ? labels.dy : labels.dscaled;
        const wasCopied = `曾${copied(size, false)}，所以把 `;
        return {
          y: `${labels.dy} 是已知的，由损失传回。`,
          beta: `${beta} 曾${copied(count, true)}，所以把 ${copiesOf(labels.dy)}相加。`,
          scaled: "加法门把梯度原样传回。",
          gamma: `${gamma} 曾${copied(count, true)}，所以把 ${copiesOf(`${before}·${xhat}`)}相加。`,
          xhat: `${before} 乘以 ${scale}：乘法门传给每个输入的梯度，要乘以另一个输入。`,
          invstd: `它${wasCopied}${membersOf(`${labels.dxhat}·${centred}`)}相加。`,
          std: `${labels.dinvstd} 乘以倒数的导数。`,
          var: `${labels.dstd} 乘以平方根的导数。`,
          invrms: `它${wasCopied}${membersOf(`${labels.dxhat}·${x}`)}相加。`,
          rms: `${labels.dinvrms} 乘以倒数的导数。`,
          ms: `${labels.drms} 乘以平方根的导数。`,
          sq: `前向求和的，反向就复制：每个 ${isRms ? labels.dms : labels.dvar} ${copied(size, false)}，再除以 ${size - (isRms ? 0 : ddof)}。`,
          xc: `两路梯度相加：一路来自 ${xhat}，一路来自平方。`,
          mean: `${mean} ${wasCopied}${membersOf(labels.dxc)}相加，并取负号。`,
          x: isRms
            ? `两路梯度相加：一路来自 ${xhat}，一路来自这${group}的平方。`
            : `两路梯度相加：${labels.dxc} 原样传来，${labels.dmean} ${copied(size, false)}，再除以 ${size}。`,
        };
      },
    },
    moments: {
      name: ({ made, pass, at, of }) =>
        made === "inputs" ? "只有输入" : `${pass === "forward" ? "前向" : "反向"}第 ${at}/${of} 步`,
    },
    player: {
      play: "播放",
      pause: "暂停",
      start: "回到输入",
      back: "后退一步",
      step: "前进一步",
      end: "直到结束",
      speed: (times) => `${times === 0.5 ? "½" : times}×，播放速度`,
      space: "空格键",
      tip: (name, key) => `${name}（${key}）`,
    },
  };
};
