/** 错误说明：程序给出的是英文，由“应为”和“实为”两部分组成，这里逐部分译出。 */

/** 固定的说法。 */
const phrases = new Map<string, string>(
  Object.entries({
    // 参数
    "the matrix": "矩阵",
    case: "例子",
    // 数与数组
    "a number": "一个数",
    "a number, 0 or greater": "不小于 0 的数",
    "a finite number, 0 or greater": "不小于 0 的有限数",
    "finite numbers, 0 or greater": "不小于 0 的有限数",
    "a number from 0 to 1": "0 到 1 之间的数",
    "0 or 1": "0 或 1",
    "0, since a single value per channel has no unbiased variance": "0（每个通道只有一个值时没有无偏方差）",
    "finite numbers": "有限的数",
    "finite values": "有限的数",
    "numbers that stay finite on the way through": "计算中始终有限的数",
    "an overflow or a division by 0, as of eps = 0 with a constant column":
      "溢出或除以 0，例如 eps = 0 而某一列为常数",
    "a shape that fits in the kernels' memory": "计算内核的内存放得下的形状",
    "arguments that the core takes": "计算内核接受的参数",
    "a Float32Array or a Float64Array": "Float32Array 或 Float64Array",
    "an attached buffer": "仍可访问的缓冲区",
    "one that was transferred away": "已转移走的缓冲区",
    "an object": "对象",
    "a plain array": "普通数组",
    "a string": "字符串",
    none: "空缺",
    "a matrix, 2 dimensions": "2 维",
    "a number, a row or a matrix": "一个数、一行数或一个矩阵",
    "numbers in nested lists": "嵌套列表中的数",
    nothing: "空缺",
    "something else": "其他内容",
    // 文本
    'a number or "["': "数或“[”",
    'a number, "[" or "]"': "数、“[”或“]”",
    "nothing after the array": "文本末尾（数组已经结束）",
    '"," or ")"': "“,”或“)”",
    "a keyword such as dtype=": "关键字参数，例如 dtype=",
    "a number between two tabs": "两个制表符之间的数",
    "a name above each column": "每列上方的列名",
    "an empty one": "空列名",
    "every number": "全部的数",
    "a number with a decimal point": "以小数点书写的数",
    '"[" as before the values above': "“[”（与前面的值一样）",
    "a number as in the lists above": "一个数（与前面的列表一样）",
    "one more": "更多",
    "a separator in front": "前面的分隔符",
    "a comma": "逗号",
    "a semicolon": "分号",
    "a tab": "制表符",
    "a space": "空格",
    "a colon": "冒号",
    "the end of the text": "文本末尾",
    "the end of the line": "行末",
    "the end of the file": "文件末尾",
    'a comma or "}"': "逗号或“}”",
    'a comma or "]"': "逗号或“]”",
    "a name in double quotes": "双引号中的名称",
    "a number or a list": "数或列表",
    'a list of rows, or an object with "x" in it': "由各行组成的列表，或含有“x”的对象",
    'an object without "x"': "没有“x”的对象",
    "text in UTF-8, or .npy": "UTF-8 文本或 .npy 文件",
    // .npy
    "93 4e 55 4d 50 59, with which .npy files begin": ".npy 文件开头的 93 4e 55 4d 50 59",
    "no bytes": "空文件",
    "version 1.0, 2.0 or 3.0": "版本 1.0、2.0 或 3.0",
    "it again": "再次出现",
    "a dtype in quotes, none of records": "引号中的 dtype（不支持结构化类型）",
    "True or False": "True 或 False",
    "a tuple of lengths": "各维长度组成的元组",
    "a tuple of lengths, 0 or more each": "各维长度组成的元组（每个长度不小于 0）",
    '"," or "}"': "“,”或“}”",
    '"}" and the end of the header': "“}”和文件头的末尾",
    "a dtype of floats up to f8, integers or booleans": "浮点（至多 f8）、整数或布尔类型的 dtype",
    "an array of less than 2^53 bytes": "小于 2^53 字节的数组",
    "complex numbers": "复数",
    "Python objects": "Python 对象",
    "byte strings": "字节串",
    text: "文本",
    dates: "日期",
    durations: "时间差",
    "raw bytes": "原始字节",
    "the file is cut short": "文件不完整",
    "a whole file": "完整的文件",
    "its beginning": "文件的开头部分",
    // 启动
    "WebAssembly with SIMD, or fallback.js beside the package's entry":
      "能够运行的 WebAssembly（含 SIMD），或能够载入的 fallback.js",
    // 数组的层次，带量词
    value: "个值",
    row: "行",
    table: "张表",
    block: "块",
    group: "组",
  }),
);

/** 带有数字或引文的说法；括号里的部分再逐一译出。 */
const patterns: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/^"(.*)"$/s, (text) => `“${text}”`],
  [/^the string "(.*)"$/s, (text) => `字符串“${text}”`],
  [/^an? (\w+Array)$/, (kind) => kind],
  [/^an? (\w+Array) like x$/, (kind) => `与 x 同类的 ${kind}`],
  [/^(\d+) values? for (\d+) columns?$/, (values, columns) => `${values} 个值（对应 ${columns} 列）`],
  [/^(\d+) values? for (\d+) channels?$/, (values, channels) => `${values} 个值（对应 ${channels} 个通道）`],
  [/^(\d+) values? for shape (\[.*\])$/, (values, shape) => `${values} 个值（对应形状 ${shape}）`],
  [/^shape (\[.*\]) as of x$/, (shape) => `与 x 相同的形状 ${shape}`],
  [/^(\S+) positive whole numbers$/, (count) => `${count} 个正整数`],
  [/^at most (\d+) values$/, (count) => `至多 ${count} 个值`],
  [/^(\[.*\]), (\S+) values$/, (shape, count) => `${shape}（共 ${count} 个值）`],
  [/^an array of (.*)$/, (of) => `由${spaced(said(of))}组成的数组`],
  [/^(?:a whole number|whole numbers) from (\d+) to (\d+)$/, (least, most) => `${least} 到 ${most} 的整数`],
  [/^one of the keys (.*)$/, (keys) => `键 ${keys.replaceAll(", ", "、")} 之一`],
  [/^one of (.*)$/, (names) => `${names.replaceAll(", ", "、")} 之一`],
  [/^(-?)Infinity$/, (sign) => (sign ? "负无穷大" : "无穷大")],
  [/^(.*) at (\[.*\])$/, (value, place) => `${place} 处的${spaced(said(value))}`],
  [/^status (.*)$/, (code) => `状态“${code}”`],
  [/^(\S+) in row (\d+), column (\d+)$/, (value, row, column) => `第 ${row} 行第 ${column} 列的 ${value}`],
  [/^(\S+) at byte (\d+)$/, (value, at) => `字节 ${at} 处的 ${value}`],
  [/^at most (\d+) dimensions$/, (count) => `至多 ${count} 维`],
  [/^(\d+)(?: dimensions)?: (\[.*\])$/, (count, shape) => `${count} 维：${shape}`],
  [/^at most (\d+) MiB$/, (size) => `至多 ${size} MiB`],
  [/^N²·D up to (\S+) for the check$/, (most) => `N²·D 不超过 ${most}（否则检查过久）`],
  [
    /^at most (\S+) numbers from (?:row (\d+), )?column (\d+) on$/,
    (size, row, column) => `从${row ? `第 ${row} 行` : ""}第 ${column} 列起至多 ${size} 个数`,
  ],
  [
    /^(\d+) (value|row|table|block)s? in (row|table|block|group) (\d+) as in (.*)$/,
    (count, member, list, at, model) => {
      const like = model === "the header" ? "表头" : `第 1 ${said(list)}`;
      return `第 ${at} ${said(list)}有 ${count} ${said(member)}（与${like}一致）`;
    },
  ],
  [/^(a \w+) between values as before$/, (separator) => `${said(separator)}（与前面的分隔一致）`],
  [
    /^(a \w+) \(a decimal comma is not read: write 1\.5 for 1,5\)$/,
    (separator) => `${said(separator)}（不支持以逗号作小数点：请把 1,5 写成 1.5）`,
  ],
  [/^a closing (.) in this line$/, (mark) => `本行内与之配对的 ${mark}`],
  [
    /^(".*"): the print was shortened, (.*) or (.*) prints all of it$/s,
    (dots, numpy, torch) => `${said(dots)}：打印结果有省略，用 ${numpy} 或 ${torch} 可打印全部`,
  ],
  [
    /^(.*) \(a zip file such as \.npz: unpack it first\)$/,
    (bytes) => `${bytes}（.npz 之类的压缩文件：请先解压）`,
  ],
  [/^a version up to byte (\d+)$/, (end) => `版本号（到字节 ${end} 为止）`],
  [/^a header length up to byte (\d+)$/, (end) => `文件头的长度（到字节 ${end} 为止）`],
  [/^a header up to byte (\d+)$/, (end) => `文件头（到字节 ${end} 为止）`],
  [
    /^(\d+) bytes of data for shape (\[.*\]), bytes a value: (\d+)$/,
    (bytes, shape, size) => `${bytes} 字节的数据（形状 ${shape}，每个值 ${size} 字节）`,
  ],
  [/^(\d+): the file is cut short$/, (bytes) => `${bytes} 字节：文件不完整`],
  [/^(\d+): (\d+) left over$/, (bytes, more) => `${bytes} 字节：多出 ${more} 字节`],
  [/^the key (\w+) once$/, (key) => `键 ${key} 只出现一次`],
  [/^the key (\w+)$/, (key) => `键 ${key}`],
  [/^(".*"): (.*)$/s, (dtype, holds) => `${said(dtype)}：${said(holds)}`],
  [/^(.*); then (.*)$/s, (first, second) => `“${first}”，随后“${second}”`],
];

function said(part: string): string {
  const phrase = phrases.get(part);
  if (phrase !== undefined) return phrase;
  for (const [pattern, words] of patterns) {
    const found = pattern.exec(part);
    if (found) return words(...found.slice(1));
  }
  return part;
}

/** 汉字与西文、数字之间空一格。 */
const spaced = (part: string) => (/^[\p{Script=Han}“]/u.test(part) ? part : ` ${part}`);

/** 错误出在哪里：行与列，或字节。 */
function placed(expected: string): [place: string, what: string] {
  const [, what, line, column, byte] =
    /^(.*) \((?:line (\d+), column (\d+)|byte (\d+))\)$/s.exec(expected) ?? [];
  if (what === undefined) return ["", expected];
  return [byte ? `字节 ${byte} 处` : `第 ${line} 行第 ${column} 列`, what];
}

type Complaint = Record<"argument" | "expected" | "got", string>;
const isComplaint = (error: unknown): error is Complaint =>
  error instanceof Error && "expected" in error && "got" in error;

/** 一个错误，说成一句话，句末不带句号。 */
export function fault(error: unknown): string {
  if (!isComplaint(error)) return `浏览器报告“${(error as Error).message}”`;
  const { argument, expected, got } = error;
  const about = ["", "text", "bytes", "load()"].includes(argument) ? "" : `${said(argument)}：`;
  const [place, what] = placed(expected);
  return `${about}${place && `${place}：`}应为${spaced(said(what))}，实为${spaced(said(got))}`;
}
