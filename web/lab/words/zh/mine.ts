import { html } from "lit";
import { mistakeText } from "../../../src/mistake-words.ts";
import { quote } from "../../base/numbers.ts";
import { printsWith } from "../../maths/code-lines.ts";
import type { Setting } from "../../maths/layout.ts";
import type { ArrayId, Notation } from "../../maths/notations.ts";
import type { mine as english } from "../en/mine.ts";

const listOf = (names: readonly string[]) => names.join("、").replace(/、([^、]*)$/, " 和 $1");

export const mine = (notation: Notation, setting: Setting): ReturnType<typeof english> => {
  const { labels, code } = notation;
  const isRms = setting.norm === "rms"; // without a mean and beta
  const [dvar, other] = isRms ? (["dms", "dxhat"] as const) : (["dvar", "dmean"] as const);
  const printed = printsWith(notation) === "PyTorch" ? "tensor" : "array";
  const small =
    { columns: "只有两行的一列", rows: "只有两列的一行" }[setting.kind as string] ?? "只有两个数的一组";
  const nameOf = (array: string) => code[array as ArrayId];
  return {
    mine: {
      yourArrays: "你的数组",
      found: "检查结果",

      kase: (kase) => html`针对上方的例子 ${kase}。`,
      copy: (library) => `把输入复制为 ${library} 代码`,
      copyCell: "复制笔记本单元格",
      copied: {
        inputs: "已复制。",
        cell: "已复制。把它粘贴到一个单元格里，再调用 backnorm_check(your_backward, dout, cache, x=x, gamma=gamma, beta=beta)：它会运行你的函数，并把其中的数组带到这里。",
      },
      copyByHand: "浏览器不允许复制，请在这里全选后自行复制：",
      afterPasses: "用这些输入完成你自己的前向与反向传播之后：",
      alsoWrong: (name, difference) => `${name} 本身也不对。${difference}`,
      caseTaken: "你粘贴了一个完整的例子：现在用的就是它，上方的输入也换成了它的数。",
      filled: (names) => `其中没有 ${names.join("、")}：${code.gamma} 取 1，${code.beta} 取 0。`,
      paste: "你的数组，按程序打印的原样粘贴",
      placeholder: `${code[dvar]} = ${printed}([-0.0111, -0.0367, …])\n${code[other]} = …\n${code.dx} = [[ 0.0083, …`,
      tryExample: "试一个示例",
      anotherExample: "换一个示例",
      example: "示例：含有一处错误的程序所打印的结果。",
      chooseFiles: "选择文件…",
      clear: "全部清除",
      putBack: "恢复原来的内容",

      noArray: "这里不是数组",
      trouble: (what, fault) => html`${what}：${fault}。`,
      fault: (fault) => `${fault}。`,
      emptyFile: "应含有数组，但没有找到",
      goThere: "转到此处",
      more: (count) => `另有 ${count} 处。`,
      unknownName: (name) => `${quote(name)} 不是已知的名称，已知的名称列在下方。`,
      unnamed: (name, place, array) =>
        name
          ? `${place}的 ${quote(name)} 不是已知的名称，未采用。${array}。`
          : `${place}有一个未命名的数组。${array}。`,
      takenFor: (name, place, array) => `${place}有一个未命名的数组，按形状和次序当作 ${name}。${array}。`,
      byNumbers: (pairs) => `按数值认出：${pairs.map(([name, taken]) => `${name} 是 ${taken}`).join("，")}。`,
      leftOut: (names) => `名称未知，已略去：${names.join("、")}。`,
      line: (line) => `第 ${line} 行`,
      file: (file) => (file ? `文件 ${file} 中` : "来自外部"),
      whichOne: "它是哪个数组？",
      suchAs: `${code.dx}、${code[dvar]}、${code[other]}…`,
      knownNames: "可识别的名称",
      aboutNames: () => html`计算图、CS231n、Kratzert、makemore 和 PyTorch 中的名称都能识别，可写成
        <code>${code[dvar]} = …</code>、<code>${code[dvar]}: …</code>、<code>"${code[dvar]}": …</code>、
        <code>${code.x}.grad</code>，也可以跟在命令提示符之后；在任何一个值的名称前加上 <code>grad_</code>
        即表示它的梯度。可读取 NumPy、PyTorch、TensorFlow、JAX、
        Paddle、MXNet、pandas、R、MATLAB、Octave 和 Julia 打印的数组，以及 JSON、CSV 和 <code>.npz</code>。<code>.npy</code>
        文件以文件名作为数组名；三个未命名的数组，若大小相符，就当作 <code>${code.dx}</code>、<code>${code.dgamma}</code> 和
        <code>${code.dbeta}</code>。`,
      array: (size, isSingle, decimals) =>
        `${size}${isSingle ? "，float32" : ""}，${decimals === undefined ? "全部有效数字" : `${decimals} 位小数`}`,
      numbers: (count) => `${count} 个数`,

      pasteAny: "粘贴你的任意几个数组，这里就会指出第一个出错的数组，以及它与正确结果的关系。",
      pasteAnySparing: "粘贴你的任意几个数组，这里就会指出第一个出错的数组。",
      stepsToDo: [
        "把输入复制到你的程序里。",
        `打印反向传播算出的数组：至少要有 ${code.dx}，如有 ${code.dgamma}、${code[dvar]}、${code[other]} 也一并打印。`,
        "把打印结果一次全部粘贴进来。",
      ],
      staysHere: "所有数据都只留在本页。",

      judged: {
        right: "正确",
        "wrong here": "错在此处",
        inherited: "由前面的错误导致",
        wrong: "有误",
        undecidable: "无法判定",
      },
      givenAgain: "重复给出",
      remove: (name) => `移除 ${name}`,
      wrong: (name) => html`${name} 有误。`,
      firstWrong: (name) => html`${name} 是第一个出错的数组。`,
      hiddenWrong: (name) => html`<b>${name}</b> 一定不对：你粘贴的数组都由它得出。`,
      wrongToo: (names) => `${listOf(names)} 本身也不对。`,
      others: (heirs, more, right, given) => {
        const all = more > 0 ? `${heirs.join("、")} 等 ${heirs.length + more} 个数组` : `${listOf(heirs)} `;
        const so = heirs.length === 0 ? "" : `${all}也随之出错。`;
        return `${so}${given} 个数组中有 ${right} 个正确。`;
      },
      nothingWrong: "没有发现错误。",
      tooFewDigits: (names) =>
        `打印的位数太少，无法判断 ${listOf(names)}。请打印更多位，例如用 np.set_printoptions(precision=17)。`,
      tooMuchRounding: (names, precision) =>
        `无法判断 ${listOf(names)}：${precision} 的舍入误差可能掩盖错误。`,
      cancels: (names) =>
        `在这个例子上无法判断 ${listOf(names)}：正确的数值已相互抵消殆尽，即使算错了，结果也会一致。`,
      computedIn: (precision) => `你的程序以 ${precision} 计算，这里也按此判断。`,
      readIn: (precision) =>
        `你的程序以 ${precision} 读入了输入，这里也按此判断。请检查是否保留了输入的 dtype。`,
      onePass:
        "你的方差是用 E[x²] − E[x]² 一次遍历算出的。在这里是对的，但当均值远大于离散程度时会丢失有效数字。",
      channelsAt: (name, axis) =>
        `${name} 的通道在第 ${axis} 轴${axis === 1 ? "（即 NCHW）" : ""}，这里也按此读取。`,
      oneRight: (name) => html`你的 ${name} 是正确的。`,
      allRight: (count) => `你的 ${count} 个数组全部正确。`,
      explained: "每个数的偏差都在舍入误差和打印位数所能解释的范围之内。",
      missing: (names) => `尚未给出：${names.join("、")}。`,

      where: "错在哪里",
      kind: "哪一类错误",
      answer: "错误是什么",
      question: "想一想",
      askKind: "提示：这是哪一类错误？",
      askAnswer: "告诉我答案",
      askQuestion: "提示：给我一个问题",
      otherInput: (name, library) =>
        `${name} 是输入，而你给出的与例子中的不同。请重新把输入复制为 ${library} 代码，再次运行并粘贴结果；由其他输入得到的结果无法判断。`,
      wrongBefore: (name, names) =>
        `错误在 ${name} 或它之前的步骤中。请把 ${listOf(names)} 也粘贴进来，范围就会缩小。`,
      wrongHere: (name) => `你给出的数组中，${name} 之前的都没有错，所以请先检查计算 ${name} 的那一行。`,
      liesOn: (edges) => `错误位于边 ${edges.join("，以及边 ")}。`,
      broken: (law, groups, more, isBatch) => {
        const group = isBatch ? "列" : "组";
        const which = `第 ${groups.join("、")}${more ? "……" : ""} ${group}`;
        return html`${law} 在${groups.length === 0 ? `任何一${group}都` : which}不成立。`;
      },
      noneFits: (count) =>
        `已知的 ${count} 种错误都不能恰好得出这些数：要么是别的错误，要么同时犯了超过两处错误。`,
      noneFitsSparing: `已知的错误都不能恰好得出这些数。请取${small}，手算那一行代码：你的结果从哪一步开始不同？`,
      severalFit: "以下错误与你给出的全部数组同样吻合：",
      seeOnGraph: "在计算图上查看",
      rightLines: (_, library) => `正确的 ${library} 代码：`,

      compare: "与正确的数对照",
      numbersOf: (name) => `${name} 的数值`,
      offBy: (error, bound) => `最大偏差 ${error}，允许 ${bound}`,
      yours: "你的",
      theRightOne: "正确的",
      difference: (power) => `你的 − 正确的${power}`,
      captioned: (caption, name) => `${caption}，${name}`,
      allCellsWrong: "所有数都不对。",
      cellsWrong: (count, all) => `${all} 个数中有 ${count} 个不对，已加框标出。`,

      ways: {
        direct: "直接路径",
        "through-var": "经过方差的路径",
        "through-mean": "经过均值的路径",
        "through-rms": "经过均方根的路径",
      },
      edgeOn: (edge, way) => `${edge}（${way}）`,
      place: (place) => `第 ${place} 个数`,
      placeIn: (index) => `位置 [${index.join(", ")}]（从 0 数起）`,
      colon: "：",
      recognised: {
        norms: {
          batch: "批量归一化",
          layer: "层归一化",
          group: "组归一化",
          instance: "实例归一化",
          rms: "RMS 归一化",
        },
        otherNorm: (norm, groups) => `这些是${norm}${groups > 1 ? `（${groups} 组）` : ""}的正确结果。`,
        otherInputs: "这些结果是由其他输入算出的吗？",
        hidden: (name) => `你没有粘贴 ${name}。请先检查计算它的那一行，再把它粘贴进来确认。`,
        askInputs:
          "所有数组都不同，连只依赖一个输入的也不同。请复制本例的输入，重新运行你的程序，再粘贴输出。",
      },
      computedAs: {
        movedRows: (by) => `你的数组里的数是正确的，但整体下移了 ${by} 行。`,
        movedColumns: (by) => `你的数组里的数是正确的，但整体右移了 ${by} 列。`,
        inGroups: {
          movedRows: (by) => `你的数组里的数是正确的，但在每组内后移了 ${by} 位。`,
          movedColumns: (by) => `你的数组里的数是正确的，但整体后移了 ${by} 组。`,
          ofAll: (sum) => `[${sum} 对所有组的平均值]`,
          ofOne: (sum, group) => `[第 ${group} 组的 ${sum}]`,
          constant: "整组都相同的一项",
        },
        elements: (count, where) =>
          count === 1
            ? `除了${where}的一个数，你的数组都正确。`
            : `除了 ${count} 个数（最先出现在${where}），你的数组都正确。`,
        sign: "你的数组符号相反，而之后的结果都正确：这只是约定不同。",
        name: (other) => `你的数组就是这里所说的 ${other}，而之后的结果都正确：只是名字不同。`,
        formula: (formula) => `你的数组是 ${formula}。`,
        hidden: (name, what) => `如果 ${name} 是 ${what}，就会得到所有这些数组。`,
        timesRight: (factor) => `正确值的 ${factor} 倍`,
        ofAll: (sum) => `[${sum} 对所有列的平均值]`,
        ofOne: (sum, column) => `[第 ${column} 列的 ${sum}]`,
        offset: (by) => `你的数组是正确的数组加上 ${by}。`,
        limits: (low, high) =>
          low === null
            ? `正确的数组，但大于 ${high} 的数都换成了 ${high}`
            : high === null
              ? `正确的数组，但小于 ${low} 的数都换成了 ${low}`
              : `正确的数组，但截断到 [${low}, ${high}]`,
        notFinite: (count, where, cause) =>
          count === 1
            ? `你的数组有一个非有限的数，在${where}。${cause}`
            : `你的数组有 ${count} 个非有限的数，最先出现在${where}。${cause}`,
        causes: {
          unknown: "",
          "zero-std": "那里的标准差是 0，而 0/0 是 NaN：方差没有加上任何数。",
          "negative-var": "那里你的方差是负数，不能开方。",
          range: "那里的正确数值超出了 float16 的范围。",
        },
        root: (root) => `你的数组相当于把标准差取作 ${root}。`,
        shares: (parts) => `在你的数组中，${parts.join("；")}。`,
        share: (name, state) => `${name}：${state}`,
        part: (pattern) => (pattern ? `含 ${pattern} 的一项` : "各行都相同的一项"),
        right: "正确",
        missing: "缺失",
        other: "不对",
        times: (factor) => `正确值的 ${factor} 倍`,
        is: (formula) => `系数是 ${formula}`,
        asWith: (root) => `相当于把标准差取作 ${root}`,
      },
      relation: {
        none: "你的数组与正确的数组之间没有简单的关系。",
        notFinite: (place) => `你的数组中有非有限的数，最先出现在${place}。`,
        length: (got, expected) => `你的数组有 ${got} 个数，应有 ${expected} 个。`,
        shape: (got, expected) => `你的数组形状是 ${got}，应为 ${expected}。`,
        transposed: "你的数组是正确数组的转置。",
        unsummed: "你的数组没有对各行求和；它每列的和是正确的。",
        perSample: "只对位置求了和：缺少对样本的求和",
        wrongAxis: "你的数组在每行内对各列求和；应在每列内对各行求和。",
        sign: "你的数组是正确数组的 −1 倍：符号反了。",
        zero: "你的数组全是 0。",
        ratio: (factor, count) =>
          `你的数组是正确数组的 ${factor} 倍${count ? `，在这里正是 ${count}` : ""}。`,
        power: (power) => `你的数组是正确数组乘以 ${power}。`,
        equals: (other) => `你的数组恰好是 ${other} 的正确数值。`,
        missingPath: (edge) => `你的数组缺了一部分，它应经由这条边传回：${edge}。`,
        onlyPath: (edge) => `你的数组只含一部分，它经由这条边传回：${edge}。`,
        inGroups: {
          unsummed: "你的数组没有求和：它的形状与 x 相同，而它的和是正确的。",
          wrongAxis: "你的数组在每组内求和；而 gamma 和 beta 属于各通道，应对所有组求和。",
          ratioPerColumn: "在每一组中，你的数组都是正确数组的某个倍数，各组的倍数不同。",
          offsetPerColumn: "在每一组中，你的数组都与正确数组相差一个常数：整组都差同样的一项。",
        },
        ratioPerColumn: "在每一列中，你的数组都是正确数组的某个倍数，各列的倍数不同。",
        offsetPerColumn: "在每一列中，你的数组都与正确数组相差一个常数：差的那一项在各行都相同。",
      },
    },
    bank: {
      places: {
        "dy-ones": "从损失传回的梯度",
        swapped: isRms ? labels.dgamma : `${labels.dbeta} 和 ${labels.dgamma}`,
        "no-gamma": labels.dxhat,
        "dstd-sign": `${labels[dvar]} 及之前的梯度`,
        "dmean-sign": labels.dmean,
        "detached-stats": `${labels.dx} 的${isRms ? "两" : "三"}条路径`,
        "uncentred-variance": "前向传播",
        "stateful-forward": "调用方式",
      },
      search: "搜索错误",
      suchAs: `搜索：eps、${code[dvar]}、平均…`,
      all: (count) =>
        `共 ${count} 种错误，按从损失回到 ${labels.x} 的顺序排列。选择一种，就会在上方的例子中制造这个错误。`,
      none: (wanted) => `没有哪种错误包含${quote(wanted)}。`,
      some: (count, all) => `${all} 种中有 ${count} 种。`,
      aroundPasses: "不在传播内部，而在调用方式上",
      changes: (edges, nodes) =>
        [...edges.map((edge) => `边 ${edge}`), ...nodes.map((node) => `节点 ${node}`)].join("；"),
    },
    mistakes: {
      title: (id) => mistakeText(id, "zh", nameOf, setting).title,
      explanation: (id) => mistakeText(id, "zh", nameOf, setting).explanation,
      hint: (id) => mistakeText(id, "zh", nameOf, setting).hint,
    },
  };
};
