import { normMistakeWords } from "./mistake-words-of-norms.ts";
import type { MistakeRow } from "./mistakes.ts";
import {
  type MistakeWords,
  type Setting,
  saidOf,
  settingOf,
  type Words,
  type WrittenMistake,
} from "./words.ts";

export { named, plain, type Words } from "./words.ts";

/** A known mistake in a backward pass. `trace` and `gradcheck` can apply it, and `diagnose` can name it. */
export interface Mistake extends MistakeRow, MistakeWords {}

/**
 * The mistakes in the passes of batch norm and others, in the order of cpp/src/mistakes.cpp. Arrays are in braces, and
 * what depends on the norm in double ones; m = N − ddof divides the variance.
 */
export const mistakeWords = {
  // The gradient of the loss.
  "dy-ones": {
    title: { en: "Ones in place of {dy}", zh: "用全 1 代替了 {dy}" },
    explanation: {
      en: "The backward pass starts from ones, where {dy} = ∂L/∂{y}, the gradient from above, belongs.",
      zh: "反向传播从全 1 出发；起点应是上游梯度 {dy} = ∂L/∂{y}。",
    },
    hint: {
      en: "Double {dy}: which gradients should double with it, and do yours?",
      zh: "把 {dy} 加倍：哪些梯度应随之加倍？你的结果是这样吗？",
    },
  },
  "divided-by-n-again": {
    title: { en: "{dy} divided by N on entry", zh: "一开始就把 {dy} 除以了 N" },
    explanation: {
      en: "{dy} is divided by N on entry; {dy} itself belongs there: a loss that averages has divided it.",
      zh: "反向传播一开始就把 {dy} 除以 N；应直接使用 {dy}，损失若取平均，1/N 已在其中。",
    },
    hint: {
      en: "All gradients are off by the same factor: which array do they all come from?",
      zh: "所有梯度都差同一个倍数：它们共同来自哪个数组？",
    },
  },

  // dbeta and dgamma.
  swapped: {
    title: { en: "{dgamma} and {dbeta} swapped", zh: "{dgamma} 与 {dbeta} 互换了" },
    explanation: {
      en: "{dgamma} and {dbeta} are returned in each other's place: {dgamma} = Σ {dy}·{xhat} and {dbeta} = Σ {dy}.",
      zh: "返回时 {dgamma} 与 {dbeta} 互换了：应为 {dgamma} = Σ {dy}·{xhat}，{dbeta} = Σ {dy}。",
    },
    hint: {
      en: "Change {x} and keep {dy}: which parameter's gradient may change, and which may not?",
      zh: "只改 {x}，{dy} 不变：哪个参数的梯度可以变，哪个不可以？",
    },
  },
  "dbeta-averaged": {
    title: { en: "{dbeta} averaged, not summed", zh: "{dbeta} 取了平均，没有求和" },
    explanation: {
      en: "{dbeta} averages {dy} over {{users}}, where a sum belongs: {dbeta} = Σ {dy}.",
      zh: "{dbeta} 对{{users}}的 {dy} 取了平均；应当求和：{dbeta} = Σ {dy}。",
    },
    hint: {
      en: "Stack the batch on itself, {dy} too: what should become of {dbeta}?",
      zh: "把整批数据连同 {dy} 再复制一份接在后面：{dbeta} 应怎样变化？",
    },
  },
  "dgamma-averaged": {
    title: { en: "{dgamma} averaged, not summed", zh: "{dgamma} 取了平均，没有求和" },
    explanation: {
      en: "{dgamma} averages {dy}·{xhat} over {{users}}, where a sum belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 对{{users}}的 {dy}·{xhat} 取了平均；应当求和：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "Work out {dgamma} on paper for {{twoUsers}} and compare.",
      zh: "取{{twoUsers}}，在纸上算出 {dgamma}，再与程序对比。",
    },
  },
  averaged: {
    title: { en: "{dgamma} and {dbeta} averaged, not summed", zh: "{dgamma} 与 {dbeta} 取了平均，没有求和" },
    explanation: {
      en: "{dgamma} and {dbeta} average over {{users}}, where sums belong: {dgamma} = Σ {dy}·{xhat} and {dbeta} = Σ {dy}.",
      zh: "{dgamma} 与 {dbeta} 对{{users}}取了平均；应当求和：{dgamma} = Σ {dy}·{xhat}，{dbeta} = Σ {dy}。",
    },
    hint: {
      en: "Divide your {dgamma} by the numerical one, for N = 4 and for N = 8: how does the ratio change?",
      zh: "取 N = 4 和 N = 8 各算一次：你的 {dgamma} 与数值梯度之比怎样变化？",
    },
  },
  "wrong-axis": {
    title: { en: "{{dparameters}} summed over the wrong axis", zh: "{{dparameters}} 求和的轴不对" },
    explanation: {
      en: "{dgamma} and {dbeta} are summed over the features, to N values, not over the rows, to D values.",
      zh: "{dgamma} 与 {dbeta} 在每行内对特征求和，得到 N 个值；应在每列内对各行求和，得到 D 个值。",
    },
    hint: {
      en: "Take a batch with N ≠ D and count the values in each gradient.",
      zh: "取一批 N ≠ D 的数据，数一数每个梯度有几个值。",
    },
    in: {
      channels: {
        explanation: {
          en: "{dgamma} and {dbeta} are summed over the channels, to M values, not within each channel, to C values.",
          zh: "{dgamma} 与 {dbeta} 对各通道求和，得到 M 个值；应在每个通道内求和，得到 C 个值。",
        },
        hint: {
          en: "How many values does {gamma} have, and how many does its gradient have?",
          zh: "{gamma} 有几个值？它的梯度有几个值？",
        },
      },
      groups: {
        explanation: {
          en: "{dgamma} and {dbeta} are summed within each group, to N·K values, not over each channel in all samples, to C values.",
          zh: "{dgamma} 与 {dbeta} 在每组内求和，得到 N·K 个值；应对各样本同一通道求和，得到 C 个值。",
        },
        hint: {
          en: "How many values does {gamma} have, and how many does its gradient have?",
          zh: "{gamma} 有几个值？它的梯度有几个值？",
        },
      },
      rms: {
        explanation: {
          en: "{dgamma} is summed over the features, to N values, not over the rows, to D values.",
          zh: "{dgamma} 在每行内对特征求和，得到 N 个值；应在每列内对各行求和，得到 D 个值。",
        },
      },
    },
  },
  unsummed: {
    title: { en: "{{dparameters}} not summed", zh: "{{dparameters}} 没有求和" },
    explanation: {
      en: "{dgamma} and {dbeta} are left {{unsummed}}; summed over {{users}}, they have {{parameters}} values each.",
      zh: "{dgamma} 与 {dbeta} 没有求和，{{unsummed}}；应对{{users}}求和，得到 {{parameters}} 个值。",
    },
    hint: {
      en: "One {gamma} serves {{everyUser}}: how many numbers should its gradient have?",
      zh: "一个 {gamma} 由{{users}}共用：它的梯度应是几个数？",
    },
    in: {
      rms: {
        explanation: {
          en: "{dgamma} is left as (N, D); summed over the rows, it has D values.",
          zh: "{dgamma} 没有求和，形状是 (N, D)；应对各行求和，得到 D 个值。",
        },
      },
    },
  },
  "dbeta-from-dxhat": {
    title: { en: "{dxhat} in place of {dy} in {dbeta}", zh: "{dbeta} 误用 {dxhat} 代替 {dy}" },
    explanation: {
      en: "{dbeta} sums {dxhat} = {dy}·{gamma}, where {dy} alone belongs: {dbeta} = Σ {dy}.",
      zh: "{dbeta} 对 {dxhat} = {dy}·{gamma} 求和；应只对 {dy} 求和：{dbeta} = Σ {dy}。",
    },
    hint: {
      en: "Where does {beta} enter the forward pass: before the scaling or after it?",
      zh: "前向传播中，{beta} 是在缩放之前还是之后加入的？",
    },
  },
  "dgamma-from-x": {
    title: { en: "{x} in place of {xhat} in {dgamma}", zh: "{dgamma} 误用 {x} 代替 {xhat}" },
    explanation: {
      en: "{dgamma} multiplies {dy} by {x}, where {xhat} belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 把 {dy} 与 {x} 相乘；应与 {xhat} 相乘：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "Add 100 to every {x}: {y} stays as it is. Does {dgamma}?",
      zh: "给所有 {x} 加上 100，{y} 不变：{dgamma} 也不变吗？",
    },
    in: {
      rms: {
        hint: {
          en: "Make every {x} ten times as large: {y} hardly changes. Does {dgamma}?",
          zh: "把所有 {x} 放大到 10 倍，{y} 几乎不变：{dgamma} 呢？",
        },
      },
    },
  },
  "dgamma-from-xc": {
    title: { en: "{xc} in place of {xhat} in {dgamma}", zh: "{dgamma} 误用 {xc} 代替 {xhat}" },
    explanation: {
      en: "{dgamma} multiplies {dy} by {xc} = {x} − {mean}, where {xhat} belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 把 {dy} 与 {xc} = {x} − {mean} 相乘；应与 {xhat} 相乘：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "Make every {x} ten times as large: {y} hardly changes. Does {dgamma}?",
      zh: "把所有 {x} 放大到 10 倍，{y} 几乎不变：{dgamma} 呢？",
    },
  },
  "dgamma-from-scaled": {
    title: {
      en: "{gamma}·{xhat} in place of {xhat} in {dgamma}",
      zh: "{dgamma} 误用 {gamma}·{xhat} 代替 {xhat}",
    },
    explanation: {
      en: "{dgamma} multiplies {dy} by {gamma}·{xhat}, where {xhat} alone belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 把 {dy} 与 {gamma}·{xhat} 相乘；应只与 {xhat} 相乘：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "{y} is linear in {gamma}: double {gamma} and keep {dy}. May {dgamma} change?",
      zh: "{y} 是 {gamma} 的线性函数：{gamma} 加倍而 {dy} 不变时，{dgamma} 可以变吗？",
    },
  },
  "dgamma-from-y": {
    title: { en: "{y} in place of {xhat} in {dgamma}", zh: "{dgamma} 误用 {y} 代替 {xhat}" },
    explanation: {
      en: "{dgamma} multiplies {dy} by {y}, where {xhat} belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 把 {dy} 与 {y} 相乘；应与 {xhat} 相乘：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "Change {beta} and keep {dy}: which gradients may notice?",
      zh: "只改 {beta}，{dy} 不变：哪些梯度可以跟着变？",
    },
    in: {
      rms: {
        hint: {
          en: "Double {gamma} and keep {dy}: may {dgamma} change?",
          zh: "把 {gamma} 加倍，{dy} 不变：{dgamma} 可以变吗？",
        },
      },
    },
  },

  // dxhat.
  "no-gamma": {
    title: { en: "{{scale}} left out of {dxhat}", zh: "{dxhat} 漏乘 {{scale}}" },
    explanation: {
      en: "{dy} is used as {dxhat}, and the factor {{scale}} is missing: {dxhat} = {dy}·{{scale}}.",
      zh: "直接把 {dy} 当作 {dxhat}，漏乘了 {{scale}}：应为 {dxhat} = {dy}·{{scale}}。",
    },
    hint: {
      en: "Go back from {y} to {xhat} gate by gate: what does each gate do to the gradient?",
      zh: "从 {y} 逐个运算往回走到 {xhat}：每个运算对梯度做了什么？",
    },
  },
  "beta-for-gamma": {
    title: { en: "{beta} in place of {gamma} in {dxhat}", zh: "{dxhat} 误用 {beta} 代替 {gamma}" },
    explanation: {
      en: "{dxhat} multiplies {dy} by {beta}, where {gamma} belongs: {dxhat} = {dy}·{gamma}.",
      zh: "{dxhat} 把 {dy} 与 {beta} 相乘；应与 {gamma} 相乘：{dxhat} = {dy}·{gamma}。",
    },
    hint: {
      en: "Set {beta} to 0 and look at {dxhat}: should it notice?",
      zh: "令 {beta} = 0 再看 {dxhat}：它应该受影响吗？",
    },
  },

  // dstd and dvar.
  "dstd-sign": {
    title: { en: "Wrong sign of {dstd}", zh: "{dstd} 的符号反了" },
    explanation: {
      en: "{dstd} has the wrong sign: 1/{std} falls as {std} grows, so that {dstd} = −{dinvstd}/{std}².",
      zh: "{dstd} 的符号反了：{std} 增大时 1/{std} 减小，应为 {dstd} = −{dinvstd}/{std}²。",
    },
    hint: {
      en: "Let {std} grow a little: which way does {invstd} go?",
      zh: "让 {std} 增大一点：{invstd} 往哪个方向变？",
    },
  },
  "dstd-power": {
    title: { en: "{std} in place of {std}² in {dstd}", zh: "{dstd} 误用 {std} 代替 {std}²" },
    explanation: {
      en: "{dstd} divides {dinvstd} by {std}, where {std}² belongs: {dstd} = −{dinvstd}/{std}².",
      zh: "{dstd} 把 {dinvstd} 除以 {std}；应除以 {std}²：{dstd} = −{dinvstd}/{std}²。",
    },
    hint: {
      en: "Compare 1/2 with 1/2.01: how steep is 1/{std} at {std} = 2?",
      zh: "比较 1/2 与 1/2.01：在 {std} = 2 处，1/{std} 变化有多快？",
    },
  },
  "dvar-sign": {
    title: { en: "Wrong sign of {dvar}", zh: "{dvar} 的符号反了" },
    explanation: {
      en: "{dvar} has the wrong sign: {dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2).",
      zh: "{dvar} 的符号反了：应为 {dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2)。",
    },
    hint: {
      en: "Let {var} grow a little: do the values of {xhat} move toward 0 or away from it?",
      zh: "让 {var} 增大一点：{xhat} 的值是靠近 0 还是远离 0？",
    },
  },
  "dvar-half": {
    title: { en: "½ left out of {dvar}", zh: "{dvar} 漏了 ½" },
    explanation: {
      en: "{dvar} lacks the ½ that the square root brings: {dvar} = {dstd}/(2·{std}).",
      zh: "{dvar} 漏了平方根求导得到的 ½：应为 {dvar} = {dstd}/(2·{std})。",
    },
    hint: {
      en: "Compare √4 with √4.04: how much of a change of {var} arrives at {std}?",
      zh: "比较 √4 与 √4.04：{var} 的变化有多少传到了 {std}？",
    },
  },
  "dvar-power-half": {
    title: { en: "Exponent −1/2 in {dvar}, not −3/2", zh: "{dvar} 的指数是 −1/2，不是 −3/2" },
    explanation: {
      en: "{dvar} keeps the exponent −1/2, where −3/2 belongs: {dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2).",
      zh: "{dvar} 的指数仍是 −1/2；应为 −3/2：{dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2)。",
    },
    hint: {
      en: "Stretch {x} by 10: the loss hardly changes, and {var} grows by a factor of 100. What must {dvar} do?",
      zh: "把所有 {x} 放大到 10 倍：损失几乎不变，{var} 变为 100 倍，{dvar} 应怎样变？",
    },
  },
  "dvar-power-one": {
    title: { en: "Exponent −1 in {dvar}, not −3/2", zh: "{dvar} 的指数是 −1，不是 −3/2" },
    explanation: {
      en: "{dvar} has the exponent −1, where −3/2 belongs: {dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2).",
      zh: "{dvar} 的指数是 −1；应为 −3/2：{dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2)。",
    },
    hint: {
      en: "Divide your {dvar} by the numerical one, {{group}} by {{group}}: what does the ratio depend on?",
      zh: "在{{each}}上求你的 {dvar} 与数值梯度之比：这个比值随什么变化？",
    },
  },
  "dvar-averaged": {
    title: { en: "{dvar} averaged, not summed", zh: "{dvar} 取了平均，没有求和" },
    explanation: {
      en: "{dvar} is divided by {{count}}; it is a plain sum, and the divisor {{divisor}} comes only with {dsq} = {dvar}/{{m}}.",
      zh: "{dvar} 多除以了一次 {{count}}：它只是求和，除数 {{divisor}} 到 {dsq} = {dvar}/{{m}} 才出现。",
    },
    hint: {
      en: "Which gate takes an average: the one that makes {var}, or those that use it?",
      zh: "取平均的是哪个运算：是算出 {var} 的那个，还是用到 {var} 的那些？",
    },
  },
  "dvar-uncentred": {
    title: { en: "{x} in place of {xc} in {dvar}", zh: "{dvar} 误用 {x} 代替 {xc}" },
    explanation: {
      en: "{dvar} multiplies {dxhat} by {x}, where {xc} = {x} − {mean} belongs: {dinvstd} = Σ {dxhat}·{xc}.",
      zh: "{dvar} 把 {dxhat} 与 {x} 相乘；应与 {xc} = {x} − {mean} 相乘：{dinvstd} = Σ {dxhat}·{xc}。",
    },
    hint: {
      en: "Move all of {x} far from 0: which gradient is the first to change on the way back, and may it?",
      zh: "把整批 {x} 平移到离 0 很远：往回走时哪个梯度最先变化？它可以变吗？",
    },
  },
  "dvar-from-xhat": {
    title: { en: "{xhat} in place of {xc} in {dvar}", zh: "{dvar} 误用 {xhat} 代替 {xc}" },
    explanation: {
      en: "{dvar} multiplies {dxhat} by {xhat}, where {{centred}} belongs: {dinvstd} = Σ {dxhat}·{xc}.",
      zh: "{dvar} 把 {dxhat} 与 {xhat} 相乘；应与 {{centred}} 相乘：{dinvstd} = Σ {dxhat}·{xc}。",
    },
    hint: {
      en: "Look at the gate that makes {xhat}: which two values does it multiply?",
      zh: "看生成 {xhat} 的那个乘法：它的两个输入是什么？",
    },
  },
  "dvar-unsummed": {
    title: { en: "{dvar} not summed", zh: "{dvar} 没有求和" },
    explanation: {
      en: "{dvar} is left {{unsummed}}, so that each value of {dx} gets its own term alone, not the sum over its {{group}}.",
      zh: "{dvar} 没有求和，{{unsummed}}，{dx} 的每个值只得到自己那一项；应对{{whole}}求和。",
    },
    hint: {
      en: "Put the shapes of {var} and {dvar} side by side.",
      zh: "把 {var} 与 {dvar} 的形状放在一起比较。",
    },
  },
  "no-eps-dvar": {
    title: { en: "eps left out of {dvar}", zh: "{dvar} 漏了 eps" },
    explanation: {
      en: "{dvar} leaves out eps: it uses {var}^(−3/2), where ({var} + eps)^(−3/2) belongs.",
      zh: "{dvar} 漏了 eps：用的是 {var}^(−3/2)，应为 ({var} + eps)^(−3/2)。",
    },
    hint: {
      en: "Divide {x} by 1000 and look at {dvar} again: does the small error stay small?",
      zh: "把 {x} 除以 1000，再看 {dvar}：原来很小的误差还小吗？",
    },
  },

  // dmean.
  "dmean-sign": {
    title: { en: "Wrong sign of {dmean}", zh: "{dmean} 的符号反了" },
    explanation: {
      en: "{dmean} has the wrong sign: {xc} = {x} − {mean} falls as {mean} grows, so that {dmean} = −Σ {dxc}.",
      zh: "{dmean} 的符号反了：{mean} 增大时 {xc} = {x} − {mean} 减小，应为 {dmean} = −Σ {dxc}。",
    },
    hint: {
      en: "Hold {x} and let {mean} grow a little: which way do the values of {xhat} go?",
      zh: "{x} 不动，让 {mean} 增大一点：{xhat} 的值往哪个方向变？",
    },
  },
  "dmean-over-var": {
    title: { en: "Root left out of {dmean}", zh: "{dmean} 漏了平方根" },
    explanation: {
      en: "{dmean} divides by {var} + eps, where the root belongs: {dmean} = −Σ {dxhat}/√({var} + eps).",
      zh: "{dmean} 除以了 {var} + eps；应除以它的平方根：{dmean} = −Σ {dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "Hold {x} and {var} and raise {mean} by 1: how far does each {xhat} move?",
      zh: "{x} 和 {var} 不动，让 {mean} 增大 1：每个 {xhat} 移动多少？",
    },
  },
  "dmean-averaged": {
    title: { en: "{dmean} averaged, not summed", zh: "{dmean} 取了平均，没有求和" },
    explanation: {
      en: "{dmean} is divided by {{count}}; it is a plain sum, {dmean} = −Σ {dxc}, and 1/{{count}} comes only on the way to {x}.",
      zh: "{dmean} 多除以了一次 {{count}}：它只是求和，{dmean} = −Σ {dxc}，1/{{count}} 到传给 {x} 时才出现。",
    },
    hint: {
      en: "Nudge one {mean} alone: how many values of {y} respond, and what does the loss make of them?",
      zh: "只把一个 {mean} 改变一点：有几个 {y} 随之变化？损失又怎样合并它们？",
    },
  },
  "dmean-unsummed": {
    title: { en: "{dmean} not summed", zh: "{dmean} 没有求和" },
    explanation: {
      en: "{dmean} is left {{unsummed}}, so that each value of {dx} gets its own share alone, not all: {dmean} = −Σ {dxc}.",
      zh: "{dmean} 没有求和，{{unsummed}}，{dx} 的每个值只拿回自己那一份；应为 {dmean} = −Σ {dxc}。",
    },
    hint: {
      en: "Nudge one {x}: by way of the mean, which values of {y} move?",
      zh: "只把一个 {x} 改变一点：经由均值，哪些 {y} 会变？",
    },
  },

  // The three paths of dx.
  "detached-stats": {
    title: { en: "{mean} and {var} taken for constants", zh: "把 {mean} 和 {var} 当成常数" },
    explanation: {
      en: "{dx} is {dxhat}/√({var} + eps) alone, as if {mean} and {var} were constants; the paths through both are missing.",
      zh: "{dx} 只有 {dxhat}/√({var} + eps)，把 {mean} 和 {var} 当成了常数；还应加上经过两者的路径。",
    },
    hint: {
      en: "How many ways lead from {x} to the loss, and how many of them does your {dx} follow?",
      zh: "从 {x} 到损失有几条路？你的 {dx} 走了其中几条？",
    },
  },
  "eval-backward": {
    title: { en: "Backward pass of eval mode", zh: "用了评估模式的反向传播" },
    explanation: {
      en: "{dvar} and {dmean} are set to 0, right in eval mode only; in training mode {mean} and {var} depend on {x}.",
      zh: "{dvar} 和 {dmean} 被设为 0，这只适合评估模式；训练时 {mean} 和 {var} 依赖 {x}，应有梯度。",
    },
    hint: {
      en: "Where do {mean} and {var} come from in this forward pass?",
      zh: "这次前向传播中，{mean} 和 {var} 从哪里来？",
    },
  },
  "no-mean-path": {
    title: { en: "Mean path left out", zh: "漏了均值路径" },
    explanation: {
      en: "{dx} leaves out the path through the mean: {dmean}/{{count}} is not added.",
      zh: "{dx} 漏了经过均值的路径：没有加上 {dmean}/{{count}}。",
    },
    hint: {
      en: "Add a constant to a {{group}} of {x}: {y} stays. What must that {{group}} of {dx} sum to, then?",
      zh: "给 {x} 的{{one}}加上常数，{y} 不变：那么这{{one}} {dx} 之和应是多少？",
    },
  },
  "no-variance-path": {
    title: { en: "Variance path left out", zh: "漏了方差路径" },
    explanation: {
      en: "{dx} leaves out the path through the variance: 2·{xc}·{dvar}/m, with {{divisor}}, is not added.",
      zh: "{dx} 漏了经过方差的路径：没有加上 2·{xc}·{dvar}/m，其中 {{divisor}}。",
    },
    hint: {
      en: "Plot the error of {dx} against {xhat} for one {{group}}: which path has that shape?",
      zh: "取{{one}}，以 {xhat} 为横轴画出 {dx} 的误差：哪条路径是这个形状？",
    },
  },
  "no-direct-path": {
    title: { en: "Direct path left out", zh: "漏了直接路径" },
    explanation: {
      en: "{dx} leaves out the direct path: {dxhat}/√({var} + eps) is not added.",
      zh: "{dx} 漏了直接路径：没有加上 {dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "Hold {{statistics}} and nudge one {x}: does {y} move, and which part of {dx} tells of it?",
      zh: "固定 {{statistics}}，只把一个 {x} 改变一点：{y} 会变吗？{dx} 的哪一部分反映了它？",
    },
  },
  "overwrite-at-xc": {
    title: { en: "{dxc} overwritten, not added to", zh: "{dxc} 被覆盖，没有累加" },
    explanation: {
      en: "{dxc} = 2·{xc}·{dsq} overwrites the direct path; += belongs: {dxc} = {dxhat}/√({var} + eps) + 2·{xc}·{dsq}.",
      zh: "{dxc} = 2·{xc}·{dsq} 覆盖了直接路径；应当用 += 累加：{dxc} = {dxhat}/√({var} + eps) + 2·{xc}·{dsq}。",
    },
    hint: {
      en: "{xc} feeds two gates: print {dxc} each time that one of them has sent its gradient back.",
      zh: "{xc} 送入两个运算：每个运算传回梯度之后，都打印一次 {dxc}。",
    },
  },
  "overwrite-at-x": {
    title: { en: "{dx} overwritten, not added to", zh: "{dx} 被覆盖，没有累加" },
    explanation: {
      en: "{dx} = {dmean}/{{count}} overwrites what came from {xc}; += belongs: {dx} = {dxc} + {dmean}/{{count}}.",
      zh: "{dx} = {dmean}/{{count}} 覆盖了从 {xc} 传来的梯度；应当用 += 累加：{dx} = {dxc} + {dmean}/{{count}}。",
    },
    hint: {
      en: "All values of {dx} in a {{group}} are the same: up to which gradient did they still differ?",
      zh: "{dx} 在{{each}}内都相同：往回走时，到哪个梯度为止还各不相同？",
    },
  },
  "no-1/N": {
    title: { en: "Divisors left out of both paths", zh: "两条路径都漏了除数" },
    explanation: {
      en: "Neither average is divided on the way back: {dvar}/m, with {{divisor}}, and {dmean}/{{count}} belong there.",
      zh: "两处平均在反向传播时都漏了除法：应为 {dvar}/m（{{divisor}}）和 {dmean}/{{count}}。",
    },
    hint: {
      en: "Repeat the check with twice as many values in each {{group}}: how does the error of {dx} change?",
      zh: "使{{each}}的值的个数加倍，再检查一次：{dx} 的误差怎样变化？",
    },
  },
  "no-1/N-variance": {
    title: { en: "Divisor left out of the {{variancePath}}", zh: "{{variancePath}}漏了除数" },
    explanation: {
      en: "The {{variancePath}} lacks its divisor {{divisor}}: {dsq} = {dvar}/{{m}}.",
      zh: "{{variancePath}}漏了除数 {{divisor}}：应为 {dsq} = {dvar}/{{m}}。",
    },
    hint: {
      en: "Raise one value of {sq} by 1: how far does {var} move?",
      zh: "让 {sq} 中的一个值增大 1：{var} 变化多少？",
    },
  },
  "no-1/N-mean": {
    title: { en: "1/{{count}} left out of the mean path", zh: "均值路径漏了 1/{{count}}" },
    explanation: {
      en: "The mean path lacks 1/{{count}}: {dx} gets {dmean}, where {dmean}/{{count}} belongs.",
      zh: "均值路径漏了 1/{{count}}：传给 {dx} 的是 {dmean}，应为 {dmean}/{{count}}。",
    },
    hint: {
      en: "Raise one {x} of a {{group}} by 1: how far does the mean move?",
      zh: "让{{one}}中的一个 {x} 增大 1：均值变化多少？",
    },
  },
  "twice-1/N-mean": {
    title: { en: "1/{{count}} twice in the mean path", zh: "均值路径两次除以 {{count}}" },
    explanation: {
      en: "The mean path divides by {{count}} twice: {dx} gets {dmean}/{{count}}², where {dmean}/{{count}} belongs.",
      zh: "均值路径两次除以 {{count}}：传给 {dx} 的是 {dmean}/{{count}}²，应为 {dmean}/{{count}}。",
    },
    hint: {
      en: "{dmean} is still right: follow it into {dx} and name the gate behind every operation.",
      zh: "{dmean} 还是对的：跟着它走到 {dx}，说出每一步计算对应哪个运算。",
    },
  },
  "no-factor-2": {
    title: { en: "Factor 2 left out of the {{variancePath}}", zh: "{{variancePath}}漏了系数 2" },
    explanation: {
      en: "The {{variancePath}} lacks the 2 that the square brings: {dxc} gets {xc}·{dsq}, where 2·{xc}·{dsq} belongs.",
      zh: "{{variancePath}}漏了平方求导得到的 2：传给 {dxc} 的是 {xc}·{dsq}，应为 2·{xc}·{dsq}。",
    },
    hint: {
      en: "Compare 3² with 3.01²: how fast does a square grow at 3?",
      zh: "比较 3² 与 3.01²：在 3 处，平方增长得有多快？",
    },
  },
  "mean-path-sign": {
    title: { en: "Wrong sign of the mean path", zh: "均值路径的符号反了" },
    explanation: {
      en: "{dx} subtracts {dmean}/{{count}}, which has to be added: {dx} = {dxc} + {dmean}/{{count}}.",
      zh: "{dx} 减去了 {dmean}/{{count}}；应当加上：{dx} = {dxc} + {dmean}/{{count}}。",
    },
    hint: {
      en: "When one {x} grows, which way does the mean of its {{group}} go?",
      zh: "一个 {x} 增大时，它所在{{group}}的均值往哪个方向变？",
    },
  },
  "variance-path-sign": {
    title: { en: "Wrong sign of the {{variancePath}}", zh: "{{variancePath}}的符号反了" },
    explanation: {
      en: "{dxc} subtracts 2·{xc}·{dsq}, which has to be added: {dxc} = {dxhat}/√({var} + eps) + 2·{xc}·{dsq}.",
      zh: "{dxc} 减去了 2·{xc}·{dsq}；应当加上：{dxc} = {dxhat}/√({var} + eps) + 2·{xc}·{dsq}。",
    },
    hint: {
      en: "When an {x} moves away from {{centre}}, does the {{variance}} grow or fall?",
      zh: "一个 {x} 远离{{centre}}时，{{variance}}是增大还是减小？",
    },
  },
  "uncentred-variance-path": {
    title: { en: "{x} in place of {xc} in the variance path", zh: "方差路径误用 {x} 代替 {xc}" },
    explanation: {
      en: "The variance path of {dx} multiplies by {x}, where {xc} = {x} − {mean} belongs: 2·{xc}·{dvar}/m, with {{divisor}}.",
      zh: "{dx} 的方差路径乘的是 {x}；应乘 {xc} = {x} − {mean}：2·{xc}·{dvar}/m，其中 {{divisor}}。",
    },
    hint: {
      en: "Where in a {{group}} can {x} move a little and not change the variance? Test the variance path there.",
      zh: "在{{one}}中，{x} 取什么值时小幅移动不改变方差？在那里检验方差路径。",
    },
  },
  "xhat-in-variance-path": {
    title: {
      en: "{xhat} in place of {xc} in the {{variancePath}}",
      zh: "{{variancePath}}误用 {xhat} 代替 {xc}",
    },
    explanation: {
      en: "The {{variancePath}} multiplies by {xhat}, where {{centred}} belongs: 2·{xc}·{dsq}.",
      zh: "{{variancePath}}乘的是 {xhat}；应乘 {{centred}}：2·{xc}·{dsq}。",
    },
    hint: {
      en: "Which node does the square gate read?",
      zh: "平方运算读取的是哪个节点？",
    },
  },
  "direct-unscaled": {
    title: { en: "Direct path not divided by {std}", zh: "直接路径没有除以 {std}" },
    explanation: {
      en: "The direct path of {dx} is {dxhat}, undivided; {dxhat}/√({var} + eps) belongs there.",
      zh: "{dx} 的直接路径用的是 {dxhat}，没有做除法；应为 {dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "Make every {x} ten times as large and look at the {{paths}} of {dx}: do they change alike?",
      zh: "把所有 {x} 放大到 10 倍，分别看 {dx} 的{{paths}}：它们的变化一致吗？",
    },
  },
  "direct-over-var": {
    title: { en: "Direct path divided by {std}²", zh: "直接路径除以了 {std}²" },
    explanation: {
      en: "The direct path of {dx} divides {dxhat} by {var} + eps, where the root belongs: {dxhat}/√({var} + eps).",
      zh: "{dx} 的直接路径把 {dxhat} 除以 {var} + eps；应除以它的平方根：{dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "Give {x} in centimetres, not in metres: by which factor should each path of {dx} change?",
      zh: "把 {x} 的单位从米换成厘米：{dx} 的每条路径应变为原来的多少？",
    },
  },
  "direct-times-std": {
    title: { en: "Direct path multiplied by {std}", zh: "直接路径乘上了 {std}" },
    explanation: {
      en: "The direct path of {dx} multiplies {dxhat} by the root, where it has to divide: {dxhat}/√({var} + eps).",
      zh: "{dx} 的直接路径把 {dxhat} 乘上了平方根；应当相除：{dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "When does a nudge of one {x} move {xhat} more: in a {{group}} of wide spread, or of narrow?",
      zh: "{{one}}的数据越分散，一个 {x} 的小变化使 {xhat} 变得更多还是更少？",
    },
    in: {
      rms: {
        hint: {
          en: "When does a nudge of one {x} move {xhat} more: in a row of large values, or of small?",
          zh: "一行的数越大，一个 {x} 的小变化使 {xhat} 变得更多还是更少？",
        },
      },
    },
  },
  "gamma-twice": {
    title: { en: "{{scale}} twice in {dx}", zh: "{dx} 乘了两次 {{scale}}" },
    explanation: {
      en: "{dx} is multiplied by {{scale}} a second time; {{scale}} is already in {dxhat} = {dy}·{{scale}}.",
      zh: "{dx} 又多乘了一次 {{scale}}；{dxhat} = {dy}·{{scale}} 中已经有它。",
    },
    hint: {
      en: "Double {{scale}} and keep {dy}: by which factor does {dx} grow, and by which should it?",
      zh: "把 {{scale}} 加倍，{dy} 不变：{dx} 变为几倍？应是几倍？",
    },
  },
  "dx-times-n": {
    title: { en: "{dx} {{count}} times too large", zh: "{dx} 是应有值的 {{count}} 倍" },
    explanation: {
      en: "{dx} is {{count}} times too large, as when the closed form loses its 1/{{count}}: {{allPaths}} belongs there.",
      zh: "{dx} 是应有值的 {{count}} 倍，如同闭式公式漏了前面的 1/{{count}}：应为 {{allPaths}}。",
    },
    hint: {
      en: "Divide your {dx} by the numerical one: the ratio is the same everywhere. What could it count?",
      zh: "用你的 {dx} 除以数值梯度，比值处处相同：这个比值可能是什么的个数？",
    },
  },
  "dx-over-n": {
    title: { en: "{dx} divided by {{count}} at its end", zh: "{dx} 最后又除以了 {{count}}" },
    explanation: {
      en: "{dx} is divided by {{count}} at its end; the divisors are already in the paths: {{allPaths}}.",
      zh: "{dx} 最后又除以了 {{count}}；各条路径中已有所需的除数：应为 {{allPaths}}。",
    },
    hint: {
      en: "Look at the last line that changes {dx}: to which gate of the graph does it belong?",
      zh: "看最后改动 {dx} 的那句代码：它对应计算图中的哪个运算？",
    },
  },
  transposed: {
    title: { en: "{dx} transposed", zh: "{dx} 被转置" },
    explanation: {
      en: "{dx} is returned transposed, as (D, N); it has the shape of {x}, (N, D).",
      zh: "返回的 {dx} 被转置成了 (D, N)；它应与 {x} 形状相同，为 (N, D)。",
    },
    hint: {
      en: "Nudge {x}[0, 1] alone: which entry of {dx} foretells how the loss moves?",
      zh: "只把 {x}[0, 1] 改变一点：{dx} 的哪个元素预示了损失的变化？",
    },
    in: {
      channels: {
        explanation: {
          en: "{dx} is returned with two axes exchanged; it has the shape of {x}.",
          zh: "返回的 {dx} 交换了两个轴；它应与 {x} 形状相同。",
        },
        hint: {
          en: "Nudge one {x} alone: which entry of {dx} foretells how the loss moves?",
          zh: "只把一个 {x} 改变一点：{dx} 的哪个元素预示了损失的变化？",
        },
      },
    },
  },
  "no-eps-backward": {
    title: { en: "eps left out of the backward pass", zh: "反向传播漏了 eps" },
    explanation: {
      en: "The backward pass leaves out eps: it divides by powers of √{var}, where those of √({var} + eps) belong.",
      zh: "反向传播漏了 eps：除以的是 √{var} 的幂，应为 √({var} + eps) 的幂。",
    },
    hint: {
      en: "Shrink {x} until its {{variance}} is almost 0: do both passes still divide by the same number?",
      zh: "把 {x} 缩小到{{variance}}几乎为 0：前向与反向除以的还是同一个数吗？",
    },
  },
  "other-ddof-backward": {
    title: { en: "Wrong ddof in the backward pass", zh: "反向传播的 ddof 不对" },
    explanation: {
      en: "The backward pass divides {dvar} by the wrong one of {{count}} and {{count}} − 1; the forward {{divisor}} belongs.",
      zh: "反向传播在 {{count}} 与 {{count}} − 1 中选错了除数：应为 {dvar}/m，{{divisor}} 与前向传播一致。",
    },
    hint: {
      en: "Put the line that computes {var} beside the line that sends its gradient back to {sq}.",
      zh: "把计算 {var} 的代码与把它的梯度传回 {sq} 的代码放在一起比较。",
    },
  },

  // The forward pass.
  "uncentred-variance": {
    title: { en: "Mean not subtracted in {var}", zh: "{var} 没有减去均值" },
    explanation: {
      en: "{var} sums {x}², where ({x} − {mean})² belongs: {var} = Σ ({x} − {mean})²/m, with {{divisor}}.",
      zh: "{var} 对 {x}² 求和；应对 ({x} − {mean})² 求和：{var} = Σ ({x} − {mean})²/m，其中 {{divisor}}。",
    },
    hint: {
      en: "Take the {{group}} 10, 10, 10: what is its variance, and what do you get?",
      zh: "取{{one}} 10、10、10：它的方差是多少？你得到的是多少？",
    },
  },
  "other-ddof-forward": {
    title: { en: "Wrong ddof in the forward pass", zh: "前向传播的 ddof 不对" },
    explanation: {
      en: "Only the forward pass divides the variance by the wrong one of {{count}} and {{count}} − 1; {{divisor}} belongs.",
      zh: "前向传播求方差时在 {{count}} 与 {{count}} − 1 中选错了除数；应与反向一样用 {{divisor}}。",
    },
    hint: {
      en: "Take the {{group}} 1, 2, 3: which variance do your settings ask for, and which do you get?",
      zh: "取{{one}} 1、2、3：按你的设置方差应是多少？实际得到多少？",
    },
  },
  "other-ddof": {
    title: { en: "Wrong ddof in both passes", zh: "前向与反向传播的 ddof 都不对" },
    explanation: {
      en: "Both passes divide by the wrong one of {{count}} and {{count}} − 1; the settings ask for {{divisor}}.",
      zh: "前向与反向传播在 {{count}} 与 {{count}} − 1 中都选错了除数；按设置应为 {{divisor}}。",
    },
    hint: {
      en: "The two passes agree with each other but not with the reference: which setting did both miss?",
      zh: "两者彼此一致，却都与参考结果不同：它们都忽略了哪项设置？",
    },
  },
  "eps-outside": {
    title: { en: "eps outside the root", zh: "eps 加在了根号外面" },
    explanation: {
      en: "eps is added to the root; it belongs under it: {std} = √({var} + eps), not √{var} + eps.",
      zh: "eps 加在了根号外面；应加在根号里面：{std} = √({var} + eps)，而不是 √{var} + eps。",
    },
    hint: {
      en: "Print {std} for a {{group}} whose values are all {{equal}}: which number do you expect?",
      zh: "取{{one}}全都{{equal}}的值，打印 {std}：你预期是哪个数？",
    },
  },
  "eps-squared": {
    title: { en: "eps squared", zh: "eps 被平方" },
    explanation: {
      en: "eps is squared before it is added to {var}; eps itself belongs there: {std} = √({var} + eps).",
      zh: "eps 先平方再加到 {var} 上；应直接加 eps：{std} = √({var} + eps)。",
    },
    hint: {
      en: "Print {std}² − {var}: which number should be left?",
      zh: "打印 {std}² − {var}：剩下的应是哪个数？",
    },
  },
  "keras-eps": {
    title: { en: "0.001 in place of eps", zh: "用 0.001 代替了 eps" },
    explanation: {
      en: "The forward pass adds 0.001, the default of Keras, to {var}, where the eps of the settings belongs.",
      zh: "前向传播给 {var} 加的是 Keras 的默认值 0.001；应加设置中的 eps。",
    },
    hint: {
      en: "Print every constant that the forward pass really uses and compare it with the settings.",
      zh: "打印前向传播实际用到的每个常数，再与设置对比。",
    },
    in: {
      rms: {
        explanation: {
          en: "The forward pass adds 0.001, the default of Keras in layer norm, to {ms}, where the eps of the settings belongs.",
          zh: "前向传播给 {ms} 加的是 Keras 层归一化的默认值 0.001；应加设置中的 eps。",
        },
      },
    },
  },
  "no-eps": {
    title: { en: "eps left out of the forward pass", zh: "前向传播漏了 eps" },
    explanation: {
      en: "The forward pass leaves out eps: {std} = √{var}, where √({var} + eps) belongs.",
      zh: "前向传播漏了 eps：用的是 {std} = √{var}，应为 √({var} + eps)。",
    },
    hint: {
      en: "Normalize a {{group}} whose values are all {{equal}}: is {y} finite?",
      zh: "对{{one}}全都{{equal}}的值做归一化：{y} 是有限数吗？",
    },
  },
  "over-var-forward": {
    title: { en: "Root left out of {xhat}", zh: "{xhat} 漏了平方根" },
    explanation: {
      en: "{xhat} divides {xc} by {var} + eps, where the root belongs: {xhat} = {xc}/√({var} + eps).",
      zh: "{xhat} 把 {xc} 除以 {var} + eps；应除以它的平方根：{xhat} = {xc}/√({var} + eps)。",
    },
    hint: {
      en: "Compute the {{deviation}} of each {{group}} of {xhat}: what should it be?",
      zh: "算出 {xhat} {{each}}的{{deviation}}：它应是多少？",
    },
  },
  "times-std-forward": {
    title: { en: "{xhat} multiplied by {std}, not divided", zh: "{xhat} 乘上了 {std}，没有相除" },
    explanation: {
      en: "{xhat} multiplies {xc} by the root, where it has to divide: {xc}/√({var} + eps).",
      zh: "{xhat} 把 {xc} 乘上了平方根；应当相除：{xc}/√({var} + eps)。",
    },
    hint: {
      en: "Make {x} ten times as large: should {xhat} grow?",
      zh: "把 {x} 放大到 10 倍：{xhat} 应变大吗？",
    },
  },
  "uncentred-forward": {
    title: { en: "Mean not subtracted in {xhat}", zh: "{xhat} 没有减去均值" },
    explanation: {
      en: "{xhat} scales {x}, from which the mean was not subtracted: {xhat} = ({x} − {mean})/√({var} + eps).",
      zh: "{xhat} 直接缩放了 {x}，没有减去均值：应为 {xhat} = ({x} − {mean})/√({var} + eps)。",
    },
    hint: {
      en: "Compute the average of each {{group}} of {xhat}: what should it be?",
      zh: "算出 {xhat} {{each}}的平均值：它应是多少？",
    },
  },
  "no-gamma-forward": {
    title: { en: "{gamma} left out of {y}", zh: "{y} 漏乘 {gamma}" },
    explanation: {
      en: "{y} leaves out {gamma}: {y} = {xhat} + {beta}, where {gamma}·{xhat} + {beta} belongs.",
      zh: "{y} 漏乘了 {gamma}：算成了 {y} = {xhat} + {beta}，应为 {gamma}·{xhat} + {beta}。",
    },
    hint: {
      en: "Double one {gamma}: which values of {y} should change, and do they?",
      zh: "把一个 {gamma} 加倍：哪些 {y} 应随之变化？它们变了吗？",
    },
  },
  "gamma-beta-swapped-forward": {
    title: { en: "{gamma} and {beta} swapped in {y}", zh: "{y} 中 {gamma} 与 {beta} 互换了" },
    explanation: {
      en: "{gamma} and {beta} have changed places: {y} = {beta}·{xhat} + {gamma}, where {gamma}·{xhat} + {beta} belongs.",
      zh: "{gamma} 与 {beta} 的位置互换了：算成了 {y} = {beta}·{xhat} + {gamma}，应为 {gamma}·{xhat} + {beta}。",
    },
    hint: {
      en: "Where {xhat} is 0, what should {y} be, and what is it?",
      zh: "在 {xhat} 为 0 的地方，{y} 应是多少？实际是多少？",
    },
  },
  "one-pass-variance": {
    title: { en: "One-pass variance", zh: "一次遍历求方差" },
    explanation: {
      en: "{var} is Σ {x}²/{{count}} − {mean}², which loses its digits where {mean} dwarfs the spread; ({x} − {mean})² must be summed.",
      zh: "{var} 由 Σ {x}²/{{count}} − {mean}² 得出，均值远大于离散程度时会丢失有效数字；应对 ({x} − {mean})² 求和。",
    },
    hint: {
      en: "Add 1e5 to every {x} in float32: {var} should stay as it is. Does it?",
      zh: "在 float32 下给所有 {x} 加上 1e5，{var} 本应不变：实际如何？",
    },
  },
} as const satisfies Readonly<Record<string, WrittenMistake>>;

/** The mistakes in the calls around the passes. */
export const callMistakeWords = {
  "stateful-forward": {
    title: { en: "State changed by each forward pass", zh: "每次前向传播都改变状态" },
    explanation: {
      en: "Each forward pass moves the running statistics, and the next one differs; a check must freeze them.",
      zh: "前向传播每次都更新滑动统计量，第二次调用与第一次结果不同；检查期间应保持它们不变。",
    },
    hint: {
      en: "Call the forward pass twice with the same input: are the results the same?",
      zh: "用同样的输入调用两次前向传播：结果相同吗？",
    },
    in: {
      rows: {
        explanation: {
          en: "Each forward pass changes a state that the next one reads, and the next one differs; a check must freeze it.",
          zh: "前向传播每次都改变下一次要读取的状态，第二次调用与第一次结果不同；检查期间应保持它不变。",
        },
      },
      groups: {
        explanation: {
          en: "Each forward pass changes a state that the next one reads, and the next one differs; a check must freeze it.",
          zh: "前向传播每次都改变下一次要读取的状态，第二次调用与第一次结果不同；检查期间应保持它不变。",
        },
      },
    },
  },
  "in-place": {
    title: { en: "{x} overwritten in place", zh: "{x} 被就地改写" },
    explanation: {
      en: "{x} -= {mean} overwrites the caller's array, and later calls read another {x}; {xc} needs an array of its own.",
      zh: "{x} -= {mean} 改写了调用者的数组，之后的调用读到的已不是原来的 {x}；{xc} 应存入新数组。",
    },
    hint: {
      en: "Print {x} before and after the call.",
      zh: "在调用前后各打印一次 {x}。",
    },
    in: {
      rms: {
        explanation: {
          en: "{x} /= {rms} overwrites the caller's array, and later calls read another {x}; {xhat} needs an array of its own.",
          zh: "{x} /= {rms} 改写了调用者的数组，之后的调用读到的已不是原来的 {x}；{xhat} 应存入新数组。",
        },
      },
    },
  },
  accumulate: {
    title: { en: "Gradients added to the last ones", zh: "梯度累加到上一次的结果上" },
    explanation: {
      en: "The gradients are added to those of the last call; each backward pass has to start from 0.",
      zh: "梯度累加到了上一次调用的结果上；每次反向传播都应从 0 开始。",
    },
    hint: {
      en: "Call the backward pass three times on the same case and print {dgamma} each time.",
      zh: "对同一个例子调用三次反向传播，每次都打印 {dgamma}。",
    },
  },
  momentum: {
    title: { en: "momentum on the wrong value", zh: "momentum 乘错了对象" },
    explanation: {
      en: "momentum weighs the wrong one: 0.9 belongs to the old value, or, as PyTorch counts, 0.1 to the new.",
      zh: "momentum 乘错了对象：0.9 应乘旧值，或按 PyTorch 的约定，0.1 应乘新值。",
    },
    hint: {
      en: "After one training step, is the running mean nearer to where it was or to the mean of the batch?",
      zh: "训练一步之后，滑动均值更接近原来的值，还是这批数据的均值？",
    },
  },
} as const satisfies Readonly<Record<string, WrittenMistake>>;

const writtenOf = (id: string) =>
  ((mistakeWords as Record<string, WrittenMistake>)[id] ??
    (normMistakeWords as Record<string, WrittenMistake>)[id] ??
    (callMistakeWords as Record<string, WrittenMistake>)[id]) as WrittenMistake;

type Said = Readonly<Record<keyof MistakeWords, string>>;

/** The words of a mistake for a norm, with the caller's names for arrays. */
export function mistakeText(
  id: string,
  language: keyof Words,
  nameOf: (array: string) => string,
  setting: Setting = settingOf("batch"),
): Said {
  const { in: others = {}, ...written } = writtenOf(id);
  const own = { ...written, ...others[setting.kind], ...(setting.norm === "rms" ? others.rms : {}) };
  const said = (words: Words) => saidOf(words[language], language, setting, nameOf);
  return { title: said(own.title), explanation: said(own.explanation), hint: said(own.hint) };
}

/** The words of a mistake for the first of its norms, with Backnorm's own names. */
export function wordsOf({ id, norms: [first = "batch"] }: MistakeRow): MistakeWords {
  const [en, zh] = (["en", "zh"] as const).map((language) =>
    mistakeText(id, language, (array) => array, settingOf(first)),
  ) as [Said, Said];
  const both = (part: keyof MistakeWords): Words => ({ en: en[part], zh: zh[part] });
  return { title: both("title"), explanation: both("explanation"), hint: both("hint") };
}

/** All known mistakes. */
export const withWords = (rows: readonly MistakeRow[]): readonly Mistake[] =>
  Object.freeze(
    rows.map((row): Mistake => {
      const { id, ...rest } = row;
      return Object.freeze({ id, ...wordsOf(row), ...rest });
    }),
  );
