import type { Notation } from "../../maths/notations.ts";
import type { graph as english } from "../en/graph.ts";

export const graph = ({ labels, code, namesCentred }: Notation): ReturnType<typeof english> => {
  const { x, gamma, beta, mean, invstd, xhat } = labels;
  const centred = namesCentred ? labels.xc : `(${labels.xc})`;
  const loss = `L = Σ ${code.dy}·${code.y}`;
  const copied = (rows: number) => `复制到 ${rows} 行`;
  return {
    graph: {
      picture: "批量归一化的计算图：每个节点上方是它的值，下方是它的梯度",
      lanes: { direct: "直接路径", mean: "经由均值", variance: "经由方差" },
      loss: `损失 ${loss}，图中的梯度都是对它求的`,
      splits: (node, gates) => `${node} 送入 ${gates} 个门；反向时这 ${gates} 路梯度相加`,
      addUp: (gradients) => `${gradients} 路梯度相加`,
      copied,
      summed: (rows) => `对 ${rows} 行求和`,
      short: { copied: (rows) => `复制 ${rows} 份`, summed: (rows) => `Σ ${rows} 行` },
      bank: (rows, columns) => [`${columns} 个求和门`, `各有 ${rows} 个输入`],
      bankBack: (rows, divisor) => [copied(rows), `÷ ${divisor}`],
      altered: (mistake) => `这里故意改错了：${mistake}。`,
      node: (label, words, shape, standing) => `${label}，${words}，形状 ${shape}，${standing}`,
      tip: (node, value, gradient) =>
        `${node}。${value ? `选中格的值为 ${value}${gradient ? `，梯度为 ${gradient}` : ""}。` : ""}`,
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
      shape: (rows, columns) => `${rows}×${columns}`,
      all: (labels) => labels.join("、"),
      none: "无",
      loss: "损失",
    },
    gates: {
      inputs: `此时只有 ${x}、${gamma} 和 ${beta}。每一步都由已有的值算出一个新的值。`,
      loss: `${loss} 是一个数；反向传播求的是：前面每个数变动时，它如何随之变动。`,
      forward: ({ rows, columns, ddof }) => {
        const bank = `${columns} 个求和门，各有 ${rows} 个输入`;
        return {
          x: `输入的一批数据：共 ${rows} 行，每行一个样本。`,
          gamma: "每列一个缩放系数，由训练得到。",
          beta: "每列一个平移量，由训练得到。",
          mean: `每列求平均：${bank}，再除以 ${rows}。`,
          xc: `${mean} ${copied(rows)}，从 ${x} 中减去。`,
          sq: "每个数取平方。",
          var: `每列求平均：${bank}，再除以 ${rows - ddof}。`,
          std: "加上 ε，再开平方。",
          invstd: "取倒数，这样下一个门只需做乘法。",
          xhat: `${invstd} ${copied(rows)}，与 ${labels.xc} 相乘。`,
          scaled: `${gamma} ${copied(rows)}，与 ${xhat} 相乘。`,
          y: `${beta} ${copied(rows)}，再相加。`,
        };
      },
      backward: ({ rows, ddof }) => {
        const wasCopied = `曾${copied(rows)}，`;
        return {
          y: `${labels.dy} 是已知的，由损失传回。`,
          beta: `${beta} ${wasCopied}所以把 ${labels.dy} 的各行相加。`,
          scaled: "加法门把梯度原样传回。",
          gamma: `${gamma} ${wasCopied}所以把 ${labels.dscaled}·${xhat} 的各行相加。`,
          xhat: `${labels.dscaled} 乘以 ${gamma}：乘法门传给每个输入的梯度，要乘以另一个输入。`,
          invstd: `它${wasCopied}所以把 ${labels.dxhat}·${centred} 的各行相加。`,
          std: `${labels.dinvstd} 乘以倒数的导数。`,
          var: `${labels.dstd} 乘以平方根的导数。`,
          sq: `前向求和的，反向就复制：每个 ${labels.dvar} ${copied(rows)}，再除以 ${rows - ddof}。`,
          xc: `两路梯度相加：一路来自 ${xhat}，一路来自平方。`,
          mean: `${mean} ${wasCopied}所以把 ${labels.dxc} 的各行相加，并取负号。`,
          x: `两路梯度相加：${labels.dxc} 原样传来，${labels.dmean} ${copied(rows)}，再除以 ${rows}。`,
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
      space: "空格键",
      tip: (name, key) => `${name}（${key}）`,
    },
  };
};
