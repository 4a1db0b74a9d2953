import { normMistakeWords } from "./mistake-words-of-norms.ts";
import type { MistakeRow } from "./mistakes.ts";
import { norms } from "./norm.ts";
import { type MistakeWords, named, plain, type Words } from "./words.ts";

export { named, plain, type Words } from "./words.ts";

/** A known mistake in a backward pass. `trace` and `gradcheck` can apply it, and `diagnose` can name it. */
export interface Mistake extends MistakeRow, MistakeWords {}

/**
 * The mistakes in the passes of batch norm and others, in the order of cpp/src/mistakes.cpp. Arrays are in braces;
 * m = N − ddof divides the variance.
 */
export const mistakeWords = {
  // The gradient of the loss.
  "dy-ones": {
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
    explanation: {
      en: "{dbeta} averages {dy} over the rows, where a sum belongs: {dbeta} = Σ {dy}.",
      zh: "{dbeta} 对各行的 {dy} 取了平均；应当求和：{dbeta} = Σ {dy}。",
    },
    hint: {
      en: "Stack the batch on itself, {dy} too: what should become of {dbeta}?",
      zh: "把整批数据连同 {dy} 再复制一份接在后面：{dbeta} 应怎样变化？",
    },
  },
  "dgamma-averaged": {
    explanation: {
      en: "{dgamma} averages {dy}·{xhat} over the rows, where a sum belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 对各行的 {dy}·{xhat} 取了平均；应当求和：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "Work out {dgamma} on paper for a column of two rows and compare.",
      zh: "取只有两行的一列，在纸上算出 {dgamma}，再与程序对比。",
    },
  },
  averaged: {
    explanation: {
      en: "{dgamma} and {dbeta} average over the rows, where sums belong: {dgamma} = Σ {dy}·{xhat} and {dbeta} = Σ {dy}.",
      zh: "{dgamma} 与 {dbeta} 对各行取了平均；应当求和：{dgamma} = Σ {dy}·{xhat}，{dbeta} = Σ {dy}。",
    },
    hint: {
      en: "Divide your {dgamma} by the numerical one, for N = 4 and for N = 8: how does the ratio change?",
      zh: "取 N = 4 和 N = 8 各算一次：你的 {dgamma} 与数值梯度之比怎样变化？",
    },
  },
  "wrong-axis": {
    explanation: {
      en: "{dgamma} and {dbeta} are summed over the features, to N values, not over the rows, to D values.",
      zh: "{dgamma} 与 {dbeta} 在每行内对特征求和，得到 N 个值；应在每列内对各行求和，得到 D 个值。",
    },
    hint: {
      en: "Take a batch with N ≠ D and count the values in each gradient.",
      zh: "取一批 N ≠ D 的数据，数一数每个梯度有几个值。",
    },
  },
  unsummed: {
    explanation: {
      en: "{dgamma} and {dbeta} are left as (N, D); summed over the rows, they have D values each.",
      zh: "{dgamma} 与 {dbeta} 没有求和，形状是 (N, D)；应对各行求和，得到 D 个值。",
    },
    hint: {
      en: "One {beta} serves every row of its column: how many numbers should its gradient have?",
      zh: "一个 {beta} 由整列各行共用：它的梯度应是几个数？",
    },
  },
  "dbeta-from-dxhat": {
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
    explanation: {
      en: "{dgamma} multiplies {dy} by {x}, where {xhat} belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 把 {dy} 与 {x} 相乘；应与 {xhat} 相乘：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "Add 100 to every {x}: {y} stays as it is. Does {dgamma}?",
      zh: "给所有 {x} 加上 100，{y} 不变：{dgamma} 也不变吗？",
    },
  },
  "dgamma-from-xc": {
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
    explanation: {
      en: "{dgamma} multiplies {dy} by {y}, where {xhat} belongs: {dgamma} = Σ {dy}·{xhat}.",
      zh: "{dgamma} 把 {dy} 与 {y} 相乘；应与 {xhat} 相乘：{dgamma} = Σ {dy}·{xhat}。",
    },
    hint: {
      en: "Change {beta} and keep {dy}: which gradients may notice?",
      zh: "只改 {beta}，{dy} 不变：哪些梯度可以跟着变？",
    },
  },

  // dxhat.
  "no-gamma": {
    explanation: {
      en: "{dy} is used as {dxhat}, and the factor {gamma} is missing: {dxhat} = {dy}·{gamma}.",
      zh: "直接把 {dy} 当作 {dxhat}，漏乘了 {gamma}：应为 {dxhat} = {dy}·{gamma}。",
    },
    hint: {
      en: "Go back from {y} to {xhat} gate by gate: what does each gate do to the gradient?",
      zh: "从 {y} 逐个运算往回走到 {xhat}：每个运算对梯度做了什么？",
    },
  },
  "beta-for-gamma": {
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
    explanation: {
      en: "{dvar} has the exponent −1, where −3/2 belongs: {dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2).",
      zh: "{dvar} 的指数是 −1；应为 −3/2：{dvar} = −½·Σ {dxhat}·{xc}·({var} + eps)^(−3/2)。",
    },
    hint: {
      en: "Divide your {dvar} by the numerical one, column by column: what does the ratio depend on?",
      zh: "逐列求你的 {dvar} 与数值梯度之比：这个比值随什么变化？",
    },
  },
  "dvar-averaged": {
    explanation: {
      en: "{dvar} is divided by N; it is a plain sum, and the divisor m = N − ddof comes only with {dsq} = {dvar}/m.",
      zh: "{dvar} 多除以了一次 N：它只是求和，除数 m = N − ddof 到 {dsq} = {dvar}/m 才出现。",
    },
    hint: {
      en: "Which gate takes an average: the one that makes {var}, or those that use it?",
      zh: "取平均的是哪个运算：是算出 {var} 的那个，还是用到 {var} 的那些？",
    },
  },
  "dvar-uncentred": {
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
    explanation: {
      en: "{dvar} multiplies {dxhat} by {xhat}, where {xc} = {x} − {mean} belongs: {dinvstd} = Σ {dxhat}·{xc}.",
      zh: "{dvar} 把 {dxhat} 与 {xhat} 相乘；应与 {xc} = {x} − {mean} 相乘：{dinvstd} = Σ {dxhat}·{xc}。",
    },
    hint: {
      en: "Look at the gate that makes {xhat}: which two values does it multiply?",
      zh: "看生成 {xhat} 的那个乘法：它的两个输入是什么？",
    },
  },
  "dvar-unsummed": {
    explanation: {
      en: "{dvar} is left as (N, D), so that each row of {dx} gets its own term alone, not the sum over the rows.",
      zh: "{dvar} 没有求和，形状仍是 (N, D)，{dx} 的每行只得到自己那一项；应对各行求和。",
    },
    hint: {
      en: "Put the shapes of {var} and {dvar} side by side.",
      zh: "把 {var} 与 {dvar} 的形状放在一起比较。",
    },
  },
  "no-eps-dvar": {
    explanation: {
      en: "{dvar} leaves out eps: it uses {var}^(−3/2), where ({var} + eps)^(−3/2) belongs.",
      zh: "{dvar} 漏了 eps：用的是 {var}^(−3/2)，应为 ({var} + eps)^(−3/2)。",
    },
    hint: {
      en: "Shrink the spread of {x} to 0.001 and look at {dvar} again: does the small error stay small?",
      zh: "把 {x} 的标准差缩到 0.001，再看 {dvar}：原来很小的误差还小吗？",
    },
  },

  // dmean.
  "dmean-sign": {
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
    explanation: {
      en: "{dmean} is divided by N; it is a plain sum, {dmean} = −Σ {dxc}, and 1/N comes only on the way to {x}.",
      zh: "{dmean} 多除以了一次 N：它只是求和，{dmean} = −Σ {dxc}，1/N 到传给 {x} 时才出现。",
    },
    hint: {
      en: "Nudge {mean} alone: how many rows of {y} respond, and what does the loss make of them?",
      zh: "只把 {mean} 改变一点：有几行 {y} 随之变化？损失又怎样合并它们？",
    },
  },
  "dmean-unsummed": {
    explanation: {
      en: "{dmean} is left as (N, D), so that each row of {dx} gets its own share alone, not all: {dmean} = −Σ {dxc}.",
      zh: "{dmean} 没有求和，形状仍是 (N, D)，{dx} 的每行只拿回自己那一份；应为 {dmean} = −Σ {dxc}。",
    },
    hint: {
      en: "Nudge one {x}: by way of the mean, which rows of {y} move?",
      zh: "只把一个 {x} 改变一点：经由均值，哪些行的 {y} 会变？",
    },
  },

  // The three paths of dx.
  "detached-stats": {
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
    explanation: {
      en: "{dx} leaves out the path through the mean: {dmean}/N is not added.",
      zh: "{dx} 漏了经过均值的路径：没有加上 {dmean}/N。",
    },
    hint: {
      en: "Add a constant to a column of {x}: {y} stays. What must that column of {dx} sum to, then?",
      zh: "给 {x} 的一列加上常数，{y} 不变：那么这一列 {dx} 之和应是多少？",
    },
  },
  "no-variance-path": {
    explanation: {
      en: "{dx} leaves out the path through the variance: 2·{xc}·{dvar}/m, with m = N − ddof, is not added.",
      zh: "{dx} 漏了经过方差的路径：没有加上 2·{xc}·{dvar}/m，其中 m = N − ddof。",
    },
    hint: {
      en: "Plot the error of {dx} against {xhat} for one column: which path has that shape?",
      zh: "取一列，以 {xhat} 为横轴画出 {dx} 的误差：哪条路径是这个形状？",
    },
  },
  "no-direct-path": {
    explanation: {
      en: "{dx} leaves out the direct path: {dxhat}/√({var} + eps) is not added.",
      zh: "{dx} 漏了直接路径：没有加上 {dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "Hold {mean} and {var} and nudge one {x}: does {y} move, and which part of {dx} tells of it?",
      zh: "固定 {mean} 和 {var}，只把一个 {x} 改变一点：{y} 会变吗？{dx} 的哪一部分反映了它？",
    },
  },
  "overwrite-at-xc": {
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
    explanation: {
      en: "{dx} = {dmean}/N overwrites what came from {xc}; += belongs: {dx} = {dxc} + {dmean}/N.",
      zh: "{dx} = {dmean}/N 覆盖了从 {xc} 传来的梯度；应当用 += 累加：{dx} = {dxc} + {dmean}/N。",
    },
    hint: {
      en: "All rows of {dx} are the same: up to which gradient did they still differ?",
      zh: "{dx} 的各行完全相同：往回走时，到哪个梯度为止各行还不同？",
    },
  },
  "no-1/N": {
    explanation: {
      en: "Neither average is divided on the way back: {dvar}/m, with m = N − ddof, and {dmean}/N belong there.",
      zh: "两处平均在反向传播时都漏了除法：应为 {dvar}/m（m = N − ddof）和 {dmean}/N。",
    },
    hint: {
      en: "Repeat the check with twice as many rows: how does the error of {dx} change?",
      zh: "把行数加倍再检查一次：{dx} 的误差怎样变化？",
    },
  },
  "no-1/N-variance": {
    explanation: {
      en: "The variance path lacks its divisor m = N − ddof: {dsq} = {dvar}/m.",
      zh: "方差路径漏了除数 m = N − ddof：应为 {dsq} = {dvar}/m。",
    },
    hint: {
      en: "Raise one value of {sq} by 1: how far does {var} move?",
      zh: "让 {sq} 中的一个值增大 1：{var} 变化多少？",
    },
  },
  "no-1/N-mean": {
    explanation: {
      en: "The mean path lacks 1/N: {dx} gets {dmean}, where {dmean}/N belongs.",
      zh: "均值路径漏了 1/N：传给 {dx} 的是 {dmean}，应为 {dmean}/N。",
    },
    hint: {
      en: "Raise one {x} of a column by 1: how far does the mean move?",
      zh: "让一列中的一个 {x} 增大 1：均值变化多少？",
    },
  },
  "twice-1/N-mean": {
    explanation: {
      en: "The mean path divides by N twice: {dx} gets {dmean}/N², where {dmean}/N belongs.",
      zh: "均值路径两次除以 N：传给 {dx} 的是 {dmean}/N²，应为 {dmean}/N。",
    },
    hint: {
      en: "{dmean} is still right: follow it into {dx} and name the gate behind every operation.",
      zh: "{dmean} 还是对的：跟着它走到 {dx}，说出每一步计算对应哪个运算。",
    },
  },
  "no-factor-2": {
    explanation: {
      en: "The variance path lacks the 2 that the square brings: {dxc} gets {xc}·{dsq}, where 2·{xc}·{dsq} belongs.",
      zh: "方差路径漏了平方求导得到的 2：传给 {dxc} 的是 {xc}·{dsq}，应为 2·{xc}·{dsq}。",
    },
    hint: {
      en: "Compare 3² with 3.01²: how fast does a square grow at 3?",
      zh: "比较 3² 与 3.01²：在 3 处，平方增长得有多快？",
    },
  },
  "mean-path-sign": {
    explanation: {
      en: "{dx} subtracts {dmean}/N, which has to be added: {dx} = {dxc} + {dmean}/N.",
      zh: "{dx} 减去了 {dmean}/N；应当加上：{dx} = {dxc} + {dmean}/N。",
    },
    hint: {
      en: "When one {x} grows, which way does the mean of its column go?",
      zh: "一个 {x} 增大时，它那一列的均值往哪个方向变？",
    },
  },
  "variance-path-sign": {
    explanation: {
      en: "{dxc} subtracts 2·{xc}·{dsq}, which has to be added: {dxc} = {dxhat}/√({var} + eps) + 2·{xc}·{dsq}.",
      zh: "{dxc} 减去了 2·{xc}·{dsq}；应当加上：{dxc} = {dxhat}/√({var} + eps) + 2·{xc}·{dsq}。",
    },
    hint: {
      en: "When an {x} moves away from the mean, does the variance grow or fall?",
      zh: "一个 {x} 远离均值时，方差是增大还是减小？",
    },
  },
  "uncentred-variance-path": {
    explanation: {
      en: "The variance path of {dx} multiplies by {x}, where {xc} = {x} − {mean} belongs: 2·{xc}·{dvar}/m, with m = N − ddof.",
      zh: "{dx} 的方差路径乘的是 {x}；应乘 {xc} = {x} − {mean}：2·{xc}·{dvar}/m，其中 m = N − ddof。",
    },
    hint: {
      en: "Where in a column can {x} move a little and not change the variance? Test the variance path there.",
      zh: "在一列中，{x} 取什么值时小幅移动不改变方差？在那里检验方差路径。",
    },
  },
  "xhat-in-variance-path": {
    explanation: {
      en: "The variance path multiplies by {xhat}, where {xc} = {x} − {mean} belongs: 2·{xc}·{dsq}.",
      zh: "方差路径乘的是 {xhat}；应乘 {xc} = {x} − {mean}：2·{xc}·{dsq}。",
    },
    hint: {
      en: "Which node does the square gate read?",
      zh: "平方运算读取的是哪个节点？",
    },
  },
  "direct-unscaled": {
    explanation: {
      en: "The direct path of {dx} is {dxhat}, undivided; {dxhat}/√({var} + eps) belongs there.",
      zh: "{dx} 的直接路径用的是 {dxhat}，没有做除法；应为 {dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "Make every {x} ten times as large and look at the three paths of {dx}: do they change alike?",
      zh: "把所有 {x} 放大到 10 倍，分别看 {dx} 的三条路径：它们的变化一致吗？",
    },
  },
  "direct-over-var": {
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
    explanation: {
      en: "The direct path of {dx} multiplies {dxhat} by the root, where it has to divide: {dxhat}/√({var} + eps).",
      zh: "{dx} 的直接路径把 {dxhat} 乘上了平方根；应当相除：{dxhat}/√({var} + eps)。",
    },
    hint: {
      en: "When does a nudge of one {x} move {xhat} more: in a column of wide spread, or of narrow?",
      zh: "一列数据越分散，一个 {x} 的小变化使 {xhat} 变得更多还是更少？",
    },
  },
  "gamma-twice": {
    explanation: {
      en: "{dx} is multiplied by {gamma} a second time; {gamma} is already in {dxhat} = {dy}·{gamma}.",
      zh: "{dx} 又多乘了一次 {gamma}；{dxhat} = {dy}·{gamma} 中已经有它。",
    },
    hint: {
      en: "Double {gamma} and keep {dy}: by which factor does {dx} grow, and by which should it?",
      zh: "把 {gamma} 加倍，{dy} 不变：{dx} 变为几倍？应是几倍？",
    },
  },
  "dx-times-n": {
    explanation: {
      en: "{dx} is N times too large, as when the closed form loses its 1/N: {dx} = {dxc} + {dmean}/N belongs there.",
      zh: "{dx} 是应有值的 N 倍，如同闭式公式漏了前面的 1/N：应为 {dx} = {dxc} + {dmean}/N。",
    },
    hint: {
      en: "Divide your {dx} by the numerical one: the ratio is the same everywhere. What could it count?",
      zh: "用你的 {dx} 除以数值梯度，比值处处相同：这个比值可能是什么的个数？",
    },
  },
  "dx-over-n": {
    explanation: {
      en: "{dx} is divided by N at its end; the divisors are already in the paths: {dx} = {dxc} + {dmean}/N.",
      zh: "{dx} 最后又除以了 N；各条路径中已有所需的除数：应为 {dx} = {dxc} + {dmean}/N。",
    },
    hint: {
      en: "Look at the last line that changes {dx}: to which gate of the graph does it belong?",
      zh: "看最后一行改动 {dx} 的代码：它对应计算图中的哪个运算？",
    },
  },
  transposed: {
    explanation: {
      en: "{dx} is returned transposed, as (D, N); it has the shape of {x}, (N, D).",
      zh: "返回的 {dx} 被转置成了 (D, N)；它应与 {x} 形状相同，为 (N, D)。",
    },
    hint: {
      en: "Nudge {x}[0, 1] alone: which entry of {dx} foretells how the loss moves?",
      zh: "只把 {x}[0, 1] 改变一点：{dx} 的哪个元素预示了损失的变化？",
    },
  },
  "no-eps-backward": {
    explanation: {
      en: "The backward pass leaves out eps: it divides by powers of √{var}, where those of √({var} + eps) belong.",
      zh: "反向传播漏了 eps：除以的是 √{var} 的幂，应为 √({var} + eps) 的幂。",
    },
    hint: {
      en: "Shrink {x} until its variance is almost 0: do both passes still divide by the same number?",
      zh: "把 {x} 缩小到方差几乎为 0：前向与反向除以的还是同一个数吗？",
    },
  },
  "other-ddof-backward": {
    explanation: {
      en: "The backward pass divides {dvar} by the wrong one of N and N − 1; the forward m = N − ddof belongs.",
      zh: "反向传播在 N 与 N − 1 中选错了除数：应为 {dvar}/m，m = N − ddof 与前向传播一致。",
    },
    hint: {
      en: "Put the line that computes {var} beside the line that sends its gradient back to the rows.",
      zh: "把计算 {var} 的那行代码与把它的梯度传回各行的那行放在一起比较。",
    },
  },

  // The forward pass.
  "uncentred-variance": {
    explanation: {
      en: "{var} sums {x}², where ({x} − {mean})² belongs: {var} = Σ ({x} − {mean})²/m, with m = N − ddof.",
      zh: "{var} 对 {x}² 求和；应对 ({x} − {mean})² 求和：{var} = Σ ({x} − {mean})²/m，其中 m = N − ddof。",
    },
    hint: {
      en: "Take the column 10, 10, 10: what is its variance, and what do you get?",
      zh: "取一列 10、10、10：它的方差是多少？你得到的是多少？",
    },
  },
  "other-ddof-forward": {
    explanation: {
      en: "Only the forward pass divides the variance by the wrong one of N and N − 1; m = N − ddof belongs.",
      zh: "前向传播求方差时在 N 与 N − 1 中选错了除数；应与反向一样用 m = N − ddof。",
    },
    hint: {
      en: "Take the column 1, 2, 3: which variance do your settings ask for, and which do you get?",
      zh: "取一列 1、2、3：按你的设置方差应是多少？实际得到多少？",
    },
  },
  "other-ddof": {
    explanation: {
      en: "Both passes divide by the wrong one of N and N − 1; the settings ask for m = N − ddof.",
      zh: "前向与反向传播在 N 与 N − 1 中都选错了除数；按设置应为 m = N − ddof。",
    },
    hint: {
      en: "The two passes agree with each other but not with the reference: which setting did both miss?",
      zh: "两者彼此一致，却都与参考结果不同：它们都忽略了哪项设置？",
    },
  },
  "eps-outside": {
    explanation: {
      en: "eps is added to the root; it belongs under it: {std} = √({var} + eps), not √{var} + eps.",
      zh: "eps 加在了根号外面；应加在根号里面：{std} = √({var} + eps)，而不是 √{var} + eps。",
    },
    hint: {
      en: "Print {std} for a column whose values are all equal: which number do you expect?",
      zh: "取一列全都相等的值，打印 {std}：你预期是哪个数？",
    },
  },
  "eps-squared": {
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
    explanation: {
      en: "The forward pass adds 0.001, the default of Keras, to {var}, where the eps of the settings belongs.",
      zh: "前向传播给方差加的是 Keras 的默认值 0.001；应加设置中的 eps。",
    },
    hint: {
      en: "Print every constant that the forward pass really uses and compare it with the settings.",
      zh: "打印前向传播实际用到的每个常数，再与设置对比。",
    },
  },
  "no-eps": {
    explanation: {
      en: "The forward pass leaves out eps: {std} = √{var}, where √({var} + eps) belongs.",
      zh: "前向传播漏了 eps：用的是 {std} = √{var}，应为 √({var} + eps)。",
    },
    hint: {
      en: "Normalize a column whose values are all equal: is {y} finite?",
      zh: "对一列全都相等的值做归一化：{y} 是有限数吗？",
    },
  },
  "over-var-forward": {
    explanation: {
      en: "{xhat} divides {xc} by {var} + eps, where the root belongs: {xhat} = ({x} − {mean})/√({var} + eps).",
      zh: "{xhat} 把 {xc} 除以 {var} + eps；应除以它的平方根：{xhat} = ({x} − {mean})/√({var} + eps)。",
    },
    hint: {
      en: "Compute the standard deviation of each column of {xhat}: what should it be?",
      zh: "算出 {xhat} 每一列的标准差：它应是多少？",
    },
  },
  "times-std-forward": {
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
    explanation: {
      en: "{xhat} scales {x}, from which the mean was not subtracted: {xhat} = ({x} − {mean})/√({var} + eps).",
      zh: "{xhat} 直接缩放了 {x}，没有减去均值：应为 {xhat} = ({x} − {mean})/√({var} + eps)。",
    },
    hint: {
      en: "Compute the average of each column of {xhat}: what should it be?",
      zh: "算出 {xhat} 每一列的平均值：它应是多少？",
    },
  },
  "no-gamma-forward": {
    explanation: {
      en: "{y} leaves out {gamma}: {y} = {xhat} + {beta}, where {gamma}·{xhat} + {beta} belongs.",
      zh: "{y} 漏乘了 {gamma}：算成了 {y} = {xhat} + {beta}，应为 {gamma}·{xhat} + {beta}。",
    },
    hint: {
      en: "Measure the spread of each column of {y}: what should set it?",
      zh: "量一量 {y} 每一列的离散程度：它应由什么决定？",
    },
  },
  "gamma-beta-swapped-forward": {
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
    explanation: {
      en: "{var} is Σ {x}²/N − {mean}², which loses its digits where {mean} dwarfs the spread; ({x} − {mean})² must be summed.",
      zh: "{var} 由 Σ {x}²/N − {mean}² 得出，均值远大于离散程度时会丢失有效数字；应对 ({x} − {mean})² 求和。",
    },
    hint: {
      en: "Add 1e5 to every {x} in float32: {var} should stay as it is. Does it?",
      zh: "在 float32 下给所有 {x} 加上 1e5，{var} 本应不变：实际如何？",
    },
  },
} as const satisfies Readonly<Record<string, MistakeWords>>;

/** The mistakes in the calls around the passes. */
export const callMistakeWords = {
  "stateful-forward": {
    explanation: {
      en: "Each forward pass moves the running statistics, and the next one differs; a check must freeze them.",
      zh: "前向传播每次都更新滑动统计量，第二次调用与第一次结果不同；检查期间应保持它们不变。",
    },
    hint: {
      en: "Call the forward pass twice with the same input: are the results the same?",
      zh: "用同样的输入调用两次前向传播：结果相同吗？",
    },
  },
  "in-place": {
    explanation: {
      en: "{x} -= {mean} overwrites the caller's array, and later calls read another {x}; {xc} needs an array of its own.",
      zh: "{x} -= {mean} 改写了调用者的数组，之后的调用读到的已不是原来的 {x}；{xc} 应存入新数组。",
    },
    hint: {
      en: "Print {x} before and after the call.",
      zh: "在调用前后各打印一次 {x}。",
    },
  },
  accumulate: {
    explanation: {
      en: "The gradients are added to those of the last call; each backward pass has to start from 0.",
      zh: "梯度累加到了上一次调用的结果上；每次反向传播都应从 0 开始。",
    },
    hint: {
      en: "Call the backward pass three times on the same case and print {dbeta} each time.",
      zh: "对同一个例子调用三次反向传播，每次都打印 {dbeta}。",
    },
  },
  momentum: {
    explanation: {
      en: "momentum weighs the wrong one: 0.9 belongs to the old value, or, as PyTorch counts, 0.1 to the new.",
      zh: "momentum 乘错了对象：0.9 应乘旧值，或按 PyTorch 的约定，0.1 应乘新值。",
    },
    hint: {
      en: "After one training step, is the running mean nearer to where it was or to the mean of the batch?",
      zh: "训练一步之后，滑动均值更接近原来的值，还是这批数据的均值？",
    },
  },
} as const satisfies Readonly<Record<string, MistakeWords>>;

const wordsOf = (id: string) =>
  ((mistakeWords as Record<string, MistakeWords>)[id] ??
    (normMistakeWords as Record<string, MistakeWords>)[id] ??
    (callMistakeWords as Record<string, MistakeWords>)[id]) as MistakeWords;

/** The explanation of a mistake, with the caller's names for arrays. */
export function mistakeText(id: string, language: keyof Words, nameOf: (array: string) => string) {
  const { explanation, hint } = wordsOf(id);
  return { explanation: named(explanation[language], nameOf), hint: named(hint[language], nameOf) };
}

/** All known mistakes, given those in the passes. */
export function withWords(inPasses: readonly MistakeRow[]): readonly Mistake[] {
  const nowhere = { edges: Object.freeze([]), nodes: Object.freeze([]), switchable: false };
  const around = Object.keys(callMistakeWords).map(
    (id): MistakeRow => ({
      id,
      ...nowhere,
      norms: Object.freeze(id === "momentum" ? ["batch"] : [...norms]),
    }),
  );
  return Object.freeze(
    [...inPasses, ...around].map(({ id, ...row }): Mistake => {
      const { explanation, hint } = wordsOf(id);
      return Object.freeze({ id, explanation: plain(explanation), hint: plain(hint), ...row });
    }),
  );
}
