import { quote } from "../../base/numbers.ts";
import type { Notation } from "../../maths/notations.ts";
import type { files as english } from "../en/files.ts";
import { inputs } from "./inputs.ts";

export const files = (notation: Notation): ReturnType<typeof english> => {
  const { x, gamma, mean, var: variance, xhat, dx, dsq, dy } = notation.labels;
  return {
    files: {
      holds: (file, what) => `${file && `${file}: `}${what.join("；")}。`,
      refused: (file, fault) => `${file}: ${fault}。该文件已略去。`,
      input: (name, part, size) =>
        `${name && name !== part && !size ? `${quote(name)} 当作 ` : ""}${part}${size ? `，${size}` : ""}`,
      own: (names) => `${names.join("、")} 归入“找出我的错误”`,
      left: (names) =>
        names.some(Boolean)
          ? `名称未知，已略去：${names.map((name) => quote(name)).join("、")}`
          : "没有名称，已略去",
      plain: (names) =>
        `未给出 ${names.join("、")}，所以 ${names.map((name) => `${name} 取 ${name === "gamma" ? 1 : 0}`).join("，")}。`,
      drawn: (shape) => `未给出 dy，由随机数产生：np.random.seed(0)，然后 np.random.randn(${shape})。`,
      usualEps: "eps 取 1e-5。",
      assignment: (names) =>
        `作业的算例保持不变。${names.length > 0 ? `与它对照的有：${names.join("、")}。` : "没有任何改动。"}`,
      kept: (names) => `保持不变：${names.join("、")}。`,
    },
    presets: {
      cs231n: inputs(notation).firstCase,
      cs231nAlt: `CS231n 对闭式的测试：共有 100 行，经过均值和经过方差的路径带给 ${dx} 的，各只有直接路径的十分之一。`,
      makemore: `makemore 的方差除以 N − 1，所以 ${dsq} 中出现的是 1/31 而不是 1/32：若反向传播用的是 N，此处会差 3%。`,
      notes: `讲义中的 N×D，全部取整数：${mean} = 10, 4, 2，${variance} = 25, 1, 9，ε = 0，推导的每一行都可以手算。`,
      iris: `150 朵鸢尾花的四种尺寸，单位为厘米：${xhat} 的第 3、4 列中，前五十朵同属一种，都低于均值。`,
      digits: `20 个手写数字经过 8 个隐藏单元：凡是后面的 ReLU 关闭之处，${dy} 都为 0，而 ${dx} 不为 0，因为均值和方差把每一行的梯度分给了所有行。`,
      largeMean: `${x} 在一百万上下，波动只有 1，float32 在这里的间距是 1/16；即使用 float64，有限差分的十六位数字也只剩六位左右。`,
      constantChannel: `第 3 列是常数，根号下只剩 ε：该列的 ${xhat} 为 0，又因为 1/√ε 等于 316，${dx} 是 ${gamma}·(${dy} − 其均值) 的 316 倍。`,
      twoRows: `只有两行时，无论 ${x} 取什么值，${xhat} 都是 −1 和 +1：${dx} 几乎为零，剩下的部分来自 ε，检查也就得不出结论。`,
      layernorm: `CS231n 的层归一化算例：每一行各有自己的均值和方差，每一列各有自己的 ${gamma} 和 ${notation.labels.beta}。`,
      groupnorm: `CS231n 的组归一化算例：每个样本的六个通道分成两组，每组三个通道共用均值和方差。`,
      spatial: `CS231n 的图像批归一化算例：每个通道在所有样本和位置上共用一个均值和一个方差。`,
      tokens: `六幅图像的 RMS 归一化，每幅八个隐藏单元。这里没有均值，所以回到 ${x} 的路径少了一条。`,
    },
  };
};
