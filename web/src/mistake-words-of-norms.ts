import type { WrittenMistake } from "./words.ts";

/**
 * The mistakes that batch norm's passes can't have. Arrays are in braces, and what depends on the norm in double ones; N
 * samples, C channels, K groups.
 */
export const normMistakeWords = {
  "per-sample-dgamma": {
    title: { en: "{dgamma} and {dbeta} not summed over samples", zh: "{dgamma} 与 {dbeta} 没有对样本求和" },
    explanation: {
      en: "{dgamma} and {dbeta} are summed over positions only, to (N, C); the sum over samples is missing.",
      zh: "{dgamma} 与 {dbeta} 只对位置求和，形状是 (N, C)；还应对样本求和。",
    },
    hint: {
      en: "One {gamma} serves a channel in every sample: how many numbers should its gradient have?",
      zh: "一个 {gamma} 由所有样本的同一通道共用：它的梯度应是几个数？",
    },
  },
  "no-rms-path": {
    title: { en: "Path through {rms} left out", zh: "漏了经过 {rms} 的路径" },
    explanation: {
      en: "{dx} leaves out the path through {rms}: 2·{x}·{dsq} is not added.",
      zh: "{dx} 漏了经过 {rms} 的路径：没有加上 2·{x}·{dsq}。",
    },
    hint: {
      en: "How many ways lead from {x} to the loss?",
      zh: "从 {x} 到损失有几条路？",
    },
  },
  "gamma-factored-out": {
    title: { en: "{{scale}} factored out of the closed form", zh: "把 {{scale}} 提到了闭式公式之外" },
    explanation: {
      en: "{dx} is {{scale}} times the closed form for {dy}, as in batch norm; here {{scale}} varies within a sum: {dxhat} = {dy}·{{scale}} comes first.",
      zh: "{dx} 像批归一化那样，是 {{scale}} 乘以 {dy} 的闭式公式；这里 {{scale}} 在一次求和中并不相同：应先算 {dxhat} = {dy}·{{scale}}。",
    },
    hint: {
      en: "Set all of {gamma} to 1: is the error gone?",
      zh: "令 {gamma} 全为 1：误差消失了吗？",
    },
  },
  "gamma-outside-means": {
    title: { en: "{{scale}} left out of the sums over a {{group}}", zh: "对{{whole}}求和时漏乘 {{scale}}" },
    explanation: {
      en: "The sums over a {{group}} take {dy}, where {dxhat} = {dy}·{{scale}} belongs: {{scale}} varies within a sum.",
      zh: "对{{whole}}求和时用的是 {dy}；应为 {dxhat} = {dy}·{{scale}}：{{scale}} 在一次求和中并不相同。",
    },
    hint: {
      en: "Set {dy} to 1 and double one {gamma}: should a sum over a {{group}} change?",
      zh: "令 {dy} 全为 1，把一个 {gamma} 加倍：对{{whole}}的求和应随之变化吗？",
    },
  },
  "samples-in-mean-path": {
    title: { en: "N in place of D in the mean path", zh: "均值路径误用 N 代替 D" },
    explanation: {
      en: "The mean path divides by the samples N, where the features D belong: {dmean}/D.",
      zh: "均值路径除以了样本数 N；应除以特征数 D：{dmean}/D。",
    },
    hint: {
      en: "Over how many values is {mean} an average?",
      zh: "{mean} 是多少个值的平均？",
    },
  },
  "samples-in-variance-path": {
    title: { en: "N in place of D in the {{variancePath}}", zh: "{{variancePath}}误用 N 代替 D" },
    explanation: {
      en: "{dsq} divides {dvar} by the samples N, where the features D belong.",
      zh: "{dsq} 把 {dvar} 除以了样本数 N；应除以特征数 D。",
    },
    hint: {
      en: "Over how many values is {var} an average?",
      zh: "{var} 是多少个值的平均？",
    },
  },
  "samples-for-features": {
    title: { en: "N in place of D in both paths", zh: "两条路径都误用 N 代替 D" },
    explanation: {
      en: "Both paths divide by the samples N, where the features D belong.",
      zh: "两条路径都除以了样本数 N；应除以特征数 D。",
    },
    hint: {
      en: "Append a sample: may {dx} of the others change?",
      zh: "添加一个样本：其他样本的 {dx} 可以变吗？",
    },
  },
  "all-channels-divisor": {
    title: { en: "C·H·W in place of C/K·H·W in both paths", zh: "两条路径都误用 C·H·W 代替 C/K·H·W" },
    explanation: {
      en: "Both paths divide by all C·H·W values of a sample, where the C/K·H·W of a group belong.",
      zh: "两条路径都除以了一个样本的 C·H·W 个值；应除以一组的 C/K·H·W。",
    },
    hint: {
      en: "How many values of a sample share one {mean}?",
      zh: "一个样本中有多少个值共用一个 {mean}？",
    },
  },
  "positions-divisor": {
    title: { en: "H·W in place of C/K·H·W in both paths", zh: "两条路径都误用 H·W 代替 C/K·H·W" },
    explanation: {
      en: "Both paths divide by the H·W positions, where the C/K·H·W values of a group belong.",
      zh: "两条路径都除以了 H·W 个位置；应除以一组的 C/K·H·W 个值。",
    },
    hint: {
      en: "Does a group have one channel or several?",
      zh: "一组有一个通道，还是多个？",
    },
  },
  "batch-divisor": {
    title: { en: "N·H·W in place of H·W in both paths", zh: "两条路径都误用 N·H·W 代替 H·W" },
    explanation: {
      en: "Both paths divide by N·H·W, as in batch norm, where the H·W positions of one sample belong.",
      zh: "两条路径都像批归一化那样除以了 N·H·W；应除以单个样本的 H·W。",
    },
    hint: {
      en: "Double the batch by appending a copy: may {dx} of the first half change?",
      zh: "把批复制一份接在后面：前一半的 {dx} 可以变吗？",
    },
  },
  "layer-backward": {
    title: { en: "Mean path of layer norm", zh: "多了层归一化的均值路径" },
    explanation: {
      en: "{dx} has a mean path, as in layer norm; RMS norm has no mean.",
      zh: "{dx} 像层归一化那样有均值路径；RMS 归一化没有均值。",
    },
    hint: {
      en: "Sum {dx} over a row: does anything ask for 0?",
      zh: "把一行 {dx} 相加：有什么要求它为 0 吗？",
    },
  },
  "over-the-batch": {
    title: { en: "Statistics over the batch", zh: "在整批上计算统计量" },
    explanation: {
      en: "Statistics are taken over the batch, as batch norm does; each sample has its own.",
      zh: "统计量像批归一化那样在整批上计算；每个样本应有自己的统计量。",
    },
    hint: {
      en: "Change one sample alone: may {y} of another sample change?",
      zh: "只改一个样本：其他样本的 {y} 可以变吗？",
    },
  },
  "over-the-sample": {
    title: { en: "Statistics over the whole sample", zh: "在整个样本上计算统计量" },
    explanation: {
      en: "Statistics are taken over the whole sample; here only a part of it shares them.",
      zh: "统计量在整个样本上计算；这里应只由样本的一部分共用。",
    },
    hint: {
      en: "Count the statistics: how many does each sample have, and how many should it have?",
      zh: "数一数统计量：每个样本有几个？应有几个？",
    },
  },
  "interleaved-groups": {
    title: { en: "Interleaved groups", zh: "各组的通道交错" },
    explanation: {
      en: "Channel c is in group c mod K; a group's channels lie side by side: ⌊c·K/C⌋.",
      zh: "通道 c 被分到第 c mod K 组；同组的通道应相邻：⌊c·K/C⌋。",
    },
    hint: {
      en: "Which channels share a mean: list them for the first group.",
      zh: "哪些通道共用一个均值？写出第一组的通道。",
    },
  },
  "wrong-reshape": {
    title: { en: "C/K groups of K channels", zh: "分成了 C/K 组，每组 K 个通道" },
    explanation: {
      en: "There are C/K groups of K channels, where K groups of C/K channels belong.",
      zh: "分成了 C/K 组，每组 K 个通道；应分成 K 组，每组 C/K 个通道。",
    },
    hint: {
      en: "Print the shape of {mean}: which number belongs in its second place?",
      zh: "打印 {mean} 的形状：第二维应是几？",
    },
  },
  "gamma-along-samples": {
    title: { en: "{gamma} taken by sample", zh: "{gamma} 按样本取用" },
    explanation: {
      en: "{gamma} is taken by sample, as after a transpose; each feature has its own {gamma}.",
      zh: "{gamma} 按样本取用，如同转置之后；应是每个特征一个 {gamma}。",
    },
    hint: {
      en: "Take a batch with N ≠ D: does the program still run?",
      zh: "取一批 N ≠ D 的数据：程序还能运行吗？",
    },
  },
  "gamma-per-group": {
    title: { en: "{gamma} and {beta} taken by group", zh: "{gamma} 和 {beta} 按组取用" },
    explanation: {
      en: "{gamma} and {beta} are taken by group; each channel has its own.",
      zh: "{gamma} 和 {beta} 按组取用；应是每个通道各一个。",
    },
    hint: {
      en: "How many values does {gamma} have, and how many of them does your {y} use?",
      zh: "{gamma} 有几个值？你的 {y} 用到了几个？",
    },
  },
  "no-keepdims": {
    title: { en: "keepdims left out", zh: "漏了 keepdims" },
    explanation: {
      en: "Statistics have shape (N), not (N, 1): as N = D, they broadcast along the features, and feature d reads those of sample d.",
      zh: "统计量的形状是 (N)，应为 (N, 1)：因为 N = D，它们沿特征广播，第 d 个特征用到的是第 d 个样本的统计量。",
    },
    hint: {
      en: "Print the shapes of {x} and of your statistics: which axes line up?",
      zh: "打印 {x} 和统计量的形状：哪些轴对齐了？",
    },
  },
  "annotated-transformer": {
    title: { en: "{std} of the Annotated Transformer", zh: "Annotated Transformer 的 {std}" },
    explanation: {
      en: "{std} divides by D − 1 and adds eps outside the root, as the Annotated Transformer does: √({var} + eps) with D belongs.",
      zh: "{std} 像 Annotated Transformer 那样除以 D − 1，并把 eps 加在根号外；应除以 D，为 √({var} + eps)。",
    },
    hint: {
      en: "Which variance does torch.std take by default?",
      zh: "torch.std 默认算的是哪种方差？",
    },
  },
  "mean-subtracted": {
    title: { en: "Mean subtracted, as in layer norm", zh: "像层归一化那样减去了均值" },
    explanation: {
      en: "The mean is taken off {x}, as in layer norm; RMS norm takes {x} as it is.",
      zh: "像层归一化那样减去了均值；RMS 归一化应直接使用 {x}。",
    },
    hint: {
      en: "Add 1 to every {x}: should {y} stay as it is?",
      zh: "给所有 {x} 加 1：{y} 应保持不变吗？",
    },
  },
  "variance-for-ms": {
    title: { en: "Variance in place of the mean of squares", zh: "用方差代替了均方" },
    explanation: {
      en: "{ms} is the variance of {x}, where the mean of {x}² belongs.",
      zh: "{ms} 用的是 {x} 的方差；应为 {x}² 的平均。",
    },
    hint: {
      en: "Take the row 10, 10, 10: what is its {ms}?",
      zh: "取一行 10、10、10：它的 {ms} 是多少？",
    },
  },
  "sum-of-squares": {
    title: { en: "Sum in place of the mean of squares", zh: "平方和没有取平均" },
    explanation: {
      en: "{ms} is the sum of {x}², where their mean belongs.",
      zh: "{ms} 是 {x}² 的和；应取平均。",
    },
    hint: {
      en: "Double the number of features by appending a copy: may {ms} change?",
      zh: "把特征复制一份接在后面：{ms} 可以变吗？",
    },
  },
  "unit-offset": {
    title: { en: "1 + {gamma} in place of {gamma}", zh: "误用 1 + {gamma} 代替 {gamma}" },
    explanation: {
      en: "{xhat} is multiplied by 1 + {gamma}, where {gamma} belongs.",
      zh: "{xhat} 乘的是 1 + {gamma}；应乘 {gamma}。",
    },
    hint: {
      en: "Set {gamma} to 0: what should {y} be?",
      zh: "令 {gamma} = 0：{y} 应是什么？",
    },
  },
  "no-unit-offset": {
    title: { en: "{gamma} in place of 1 + {gamma}", zh: "误用 {gamma} 代替 1 + {gamma}" },
    explanation: {
      en: "{xhat} is multiplied by {gamma}, where 1 + {gamma} belongs.",
      zh: "{xhat} 乘的是 {gamma}；应乘 1 + {gamma}。",
    },
    hint: {
      en: "With all of {gamma} 0, should {y} be 0 or {xhat}?",
      zh: "当 {gamma} 全为 0 时，{y} 应是 0 还是 {xhat}？",
    },
  },
} as const satisfies Readonly<Record<string, WrittenMistake>>;
