import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";
import type { tour as english } from "../en/tour.ts";
import { whole } from "../whole.ts";

export const tour = ({ labels }: Notation): ReturnType<typeof english> => ({
  tour: {
    name: "导览",
    back: "上一步",
    next: "下一步",
    again: "再看一次",
    scenes: "各步",
    scene: (at, of) => `第 ${at} 步，共 ${of} 步`,
    scenesByName: {
      claim: "批量归一化的反向传播",
      column: "只看一列数",
      sum: "为什么会出现求和",
      mean: "通向均值的两条路径，其中一条为 0",
      paths: "三条路径相加",
      nudge: "轻轻推一个数",
      code: "在你的代码里找到它",
    },
    claim: {
      title: (claim) => html`求导很简单：${whole(claim, "。")}真的吗？`,
      means: (dx, fraction, loss, x, dy) =>
        html`${dx} 指 ${whole(fraction, "：")}${x} 变化时，损失 ${loss} 变化得有多快。${dy} 也这样读。`,
      byFormula: "按这个公式",
      measured: "实测",
      act: "测一测",
      first: "把每个数都稍微动一动，看损失变化多少。",
      said: (wrong, all) =>
        `${wrong === all ? `${all} 个数全都不对` : `${all} 个数中有 ${wrong} 个不对`}。公式漏掉了什么？`,
    },
    column: {
      title: (x, xhat) => html`每个 ${x} 只影响它自己的 ${whole(xhat, "。")}对吗？`,
      act: "移动第一个数",
      move: (x) => html`移动 ${x}`,
      less: "减 1",
      more: "加 1",
      first: (x) => html`这是一列数的前向计算。移动 ${whole(x, "，")}看最后一栏怎么变。`,
      said: (moved, all, x, mean, std) =>
        html`${moved === all ? `${all} 个全都变了` : `${all} 个中有 ${moved} 个变了`}。${x} 既参与 ${whole(mean, "，")}也参与 ${whole(std, "，")}而每一行都用到这两者。`,
    },
    sum: {
      title: (beta) => html`${beta} 只是一个数，所以只有一个梯度传回来。`,
      copied: (rows) => `复制到 ${rows} 行`,
      back: "求和",
      act: "把梯度传回来",
      forward: "回到前向",
      first: (rows, beta) => html`前向时，${rows} 行中的每一行都加上 ${whole(beta, "。")}传回来的会是什么？`,
      said: (rows, beta) => html`传回来 ${rows} 个梯度，${beta} 的每份复制各一个。前向复制，反向就求和。`,
    },
    mean: {
      title: (mean, variance, dmean) =>
        html`${mean} 还会影响 ${whole(variance, "，")}所以 ${dmean} 少不了第二项。`,
      first: `经过 ${labels.xhat}`,
      second: "经过方差",
      act: "移动支点",
      said: (mean, product) =>
        html`第二项是 0：到 ${mean} 的各段距离正好抵消，其他因子是多少都一样。${product}`,
      moved: (from, total) => html`以 ${from} 为支点，距离之和是 ${total}。只有以均值为支点，和才是 0。`,
    },
    paths: {
      title: (dx) => html`算 ${dx} 时少一条路径，没人看得出来。真的吗？`,
      names: { direct: "直接", throughVar: "经过方差", throughMean: "经过均值" },
      left: "剩下的",
      holds: "成立",
      broken: "不成立",
      act: "关掉一条路径试试。",
      whole: (xhat) => html`把整列平移或拉伸，${xhat} 都不变，所以这两个和都是 0。`,
      said: (broken) =>
        broken === 1
          ? "有一个和不再是 0：少了经过均值的路径，是第一个；少了经过方差的路径，是第二个。"
          : "两个和都不再是 0。",
      unseen: "在这一列里，这条路径不起作用；在别的列里就不同了。",
    },
    nudge: {
      title: (dx, slope, x, step, loss, change) =>
        html`${dx} = ${slope} 是一个承诺：${x} 移动 ${step}，${loss} 就变化 ${change}。`,
      choose: (row, value) => `第 ${row} 行：${value}`,
      moved: (loss) => html`${loss} 实际变化`,
      naive: "简单公式的预测",
      right: "正确",
      wrong: "错误",
      act: (x, step) => html`把 ${x} 移动 ${step}`,
      back: (x) => html`把 ${x} 移回去`,
      first: "任选这一列中的一个数，检验这个承诺。",
      said: "这就是有限差分。它不需要导数，所以能检查任何导数。",
    },
    code: {
      title: (dx) => html`${dx} 错了，但看不出是哪一行错了。`,
      right: "正确",
      wrong: "第一个错的数组",
      act: "用另一个程序试试",
      said: "沿反向逐个比较数组：第一个错的数组出自哪一行，就该改哪一行。然后可以粘贴你自己的数组。",
    },
  },
});
