/** Whatever is refused, by the package or by the page itself, is said in Chinese too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Case, type Layer, load } from "backnorm";
import type { Fault } from "../../web/lab/base/fault.ts";
import { pasted } from "../../web/lab/grid/paste.ts";
import { readInput } from "../../web/lab/read/input.ts";
import { arraysInLink } from "../../web/lab/read/link-arrays.ts";
import { OwnAddress } from "../../web/lab/session/address.ts";
import { fromFiles } from "../../web/lab/session/intake.ts";
import { readLink } from "../../web/lab/session/link.ts";
import { fault as english, pageFaults } from "../../web/lab/words/en/faults.ts";
import { PageError } from "../../web/lab/words/page-error.ts";
import { uncut } from "../../web/lab/words/uncut.ts";
import { fault } from "../../web/lab/words/zh/faults.ts";
import { checkCase } from "../../web/src/case.ts";
import { fileSentences } from "../../web/src/file-sentences.ts";
import { either } from "../../web/src/loading.ts";
import { parseArray } from "../../web/src/parse-array.ts";
import { parseNpy } from "../../web/src/parse-npy.ts";
import { parseNpz } from "../../web/src/parse-npz.ts";
import { readingSentences } from "../../web/src/reading-sentences.ts";
import { sentences } from "../../web/src/sentences.ts";
import { bad, npy as npyFile, whole, x } from "../page/bad-files.ts";
import { emptyWasm, thrownBy } from "./bad-values.ts";
import { changedAt, everyPlace, rowsOf, valuesOf } from "./every-call.ts";
import { inChinese } from "./in-chinese.ts";
import { webassembly } from "./support.ts";

const kase = (): Case<Float64Array> => ({
  x: Float64Array.from(x),
  shape: [3, 2],
  gamma: new Float64Array(2),
  beta: new Float64Array(2),
  dy: new Float64Array(6),
});
/** As much of the package as opens a file. */
const bn = {
  graph: webassembly.graph,
  randn: (_: number, sizes: number[]) => sizes.map((size) => new Float64Array(size)),
  trace: (wanted: Case<Float64Array>) => checkCase(wanted),
} as unknown as Parameters<typeof fromFiles>[1];
const open = (name: string, content: string | Uint8Array) =>
  fromFiles([new File([content as BlobPart], name)], bn, kase());
const paste = (text: string, rows = 3) => pasted(text, rows, 2, { top: 1, left: 1, bottom: 1, right: 1 });

test("an invalid case is refused in Chinese with the names of its parts", () => {
  const { gamma } = kase();
  const wrong: [part: object, said: string][] = [
    [{ gamma: new Float64Array(3) }, "gamma：应为 2 个值（对应 2 列），实为 3"],
    [{ x: new Float64Array(5) }, "x：应为 6 个值（对应形状 [3, 2]），实为 5"],
    [{ shape: [6, 1] }, "gamma：应为 1 个值（对应 1 列），实为 2"],
    [{ shape: [0, 3] }, "shape：应为由 1 至 8 个正整数组成的数组，实为 [0, 3]"],
    [
      { shape: [2 ** 16, 2 ** 16] },
      "shape：应为至多 2147483648 个值，实为 [65536, 65536]（共 4294967296 个值）",
    ],
    [{ dy: [1, 2] }, "dy：应为 Float32Array 或 Float64Array，实为普通数组"],
    [{ gamma: Float32Array.from(gamma) }, "gamma：应为与 x 同类的 Float64Array，实为 Float32Array"],
    [{ gamma: Float64Array.of(1, Number.NaN) }, "gamma：应为有限的数，实为 [1] 处的 NaN"],
    [{ dy: Float64Array.of(1, 1, 1, -Infinity, 1, 1) }, "dy：应为有限的数，实为 [1, 1] 处的负无穷大"],
    [{ eps: "small" }, "eps：应为不小于 0 的有限数，实为字符串“small”"],
    [{ eps: [1] }, "eps：应为不小于 0 的有限数，实为普通数组"],
    [{ eps: {} }, "eps：应为不小于 0 的有限数，实为对象"],
    [{ eps: true }, "eps：应为不小于 0 的有限数，实为 true"],
    [{ eps: -1 }, "eps：应为不小于 0 的有限数，实为 -1"],
    [{ ddof: 2 }, "ddof：应为 0 或 1，实为 2"],
    [{ ddof: null }, "ddof：应为 0 或 1，实为 null"],
    [{ norm: "RMS" }, "norm：应为“batch”、“layer”、“group”、“instance”或“rms”，实为字符串“RMS”"],
    [{ norm: "rms" }, "beta：应为不给 beta：RMS 归一化没有它，实为 Float64Array"],
    [{ norm: "rms", beta: undefined, ddof: 1 }, "ddof：应为 0：RMS 归一化除以全部数值的个数，实为 1"],
    [{ norm: "layer", normalizedDims: 3 }, "normalizedDims：应为 1 到 2（x 的维数）的整数，实为 3"],
    [{ norm: "group", groups: 3 }, "groups：应为整除通道数 2 的正整数，实为 3"],
  ];
  for (const [part, said] of wrong) {
    assert.throws(
      () => checkCase({ ...kase(), ...part }),
      (error) => {
        assert.equal(fault(error), said);
        return inChinese(error);
      },
    );
  }
});

test("if no engine starts, Chinese quotes the browser's message", async () => {
  const no = (why: string) => async () => {
    throw new TypeError(why);
  };
  await assert.rejects(either(no("blocked"), no("Failed to fetch")), (error) => {
    assert.match(
      fault(error),
      /^应为能够运行的 .*，实为“TypeError: blocked”，随后“TypeError: Failed to fetch”$/,
    );
    return inChinese(error);
  });
  assert.equal(fault(new TypeError("Failed to fetch")), "浏览器报告“Failed to fetch”");
});

const others: [name: string, content: string, sentence: RegExp][] = [
  ["name.json", '{"x": [[1]], 2: 1}', /expected a name in double quotes/],
  ["colon.json", '{"x" [[1]]}', /expected a colon/],
  ["comma.json", '{"x": [[1]] "eps": 1}', /expected a comma /],
  ["brace.json", '{"x": [[1]]', /expected a comma or "}".*, got the end of the file/],
  ["list.json", '{"x": [[1]', /expected a comma or "\]"/],
  ["after.json", '{"x": [[1]]} 2', /expected the end of the file/],
  ["string.json", '{"x": "a', /expected JSON /],
];

test("a file that can't be opened is refused in both languages", async () => {
  for (const [name, content, sentence] of [...bad, ...others]) {
    if (name === "huge.csv") continue; // only the kernels see that
    await assert.rejects(open(name, content), (error) => {
      assert.match(english(error), sentence, name);
      assert.doesNotMatch(english(error), /^text:|^bytes:|\.$/, name);
      return inChinese(error);
    });
  }
  await open("good.json", JSON.stringify(whole));
});

test("a paste that doesn't fit is refused in both languages", () => {
  const wrong: [text: string, rows: number, said: string, chinese: string][] = [
    ["1,2,3", 3, "expected at most 2×1 numbers starting at row 2, column 2, got 1×3", "应为从第 2 行第 2 列起至多 2×1 个数，实为 1×3"],
    ["1,2,3", 1, "expected at most 0×1 numbers starting at column 2, got 1×3", "应为从第 2 列起至多 0×1 个数，实为 1×3"],
    ["[[1, nan]]", 3, "expected finite numbers, got NaN in row 1, column 2", "应为有限的数，实为第 1 行第 2 列的 NaN"],
    ["-inf", 3, "expected finite numbers, got −∞ in row 1, column 1", "应为有限的数，实为第 1 行第 1 列的 −∞"],
    ["[[[1, 2]]]", 3, "expected a number, a row or a matrix, got 3 dimensions: [1, 1, 2]", "应为一个数、一行数或一个矩阵，实为 3 维：[1, 1, 2]"],
    ["1,5\n2,5", 3, 'expected 1.5 for a number with decimals, or 1, 5 for two numbers, got "1,5", which may be either', "应为小数写作 1.5，两个数写作 1, 5，实为“1,5”：两种读法都有可能"],
    ["1 2\n3 x", 3, 'expected a number (line 2, column 3), got "x"', "第 2 行第 3 列：应为数，实为“x”"],
  ]; // biome-ignore format: a table
  for (const [text, rows, said, chinese] of wrong)
    assert.throws(
      () => paste(text, rows),
      (error) => {
        assert.deepEqual([english(error), fault(error)], [said, chinese]);
        return inChinese(error);
      },
    );
});

const { cs231n } = webassembly.presets as { cs231n: Case<Float64Array> };
const oneRow = { shape: [1, 5] };
const acted = (act: (layer: Layer) => void) => () => {
  const layer = webassembly.layer(oneRow);
  try {
    act(layer);
  } finally {
    layer.dispose();
  }
};
const npy = (...bytes: (string | number)[]) =>
  parseNpy(
    Uint8Array.from([0x93, ..."NUMPY", ...bytes], (one) =>
      typeof one === "string" ? one.charCodeAt(0) : one,
    ),
  );
/** A zip of one empty file. */
function zip(name: string, method = 0): Uint8Array {
  const file = new Uint8Array(30 + 46 + 22 + 2 * name.length);
  const view = new DataView(file.buffer);
  const entry = 30 + name.length;
  const end = entry + 46 + name.length;
  for (const [at, signature] of [
    [0, 0x04034b50],
    [entry, 0x02014b50],
    [end, 0x06054b50],
  ] as const)
    view.setUint32(at, signature, true);
  for (const [at, value] of [
    [26, name.length],
    [entry + 10, method],
    [entry + 28, name.length],
    [end + 10, 1],
    [end + 16, entry],
  ] as const)
    view.setUint16(at, value, true);
  for (const at of [30, entry + 46]) file.set(new TextEncoder().encode(name), at);
  return file;
}
const header = (dict: string, data = "") => npy(1, 0, dict.length, 0, ...dict, ...data);
const link = (fragment: string) => {
  const known = { nodes: [], mistakes: [], moments: [] };
  const { faults } = readLink(fragment, known, {
    base: "cs231n",
    selection: { node: "x", cell: { row: 0, column: 0 } },
  });
  for (const one of faults) throw one;
};

const refuse = (error: unknown) => () => {
  throw error;
};
const element = { height: "40em", page: "javascript:alert(1)", matches: () => false };

/** What the list of every call has not: arguments that are bad together, texts, files, pastes, links. */
const more: (() => unknown)[] = [
  ...["epsilon", "title", "training", "axes", "mask", "affine", "dtype"].map(
    (name) => () => webassembly.forward(cs231n.x, { shape: [4, 5], [name]: 1 }),
  ),
  () => webassembly.layer({ shape: [4, 5], mean: 1 } as never),
  ...[
    { norm: "group", groups: 4 },
    { norm: "layer", normalizedDims: 4 },
    { norm: "rms", ddof: 1 },
    { norm: "rms", beta: cs231n.beta },
    { norm: "instance", running: {} },
  ].map((options) => () => webassembly.forward(cs231n.x, { shape: [4, 5], ...options } as never)),
  () => webassembly.statistics(cs231n.x, { shape: [4, 5], norm: "layer" } as never),
  () => webassembly.layer({ ...oneRow, momentum: 0.1, decay: 0.9 }),
  () => webassembly.layer({ ...oneRow, ddof: 1 }),
  () => webassembly.layer({ shape: [2 ** 14, 2 ** 14] }),
  () => webassembly.gradcheck({ ...cs231n, x: new Float64Array(20), eps: 0 }),
  () =>
    webassembly.backward(cs231n.dy, { ...webassembly.forward(cs231n.x, { shape: [4, 5] }).cache, count: 8 }),
  acted((layer) => layer.forward()),
  () => webassembly.forward(new Float64Array(0), { shape: [0, 5] }),
  () => {
    const x = new Float64Array(2);
    webassembly.backward(x, { norm: "rms", shape: [2, 1], x, mean: x, invstd: x });
  },
  () => webassembly.forward(new Float64Array(8), { shape: [1, 2, 4], gamma: new Float64Array(4) }),
  () => webassembly.forward(new Float64Array(8), { shape: [1, 2, 4], norm: "group", groups: 4 }),
  acted((layer) => layer.backward()),
  acted((layer) => {
    layer.dispose();
    layer.forward();
  }),
  () =>
    either(
      async () => refuse("blocked")(),
      async () => refuse("missing")(),
    ),
  () => load({ module: new WebAssembly.Module(emptyWasm) }),
  () => load({ module: new WebAssembly.Module(emptyWasm), engine: "javascript" }),
  ...["[1] [2]", "[[1], 2]", "[[1], [2, 3]]", "1,5;2", "[1, ...]", "[[[[[[1]]]]]]", "a,,b", '"1'].map(
    (text) => () => parseArray(text),
  ),
  () => parseArray(", , 1"),
  () =>
    refuse(
      readInput({ text: "1,5\n2,5", brought: [] }, { ids: [], idOf: () => undefined }, [2, 2]).unread[0]
        ?.error,
    )(),
  () => parseNpz(Uint8Array.of(1)),
  () => parseNpz(zip("dx.txt")),
  () => parseNpz(zip("dx.npy", 12)),
  () => npy(9, 0, 0, 0),
  () => npy(1, 0),
  () => header("{}"),
  () => header("{'descr': '<c8', 'fortran_order': False, 'shape': ()}"),
  () => header(`{'descr': '<f8', 'fortran_order': False, 'shape': (${"1,".repeat(65)})}`),
  () => header("{'descr': '<f8', 'fortran_order': False, 'shape': (9007199254740993,)}"),
  () => header("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", "1"),
  ...[...bad, ...others]
    .filter(([name]) => name !== "huge.csv")
    .map(
      ([name, content]) =>
        () =>
          open(name, content),
    ),
  () => open("large.csv", new Uint8Array(33 * 2 ** 20)),
  () => open("wide.npy", npyFile("<f8", new Array(1_000_002).fill(0), [2, 500_001])),
  ...["1,2,3", "[[1, nan]]", "[[[1, 2]]]"].map((text) => () => paste(text)),
  () => uncut({}),
  ...[
    "v=2",
    "off=a",
    "lense=paths",
    "slide=2",
    "colour=red",
    "example=a",
    "cell=a",
    "x=a",
    "gamma=a",
    "x=1&dy=1,2",
    "shape=a",
    "eps=-1",
    "x".repeat(2 ** 17),
  ].map((fragment) => () => link(fragment)),
  () => arraysInLink("dx"),
  () => arraysInLink("dx:1|".repeat(600)),
  ...new OwnAddress(element as never).faults.map(refuse),
  // which only a session finds
  refuse(
    new PageError(
      "mistake-of-other-norm",
      { got: "transposed", norm: "group" },
      { argument: { link: "mistake" } },
    ),
  ),
  refuse(new PageError("no-known-name", { names: ["a.csv"] })),
  refuse(new PageError("no-numbers", {}, { argument: { link: "" } })),
  refuse(new PageError("no-x-there", { names: ["gamma", "dy"] }, { argument: { link: "" } })),
  refuse(new PageError("one-of-two", { shape: [2, 3], base: [4, 5] }, { argument: { link: "" } })),
];

test("every error of the package and the page has a Chinese sentence", async () => {
  const met = new Set<string>();
  const meet = async (call: () => unknown) => {
    const error = await thrownBy(call);
    inChinese(error);
    met.add((error as Fault).reason);
  };
  for (const place of everyPlace)
    for (const [, value] of rowsOf(place))
      await meet(() =>
        place.call(
          webassembly,
          changedAt(valuesOf(place.given), place.path, () => value),
        ),
      );
  for (const call of more) await meet(call);
  assert.deepEqual(
    [...met].sort(),
    [
      ...Object.keys({ ...sentences, ...readingSentences, ...fileSentences }),
      ...Object.keys(pageFaults),
    ].sort(),
  );
});
