import { html } from "lit";
import type { Path } from "../../maths/graph-facts.ts";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { paths as english } from "../en/paths.ts";
import { nouns } from "./nouns.ts";

export const paths = ({ labels }: Notation, setting: Setting): ReturnType<typeof english> => {
  const { group } = nouns(setting);
  const names: Readonly<Record<Path, string>> = {
    direct: "直接路径",
    throughVar: "经方差的路径",
    throughMean: "经均值的路径",
    throughRms: "经均方根的路径",
  };
  const without = (off: readonly Path[]) =>
    `去掉${off
      .map((path) => names[path])
      .join("、")
      .replace(/、([^、]*)$/, "和$1")}`;
  return {
    paths: {
      names,
      leftOut: "已去掉",
      ofGradient: (path, label) => `${label} 的梯度：${path}`,
      theGradient: "梯度",
      gradientOf: (label) => `${label} 的梯度`,
      whatIsLeft: "剩下的部分",
      wrongCells: (wrong, all) => (wrong === all ? "每一格都错了" : `${all} 格中有 ${wrong} 格错了`),
      laws: {
        title: `${labels.dx} 遵守的规律`,
        heading: (dx) => html`${dx} 遵守的规律`,
        aside: "无论数据如何都成立",
        inGroup: (place, is, should) => html`${place}：实为 ${is}，应为 ${should}`,
        holds: "成立",
        broken: (broken, all) => `${all} ${group}中有 ${broken} ${group}不成立`,
        switchOff: "在上方关掉一条路径，看看哪条规律会被破坏。",
        otherwise: (dx) => html`有了这个错误，${dx} 就不再等于各条路径之和。`,
        made: (off, mistake) => html`${without(off)}：这就是错误 ${mistake}，已在整个页面上生效。`,
        makeNone: "撤掉它",
        nothingLeft: (off) => `${without(off)}，就没有任何梯度传回 ${labels.x}。`,
        called: (off, mistake) => html`${without(off)}：这就是错误 ${mistake}。`,
        harmless: "在这个例子上去掉它并不影响结果，因此不会被发现。",
        make: "让它在整个页面上生效",
      },
      mean: {
        title: `${labels.mean} 的梯度：两条路径`,
        heading: (dmean) => html`${dmean} 有两条路径`,
        aside: "第二条的贡献为 0",
        reason: (sumIsZero, place) =>
          html`它带有因子 ${sumIsZero}，因为 ${labels.mean} 就是均值。在${place}：`,
        nothingRounded: (sum) => html`实际算出的和恰好是 ${sum}。`,
        allRounding: (sum, bound) => html`实际算出的和是 ${sum}：全部是舍入误差，其界为 ${bound}。`,
        got: (number, dmean, value) =>
          html`反向传播先乘后加，在这条路径上得到 ${number}：与 ${dmean} = ${value} 相比，只是舍入误差。`,
        gotNone: (dvar) => html`反向传播在这条路径上得不到数，因为 ${dvar} 本身就不是数。`,
      },
    },
  };
};
