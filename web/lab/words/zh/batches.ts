import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";
import type { batches as english } from "../en/batches.ts";

export const batches = ({ labels }: Notation): ReturnType<typeof english> => {
  const { x, y, mean, var: variance, dx, dy } = labels;
  return {
    batches: {
      play: "播放",
      pause: "暂停",
      step: "单步",
      tenSteps: "10 步",
      reset: "重置",
      count: (count) => `${count} 批`,
      full: (count) => `${count} 批，已到上限`,
      mode: "模式",
      training: "训练模式",
      evaluation: "评估模式",
      convention: "约定",
      own: "自定义",
      ownWords: "没有框架默认采用这种约定。",
      conventions: {
        pytorch: {
          title: "PyTorch",
          words: "momentum 默认为 0.1，是新一批所占的权重；计入的方差除以 n − 1。",
        },
        cs231n: {
          title: "CS231n、ONNX",
          words: "momentum 默认为 0.9，是旧值所占的权重，新一批占 0.1；计入的方差除以 n。",
        },
        keras: {
          title: "Keras",
          words: "momentum 默认为 0.99，是旧值所占的权重，新一批占 0.01；计入的方差除以 n。ε 默认为 0.001。",
        },
        fused: {
          title: "TensorFlow 融合内核",
          words: "与 Keras 相同，只是融合内核计入的方差除以 n − 1，尽管归一化时除以 n。ε 默认为 0.001。",
        },
      },
      said: (title, words) => html`${title}：${words}`,
      momentum: "momentum",
      share: "momentum，新一批所占的权重",
      refused: "应为 0 到 1 之间的数，改正之前沿用原值。",
      divisor: "计入的方差除以",
      size: "n，每批的行数",
      mean: { title: "滑动均值", name: "均值" },
      variance: { title: "滑动方差", name: "方差" },
      ofColumn: (column) => `第 ${column} 列`,
      chart: (name, column, count, running, all) =>
        `${count} 批之后第 ${column} 列的滑动${name}：${running}；整个 ${x} 的${name}：${all}`,
      axis: "批",
      last: "最近一批",
      running: "滑动值",
      all: `整个 ${x}`,
      off: "滑动值的偏差",
      none: "暂无",
      label: (array, what) => `${array}，${what}`,
      run: "滑动",
      key: {
        line: "滑动值，初值为 0 和 1",
        level: `整个 ${x} 的值`,
        dot: "每批自己的值，空心表示该批在评估模式下通过",
      },
      drawn: (size, settles) => `每批从 ${x} 中有放回地抽取 ${size} 行。${settles}`,
      unbiased: `除以 n − 1 时，各批方差平均起来等于 ${x} 的 ${variance}，曲线最终在它附近波动。`,
      biased: (size) =>
        `除以 n 时，各批方差平均起来只有 ${variance} 的 (n − 1)/n，此处为 ${size - 1}/${size}，曲线最终停在它下方。`,
      y: {
        title: `本页这一批数据的 ${y}`,
        words: `同一个 ${x} 分别经过两种模式`,
        training: `训练模式，用这一批的 ${mean} 和 ${variance}`,
        evaluation: "评估模式，用滑动值",
      },
      dx: {
        title: `两种模式的 ${dx}`,
        words: `同一个 ${dy} 反向传回`,
        training: "训练模式，经三条路径",
        evaluation: "评估模式，只经一条",
      },
      difference: "后者减前者",
      constants: (column, sum) =>
        `评估模式下，滑动均值和滑动方差都是常数：${x} 变化时它们不变，所以没有梯度经由它们传回，只剩直接路径，每列乘一个系数。训练模式下 ${dx} 的每一列之和为 0，因为整体平移 ${x} 不改变 ${y}；评估模式下 ${y} 会改变，第 ${column} 列之和为 ${sum}。`,
    },
  };
};
