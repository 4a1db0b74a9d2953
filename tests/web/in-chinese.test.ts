/** Whatever is refused from the page, by the package or by the page itself, is said in Chinese too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pasted } from "../../web/lab/grid/paste.ts";
import { notationOf } from "../../web/lab/maths/notations.ts";
import { openFile } from "../../web/lab/session/open-file.ts";
import { inputs } from "../../web/lab/words/en/inputs.ts";
import { fault } from "../../web/lab/words/zh/faults.ts";
import { ddofOf, finite, seedOf, settle, sizesOf } from "../../web/src/arguments.ts";
import { type Case, checkCase } from "../../web/src/graph.ts";
import type { Backnorm } from "../../web/src/index.ts";
import { either } from "../../web/src/load.ts";
import { parseArray } from "../../web/src/parse-array.ts";
import { bad, whole, x } from "../page/bad-files.ts";
import { inChinese } from "./in-chinese.ts";

const english = inputs(notationOf("paper")).fault;

const kase = (): Case<Float64Array> => ({
  x: Float64Array.from(x),
  shape: [3, 2],
  gamma: new Float64Array(2),
  beta: new Float64Array(2),
  dy: new Float64Array(6),
});

test("a case that can't be is refused in Chinese by the names of its parts", () => {
  const { gamma } = kase();
  const wrong: [part: object, said: RegExp][] = [
    [{ gamma: new Float64Array(3) }, /^gamma：应为 2 个值（对应 2 列），实为 3$/],
    [{ x: new Float64Array(5) }, /^x：应为 6 个值（对应形状 \[3, 2\]），实为 5$/],
    [{ shape: [6, 1] }, /^gamma：应为 1 个值（对应 1 列），实为 2$/],
    [{ shape: [0, 3] }, /^shape：应为 2 个正整数，实为 \[0, 3\]$/],
    [
      { shape: [2 ** 16, 2 ** 16] },
      /^shape：应为至多 2147483648 个值，实为 \[65536, 65536\]（共 4294967296 个值）$/,
    ],
    [{ dy: [1, 2] }, /^dy：应为 Float32Array 或 Float64Array，实为普通数组$/],
    [{ gamma: Float32Array.from(gamma) }, /^gamma：应为与 x 同类的 Float64Array，实为 Float32Array$/],
    [{ gamma: Float64Array.of(1, Number.NaN) }, /^gamma：应为有限的数，实为 \[1\] 处的 NaN$/],
    [{ dy: Float64Array.of(1, 1, 1, -Infinity, 1, 1) }, /^dy：应为有限的数，实为 \[1, 1\] 处的负无穷大$/],
    [{ eps: "small" }, /^eps：应为不小于 0 的数，实为字符串“small”$/],
    [{ eps: [1] }, /^eps：应为不小于 0 的数，实为普通数组$/],
    [{ eps: {} }, /^eps：应为不小于 0 的数，实为对象$/],
    [{ eps: true }, /^eps：应为不小于 0 的数，实为 true$/],
    [{ eps: -1 }, /^eps：应为不小于 0 的有限数，实为 -1$/],
    [{ ddof: 2 }, /^ddof：应为 0 或 1，实为 2$/],
    [{ ddof: null }, /^ddof：应为 0 或 1，实为 null$/],
  ];
  for (const [part, said] of wrong) {
    const check = () => checkCase({ ...kase(), ...part });
    assert.throws(check, inChinese);
    assert.throws(check, (error) => said.test(fault(error)), String(said));
  }
});

test("what the core refuses, and numbers that nothing can be drawn by, are refused in Chinese", () => {
  const refusals = [
    () => settle("not-finite", "case", [3, 2]),
    () => settle("out-of-memory", "shape", [3, 2]),
    () => settle("of-a-new-kind", "case", [3, 2]),
    () => ddofOf("ddof", 1, 1),
    () => finite("x", Float32Array.of(Infinity), 1),
    () => seedOf(2 ** 32),
    () => sizesOf([2 ** 32]),
  ];
  for (const refuse of refusals) assert.throws(refuse, inChinese);
});

test("where nothing starts, Chinese quotes what the browser says", async () => {
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

/** As much of the package as opens a file. */
const bn = {
  parseArray,
  randn: (_: number, sizes: number[]) => sizes.map((size) => new Float64Array(size)),
  trace: (wanted: Case<Float64Array>) => checkCase(wanted),
} as unknown as Backnorm;
const open = (name: string, content: string | Uint8Array) =>
  openFile(new File([content as BlobPart], name), bn, kase());

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
  const large = new File([new Uint8Array(33 * 2 ** 20)], "large.csv");
  await assert.rejects(openFile(large, bn, kase()), inChinese);
  await open("good.json", JSON.stringify(whole));
});

test("what can't be pasted is refused in both languages", () => {
  const wrong: [text: string, rows: number, said: RegExp, chinese: string][] = [
    ["1,2,3", 3, /^expected at most 2×1 numbers from row 2, column 2 on, got 1×3$/, "应为从第 2 行第 2 列起至多 2×1 个数，实为 1×3"],
    ["1,2,3", 1, /^expected at most 0×1 numbers from column 2 on/, "应为从第 2 列起至多 0×1 个数，实为 1×3"],
    ["[[1, nan]]", 3, /^expected finite numbers, got NaN in row 1, column 2$/, "应为有限的数，实为第 1 行第 2 列的 NaN"],
    ["-inf", 3, /^expected finite numbers, got −∞ in row 1, column 1$/, "应为有限的数，实为第 1 行第 1 列的 −∞"],
    ["[[[1, 2]]]", 3, /^expected a number, a row or a matrix, got 3 dimensions: \[1, 1, 2\]$/, "应为一个数、一行数或一个矩阵，实为 3 维：[1, 1, 2]"],
  ]; // biome-ignore format: a table
  for (const [text, rows, said, chinese] of wrong)
    assert.throws(
      () => pasted(text, rows, 2, { top: 1, left: 1, bottom: 1, right: 1 }),
      (error) => {
        assert.match(english(error), said);
        assert.equal(fault(error), chinese);
        return inChinese(error);
      },
    );
});
