/** 错误说明：错误以数据给出，每种错误在这里各有一行，说出“应为”和“实为”；只写“应为”的，“实为”就是所给的值。 */
import type { ParamsIn, Sentence } from "../../../src/faults.ts";
import {
  type FileFormat,
  type fileSentences,
  hexOf,
  kSave,
  type NotNumbers,
  type NpyPiece,
} from "../../../src/file-sentences.ts";
import { type Given, listed } from "../../../src/given.ts";
import type { Instead } from "../../../src/options.ts";
import {
  hasComma,
  type Level,
  type readingSentences,
  type Thing,
  type Unexpected,
} from "../../../src/reading-sentences.ts";
import type { sentences } from "../../../src/sentences.ts";
import { type Argument, isFault } from "../../base/fault.ts";
import { notFinite, quote } from "../../base/numbers.ts";
import type { PageParams, PageReason, Place } from "../en/faults.ts";

type Row<Params> = Sentence | ((params: Params) => Sentence);
type Rows<Of extends typeof sentences | typeof readingSentences | typeof fileSentences> = {
  readonly [Reason in keyof Of]: Row<ParamsIn<Of, Reason>>;
};

/** 汉字与西文、数字之间空一格。 */
const spaced = (part: string) => (/^[\p{Script=Han}“（]/u.test(part) ? part : ` ${part}`);
const bracketed = (shape: readonly number[]) => `[${shape.join(", ")}]`;
const either = (names: readonly string[]) =>
  names.length > 1 ? `${names.slice(0, -1).join("、")}或${spaced(names.at(-1) as string)}` : names.join();

const kinds: { readonly [Kind in Given["kind"]]?: string } = {
  bigint: "大整数",
  symbol: "符号",
  function: "函数",
  object: "对象",
  array: "普通数组",
  tab: "制表符",
  "line end": "行末",
  end: "文本末尾",
};
function said({ kind, value }: Given): string {
  if (typeof value === "string") return `${kind === "string" ? "字符串" : ""}“${value}”`;
  if (value === Infinity || value === -Infinity) return value > 0 ? "无穷大" : "负无穷大";
  return value === undefined ? (kinds[kind] ?? kind) : String(value);
}
const entriesOf = (got: Given) => (got.entries ? listed(got, said) : said(got));

const things: Readonly<Record<Thing, string>> = {
  number: "数",
  "number with a point": "以小数点书写的数",
  "column name": "每列上方的列名",
  "row name": "每行前面的行名",
  separator: "前面的分隔符",
  keyword: "关键字参数，例如 dtype=",
  "closing quote": "本行内与之配对的引号",
  nothing: "文本末尾（数组已经结束）",
  dtype: "引号中的 dtype（不支持结构化类型）",
  lengths: "各维长度组成的元组（每个长度不小于 0）",
  "header end": "“}”和文件头的末尾",
};
const unexpected = ({ wanted, asAbove }: Unexpected) =>
  either(wanted.map((one) => things[one as Thing] ?? `“${one.slice(1, -1)}”`)) +
  (asAbove ? "（与前面一样）" : "");
/** 连同量词。 */
const levels: Readonly<Record<Level, string>> = {
  value: "个值",
  row: "行",
  table: "张表",
  block: "块",
  group: "组",
};
const separators = { ",": "逗号", ";": "分号", "\t": "制表符", " ": "空格" };
const pieces: Readonly<Record<NpyPiece, string>> = {
  version: "版本号",
  "header length": "文件头的长度",
  header: "文件头",
};
const contents: Readonly<Record<NotNumbers, string>> = {
  "complex numbers": "复数",
  "Python objects": "Python 对象",
  "byte strings": "字节串",
  text: "文本",
  dates: "日期",
  durations: "时间差",
  "raw bytes": "原始字节",
};
const formats: Readonly<Record<FileFormat, string>> = {
  zip: ".npz 之类的压缩文件，应由 parseNpz 读取",
  MATLAB: "MATLAB 文件",
  HDF5: "HDF5 文件",
  pickle: "Python 的 pickle 文件",
  PyTorch: "PyTorch 文件",
  safetensors: "safetensors 文件",
};
const insteadOf = (format: FileFormat | undefined) =>
  format ? `（${formats[format]}${format === "zip" ? "" : `：请用 ${kSave} 保存其中的数组`}）` : "";
const engines = { webassembly: "能够运行的 WebAssembly（含 SIMD）", javascript: "能够载入的 fallback.js" };
const aName = ({ names }: { names: readonly string[] }) => either(names.map((name) => `“${name}”`));
const atMostDimensions = ({ most, got }: { most: number; got: number }): Sentence => [
  `至多 ${most} 维`,
  `${got} 维`,
];

const instead: Readonly<Record<Instead, string>> = {
  "given-statistics": "以 forward() 按批统计量归一化，或以 infer() 按 runningMean 和 runningVar 归一化",
  "of-a-layer": "training: false（按 runningMean 和 runningVar 归一化，二者也是选项）",
  "of-eval-mode": "以 inferBackward() 求滑动统计量下的梯度（它们是独立的输入）",
  axes: "以 axis 指明通道所在的轴（其余各轴都参与归一化）",
  mask: "不含要略去的值的 x（每个值都参与计算）",
  affine: "省略 gamma 和 beta（即取 1 和 0）",
  dtype: "不写 dtype（由 x 的类型决定）",
};

const forgotten = "通道若在那里，须给出 layout: “channels-last”";

const ofArguments: Rows<typeof sentences> = {
  // 数组
  "not-a-typed-array": "Float32Array 或 Float64Array",
  "mixed-kinds": ({ kind, likeX }) => `${likeX ? "与 x 同类的 " : ""}${kind}Array`,
  "detached-buffer": ["仍可访问的缓冲区", "已转移走的缓冲区，或内核内存增长之前的缓冲区"],
  "length-mismatch": ({ length, of, got }) => {
    const isOfLast = typeof of === "object" && "last" in of;
    const hint = isOfLast && of.last === got ? `（等于最后一轴的长度：${forgotten}）` : "";
    const why =
      of === "data"
        ? "与 data 一样多"
        : of === "channel" || isOfLast
          ? `对应 ${length} 个通道`
          : of === "column"
            ? `对应 ${length} 列`
            : `对应形状 ${bracketed(of)}`;
    return [`${length} 个值（${why}）`, `${got}${hint}`];
  },
  "not-finite": ({ got, index }) => ["有限的数", `${bracketed(index)} 处的${spaced(said(got))}`],
  overflow: ["计算中始终有限的数", "溢出或除以 0，例如 eps = 0 而某一列为常数"],

  // 选项
  "not-an-object": "对象",
  "unknown-option": ({ meant, got }) => [meant, `“${got}”`],
  "no-such-option": ({ names, got }) => [names.join("、") + (names.length > 1 ? " 之一" : ""), `“${got}”`],
  "other-option": ({ instead: what, got }) => [instead[what], `“${got}”`],
  "invalid-shape": ({ rank: [least, most], shortest, got }) => [
    `由 ${least === most ? least : `${least} 至 ${most}`} 个${shortest ? "正整数" : "非负整数"}组成的数组`,
    entriesOf(got),
  ],
  "empty-batch": ({ shape }) => [
    "每个通道或每组至少一个值（据以归一化）",
    `一个也没有，形状为 ${bracketed(shape)}`,
  ],
  "shape-too-large": ({ most, shape, size }) => [
    `至多 ${most} 个值`,
    `${bracketed(shape)}（共 ${size} 个值）`,
  ],
  "invalid-layout": aName,
  "invalid-axis": ({ least, rank }) => `${least} 到 ${rank - 1} 或 ${least - rank} 到 -1 的整数`,
  "layout-and-axis": ({ layout, axis }) => `${axis}（即“${layout}”）`,
  "invalid-norm": aName,
  "other-norm": ({ names, norm }) => [
    `同时有 norm 为 ${either(names.map((name) => `“${name}”`))}`,
    `“${norm}”`,
  ],
  "invalid-groups": ({ channels, isOfLast }) =>
    `整除通道数 ${channels} 的正整数${isOfLast ? `（它整除最后一轴的长度：${forgotten}）` : ""}`,
  "invalid-dims": ({ rank }) => `1 到 ${rank}（x 的维数）的整数`,
  "invalid-dtype": aName,
  "invalid-engine": aName,
  "invalid-eps": "不小于 0 的有限数",
  "no-running-statistics": ({ norm }) => [
    "批归一化（只有它有滑动统计量；其他归一化在推理时与训练时相同）",
    `“${norm}”`,
  ],
  "batch-norm-only": ({ norm }) => ["“batch”或省略（此调用不支持其他归一化）", `“${norm}”`],
  "invalid-ddof": "0 或 1",
  "invalid-momentum": "0 到 1 之间的数",
  "invalid-decay": "0 到 1 之间的数",
  "both-momentum-and-decay": ["momentum 与 decay（即 1 - momentum）之一", "两者"],
  "not-a-boolean": "true 或 false",
  "one-value-per-channel": ({ instead, of }) =>
    `${instead}（每${of === "channel" ? "个通道" : "组"}只有一个值时没有无偏方差）`,
  "one-value-in-training": ({ shape }) => [
    "每个通道至少两个值（滑动方差是无偏的）",
    `形状 ${bracketed(shape)}`,
  ],
  "out-of-memory": ({ shape }) => ["计算内核的内存放得下的形状", bracketed(shape)],

  // 层、缓存与分批
  "no-forward": ["已执行过 forward() 的层", "新的层"],
  disposed: ["仍在使用的层", "已释放的层"],
  "foreign-cache": ({ part, got }) => [
    "forward() 返回的缓存，或 x 及其均值与标准差倒数（或均值、方差和 eps）",
    `别的对象：${part} 为${spaced(said(got))}`,
  ],
  "partial-cache": ({ count, part }) => [
    `整批数据的缓存（每个通道 ${part} 个值）`,
    `每个通道共 ${count} 个值的一部分：请把各部分的 sums() 相加，再对各部分调用 apply()`,
  ],
  "no-parts": ({ got }) => ["至少含一个部分的数组", got.entries ? "空数组" : said(got)],
  "invalid-count": ({ least }) => (least === 1 ? "正整数" : `不小于 ${least} 的整数（x 每个通道的值数）`),
  "too-many-values": ["每个通道至多 2^53 - 1 个值", "更多"],

  // 检查与诊断
  "invalid-node": ({ names }) => `${names.join("、")} 之一`,
  "invalid-steps": ({ got }) => ["由有限正数组成的数组", got.entries ? "空数组" : said(got)],
  "invalid-step": "有限正数",
  "invalid-seed": "0 到 4294967295 的整数",
  "invalid-sizes": "由 0 到 2147483648 的整数组成的数组",
  "invalid-size": "0 到 2147483648 的整数",
  "not-a-signal": "AbortSignal",
  "not-a-function": "函数",
  "not-mistakes": "由 bn.mistakes 的 id 组成的数组",
  "unknown-mistake": "bn.mistakes 中的 id",
  "not-in-this-norm": ({ norm, id }) => [`${norm} 归一化的这个例子可能出现的错误`, id],
  "rms-without-beta": "不给 beta：RMS 归一化没有它",
  "rms-without-mean": "不给均值：RMS 归一化没有它",
  "rms-without-ddof": "0：RMS 归一化除以全部数值的个数",
  "unknown-array": ({ examples }) =>
    `${examples.join("、")} 之类的名称，或 CS231n、Kratzert、makemore、PyTorch 所用的名称`,
  "same-array-twice": ({ id, names }) => [`${id} 只出现一次`, `${names.join(" 和 ")}，二者相同`],
  "shape-of-data": ({ length, got }) => [`乘积为 ${length}（data 的长度）的若干整数`, entriesOf(got)],
  "invalid-resolution": "不小于 0 的有限数",

  // 启动
  "not-a-module": "编译好的 WebAssembly 模块",
  "module-for-javascript": ["engine 为“webassembly”，或不给 engine", "“javascript”"],
  "foreign-module": ({ mark, found = "另一个模块" }) => [`${mark} 版的 backnorm.wasm`, found],
  "load-failed": (params) => [
    either(params.engines.map((engine) => engines[engine])),
    params.reasons.map((reason) => `“${reason}”`).join("，随后"),
  ],
};

const ofReading: Rows<typeof readingSentences> = {
  // 文本
  "not-a-string": "字符串",
  "unexpected-in-text": unexpected,
  ragged: ({ length, member, list, at, header, got }) => [
    `第 ${at} ${levels[list]}有 ${length} ${levels[member]}（与${header ? "表头" : `第 1 ${levels[list]}`}一致）`,
    String(got),
  ],
  "mixed-separators": ({ before, got }) => [
    `${separators[before]}（与前面的分隔一致）`,
    separators[got] + (hasComma(before, got) ? "（不支持以逗号作小数点：请把 1,5 写成 1.5）" : ""),
  ],
  shortened: ({ got }) => [
    "全部的数",
    `${said(got)}：打印结果有省略，用 np.set_printoptions(threshold=sys.maxsize) 或 torch.set_printoptions(profile="full") 可打印全部`,
  ],
  "decimal-commas": ({ got }) => ["小数写作 1.5，两个数写作 1, 5", `${said(got)}：两种读法都有可能`],
  "in-pieces": ({ got }) => [
    "不分段打印的整个数组",
    `${said(got)}：MATLAB 和 Octave 的 jsonencode(dx)、Julia 的 println(dx)、R 的 write.csv(dx)、pandas 的 print(dx.to_csv()) 可整体打印`,
  ],
  "too-deep": atMostDimensions,
};

const ofFiles: Rows<typeof fileSentences> = {
  // .npy 文件
  "not-bytes": "Uint8Array 或 ArrayBuffer",
  "not-npy": ({ first, format }) => [
    ".npy 文件开头的 93 4e 55 4d 50 59",
    (hexOf(first) || "空文件") + insteadOf(format),
  ],
  "npy-cut": ({ piece, end }) => [`${pieces[piece]}（到字节 ${end} 为止）`, "文件末尾"],
  "npy-version": ({ version }) => ["版本 1.0、2.0 或 3.0", version],
  "unexpected-in-npy": unexpected,
  "npy-dtype": ({ got, holds }) => [
    "浮点（至多 f8）、整数或布尔类型的 dtype",
    said(got) + (holds ? `：${contents[holds]}` : ""),
  ],
  "npy-too-deep": atMostDimensions,
  "npy-too-large": "小于 2^53 字节的数组",
  "npy-data": ({ bytes, shape, size, got }) => [
    `${bytes} 字节的数据（形状 ${bracketed(shape)}，每个值 ${size} 字节）`,
    `${got} 字节：${got < bytes ? "文件不完整" : `多出 ${got - bytes} 字节`}`,
  ],

  // .npz 文件
  "not-npz": ({ first, format }) => [
    ".npz 文件开头的 50 4b 03 04",
    (hexOf(first) || "空文件") + insteadOf(format),
  ],
  "npz-damaged": ["完整的 .npz 文件", "不完整或已损坏的文件"],
  "npz-member": ({ got, format }) => ["压缩文件中只有 .npy 文件", said(got) + insteadOf(format)],
  "npz-method": ({ method }) => ["np.savez 或 np.savez_compressed 写出的数组", `第 ${method} 种压缩方法`],
};

const placeOf = ({ row, column }: Place) => `${row ? `第 ${row} 行` : ""}第 ${column} 列`;
const dimensions = (shape: readonly number[]) => `${shape.length} 维：${bracketed(shape)}`;
const listOf = (names: readonly string[]) =>
  names.length > 16
    ? `${names.length} 个之一，例如 ${names.slice(0, 3).join("、")}`
    : names.length > 1
      ? `${names.join("、")} 之一`
      : names.join();

/** 按 jsonc-parser 的代码。 */
const json: Readonly<Record<string, string>> = {
  PropertyNameExpected: "双引号中的名称",
  ValueExpected: "数或列表",
  ColonExpected: "冒号",
  CommaExpected: "逗号",
  CloseBraceExpected: "逗号或“}”",
  CloseBracketExpected: "逗号或“]”",
  EndOfFileExpected: "文件末尾",
};

const ofThePage: { readonly [Of in PageReason]: Row<PageParams<Of>> } = {
  // 文件与粘贴
  "too-large": ({ most, got }) => [`至多 ${most} MiB`, String(got)],
  "not-text": ({ byte }) => ["UTF-8 文本或 .npy 文件", byte],
  "not-json": ({ code, got }) => [json[code] ?? "JSON", got ? quote(got) : "文件末尾"],
  "no-x": ["由各行组成的列表，或含有“x”的对象", "没有“x”的对象"],
  "not-numbers": ({ missing }) => ["嵌套列表中的数", missing ? "空缺" : "其他内容"],
  "not-like-x": ({ shape, got }) => [`与 x 相同的形状 ${bracketed(shape)}`, bracketed(got)],
  "not-a-matrix": ({ shape }) => ["至少 2 维", dimensions(shape)],
  "not-a-block": ({ shape }) => ["一个数、一行数或一个矩阵", dimensions(shape)],
  "not-finite-in": ({ value, ...place }) => ["有限的数", `${placeOf(place)}的 ${notFinite(value)}`],
  "too-much-work": ({ most, shape }) => [
    `N²·D 不超过 ${most.toExponential(0)}（否则检查过久）`,
    shape.join("×"),
  ],
  "too-many-numbers": ({ most, shape }) => [`至多 ${most} 个数`, shape.join("×")],
  "does-not-fit": ({ most, from, got }) => [`从${placeOf(from)}起至多 ${most.join("×")} 个数`, got.join("×")],
  "cut-off": ["完整的文件", "文件的开头部分"],

  // 链接与属性
  "not-one-of": ({ names }) => listOf(names),
  "not-some-of": ({ names }) => `${names.join("、")} 中的若干个`,
  "mistake-of-other-norm": ({ got, norm }) => [`${norm} norm 中可能出现的错误`, quote(got)],
  "unknown-key": ({ meant, names, got }) => [
    meant ? `键 ${meant}` : `${names.join("、")} 一类的键`,
    `${quote(got)}，已忽略`,
  ],
  "no-known-name": ({ names }) => ["名称已知的数组，例如 x 或 y", names.map(quote).join("、")],
  "not-a-count": "正整数",
  "not-a-cell": "行号和列号，例如 1,2",
  "not-rows": "若干行数，例如 1,2;3,4",
  "not-arrays": "数组，例如 dx:1,2;3,4|y:1,2",
  "too-many-arrays": ({ most }) => [`至多 ${most} 个数组`, "更多"],
  "not-a-shape": "与 x 的个数相符的形状，例如 2,6,4,5",
  "not-a-row": "一行数，例如 1,2,3",
  "not-as-many-as-x": ({ shape }) => `与 x 一样的 ${shape.join("×")} 个数`,
  "negative-eps": "非负数",
  "not-a-deck": ({ names }) => `幻灯片，例如 ${names.join()}`,
  "not-a-height": "像素数，例如 600",
  "not-an-address": "网址，例如 https://example.org/backnorm/",
  "link-too-long": ({ most, got }) => [`至多 ${most} 个字符`, `${got} 个，未读取`],
  "one-of-two": ({ shape, base }) => [
    `x 和 dy（均为 ${shape.join("×")}）`,
    `其中之一；它所依据的例子为 ${base.join("×")}`,
  ],
  "no-x-there": ({ names }) => ["x，即这个例子的数据，例如 x=1,2;3,4", `${names.join("、")}，缺少 x`],
  "no-numbers": ["这个例子的数据", "空缺：数据太多，链接放不下，请打开当时保存的文件"],
};

const rows: Readonly<Record<string, Row<never>>> = { ...ofArguments, ...ofReading, ...ofFiles, ...ofThePage };
const names: Readonly<Record<string, string>> = {
  text: "",
  bytes: "",
  "load()": "",
  case: "例子",
  matrix: "矩阵",
};

function about(argument: Argument): string {
  if (typeof argument !== "string") return argument.link ? `链接中的 ${argument.link}：` : "链接：";
  const name = names[argument] ?? argument;
  return name && `${name}：`;
}

/** 一个错误，说成一句话，句末不带句号。 */
export function fault(error: unknown): string {
  if (!isFault(error)) return `浏览器报告“${(error as Error).message}”`;
  const { argument, reason, params, at } = error;
  const row = rows[reason] as Row<never>;
  const sentence = typeof row === "function" ? row(params as never) : row;
  const { got: given } = params as { got: Given | string };
  const [expected, got] =
    typeof sentence !== "string"
      ? sentence
      : [sentence, typeof given === "string" ? quote(given) : said(given)];
  const place = at ? (at.line ? `第 ${at.line} 行第 ${at.column} 列：` : `字节 ${at.offset} 处：`) : "";
  return `${about(argument)}${place}应为${spaced(expected)}，实为${spaced(got)}`;
}
