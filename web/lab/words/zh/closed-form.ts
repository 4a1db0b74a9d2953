import { html } from "lit";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { closedForm as english } from "../en/closed-form.ts";
import { nouns } from "./nouns.ts";

export const closedForm = ({ labels }: Notation, setting: Setting): ReturnType<typeof english> => {
  const { group, members } = nouns(setting);
  const { norm, size } = setting;
  const isRms = norm === "rms";
  const isBatch = norm === "batch";
  const upstream = isBatch ? labels.dy : labels.dxhat;
  const spread = isRms ? "均方根" : "标准差";
  const fixed = isRms ? `${labels.ms} 不变` : `${labels.mean} 和 ${labels.var} 都不变`;
  const whole = group.replace("个", "");
  const member = members(1).slice(2);
  return {
    closedForm: {
      formula: `${labels.dx} 的闭式，逐个因子`,
      factors: {
        scale: {
          name: "缩放因子",
          words: `假如 ${fixed}，${labels.x} 的变化会以多大比例传给 ${isBatch ? labels.y : labels.xhat}：${isBatch ? labels.gamma : "1"} 除以${spread}。括号里多乘了 ${size}，所以这里还要除以 ${size}。`,
        },
        dy: {
          name: isBatch ? "上游梯度" : `${labels.xhat} 的梯度`,
          words: `直接路径。缩放因子的分母里有 ${size}，所以这里乘以 ${size}。`,
        },
        sumOfDy: {
          name: isBatch ? `整${whole}之和，即 ${labels.dbeta}` : `${labels.dxhat} 的整${whole}之和`,
          words: `经均值的路径。各${member.replace("个", "")}共有的部分被减去，因为均值已把它从 ${labels.x} 中去掉：${labels.dx} 之和为 0。`,
        },
        ratio: {
          name: "修正系数",
          words: `这里方差除以 ${size} − 1，因此经方差的路径所占比重略大。`,
        },
        xhat: {
          name: "归一化后的数据",
          words: isRms
            ? `${labels.x} 改变均方的方向：越大的数，影响越大。`
            : `${labels.x} 改变方差的方向：离均值越远的${member.replace("个", "")}，影响越大。`,
        },
        sumOfDyXhat: {
          name: `${upstream} 在 ${labels.xhat} 方向上的分量${isBatch ? `，即 ${labels.dgamma}` : ""}`,
          words: `经${isRms ? "均方根" : "方差"}的路径。只会把整${whole}拉伸的部分被减去，因为除以${spread}已把它从 ${labels.x} 中去掉。`,
        },
      },
      factorLabel: (name, words) => `${name}：${words}`,
      chosen: "选中的因子",
      inIt: (factor) => `闭式中的因子：${factor}`,
      result: `由闭式算出的 ${labels.dx}`,
      resultHeading: (dx) => html`由闭式算出的 ${dx}`,
      returned: (number) => html`快速内核返回的结果。选中的格：${number}`,
      together: "所有因子合在一起",
      apart: {
        title: "分步结果与闭式相差多少",
        heading: "与分步结果对照",
        notReached: (mistake, dx) => html`错误 ${mistake} 影响不到 ${dx}。`,
        same: (zero, all) => `${all} 格中有 ${zero} 格相差 0 ulp：两个结果每一位都相同。`,
        counted: (zero, all, few, most) =>
          `${all} 格中有 ${zero} 格相差 0 ulp${few ? `，有 ${few.cells} 格不超过 ${few.ulps} ulp` : ""}，最多相差 ${most} ulp`,
        where: (counted, cell) => html`${counted}，在${cell}。`,
        cancels: (size, left) =>
          `那里大到 ${size} 的各项相互抵消，只剩 ${left}：舍入误差留了下来，而 ulp 随剩下的数一起变小。`,
        ulp: "1 ulp 是一个 float64 数到下一个 float64 数的距离。",
        inUlps: "分步 − 闭式，以 ulp 计",
        inUlpsLabel: "分步结果减去闭式结果，以 ulp 计",
        wrong: "分步结果是错的",
        wrongWords: (mistake) => html`闭式是对的；分步的反向传播犯了错误 ${mistake}`,
        otherShape: "，返回的数组形状不对。",
        upTo: (size, cell) => html`：最多相差 ${size}，在${cell}。`,
        difference: "分步 − 闭式",
        differenceLabel: "分步结果减去闭式结果",
      },
      passes: {
        title: "为什么它更快",
        play: "播放",
        closedForm: "闭式",
        staged: "分步",
        count: (count) => `遍历 ${count} 次`,
        why: (dx, staged) => html`闭式只把整批数据遍历两次：一次求两个和，一次求 ${dx}。分步的反向传播要遍历
        ${staged} 次，计算图中每条与 ${labels.x} 一样大的边各一次，还要把每条边传回的结果写入内存。`,
      },
    },
  };
};
