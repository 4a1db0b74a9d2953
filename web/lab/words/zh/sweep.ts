import { html } from "lit";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { sweep as english, ToldError } from "../en/sweep.ts";
import { nouns } from "./nouns.ts";

const digits = (count: number) =>
  count === Infinity ? "全部有效数字" : count === 0 ? "不到 1 位有效数字" : ` ${count} 位有效数字`;

const told = (kind: string, error: ToldError | undefined, isWorse = false) =>
  error
    ? `${kind} 差分的误差${isWorse ? "大到" : "为"} ${error.size}${error.isLost ? "，没有一位数字是对的" : ""}`
    : `${kind} 中这样的步长不足以改变每个值`;

export const sweep = (_: Notation, setting: Setting): ReturnType<typeof english> => {
  const { group } = nouns(setting);
  return {
    sweep: {
      title: (gradient) => html`${gradient} 的步长扫描`,
      inGroup: (place, all) => `，${place}（共 ${all} ${group}）`,
      tooLarge: (values, shape) =>
        `每换一个步长，扫描都要逐一改动 ${values} 个数，页面会停住很久。请选择形状为 (${shape}) 的梯度。`,
      failed: (fault) => `${fault}。`,
      ownSteps: "检查自己采用的步长",
      plot: "有限差分的误差随步长的变化",
      error: "误差",
      step: "步长 h",
      axis: "步长 h",
      truncation: "截断误差 ",
      rounding: "舍入误差 ",
      open: (step) => `h = ${step} 的差分还没有算出。`,
      at: (step, float64, float32, isWorse) =>
        `h = ${step} 时，${float64 ? "与精确导数相比，" : ""}${told("float64", float64)}；${told("float32", float32, isWorse)}。`,
      linear: "损失在这里是线性的，没有截断误差：步长越大越好。",
      truncationRules: "此处以截断误差为主：步长缩小到十分之一，误差缩小到百分之一。",
      roundingRules: "此处以舍入误差为主：步长再小，误差反而更大。",
      range: (least, most) => (least === most ? least : `${least} 到 ${most}`),
      own: (steps, error, isMistaken) =>
        `检查为每个值各选一个步长，此处为 ${steps}${error ? `，误差至多 ${error}` : ""}。${
          isMistaken ? "扫描针对的是正确的反向传播，不受所犯错误的影响。" : ""
        }`,
      progress: (done, all) => `第 ${done} 步，共 ${all} 步…`,
    },
    float32: {
      failed: (fault) => `这个例子无法用 float32 检查。${fault}。`,
      checking: (percent) => `正在用 float32 检查…${percent}%`,
      mark: (verdict) => `float32：${verdict}`,
      keeps: (gradient, wide, narrow, isUndecidable) => {
        const kept = `${wide === undefined ? "" : `float64 保留${digits(wide)}，`}float32 保留${digits(narrow)}`;
        const why = "用 float32 无法判定：舍入误差所能解释的比它本身还大。";
        return html`${gradient}：${kept}。${isUndecidable ? why : ""}`;
      },
      summary: (verdicts) => `float32：${verdicts}。`,
      about: "输入先舍入到 float32，再把 float32 的梯度与同样输入下的精确导数比较。图标是 float32 的判定。",
    },
  };
};
