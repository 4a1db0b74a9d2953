/** Find my mistake: arrays are read in all that programs print, by any names, and what is found is said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { kColumnAxes } from "../../web/lab/maths/axes.ts";
import { printsWith } from "../../web/lab/maths/code-lines.ts";
import { kNotations, notationOf } from "../../web/lab/maths/notations.ts";
import { codeOf, namesOf } from "../../web/lab/mine/array-names.ts";
import { relationText } from "../../web/lab/mine/finding-text.ts";
import { inputsAsCode, printed } from "../../web/lab/mine/inputs-as-code.ts";
import { rightLine } from "../../web/lab/mine/right-lines.ts";
import { switchableIn } from "../../web/lab/model/mistakes.ts";
import { readArrays, readerOfNames } from "../../web/lab/read/arrays.ts";
import { readInput } from "../../web/lab/read/input.ts";
import { rest } from "../../web/lab/words/en/rest.ts";
import { addWords, Locale, localeOf } from "../../web/lab/words/locale.ts";
import { usualNames } from "../../web/src/dialects.ts";
import { inChinese } from "../web/in-chinese.ts";
import { kase, type Printed, programOf } from "./cases.ts";

const bn = await load();
const names = readerOfNames(bn.graph);
addWords("en", { rest });
const english = new Locale("en", "paper", bn.graph);

test("arrays are found in the output of programs, notebooks and files", () => {
  const found = (text: string) =>
    readArrays(text, names).arrays.map(({ name, array }) => [names.idOf(name), array.shape.join("×")]);
  const table: [text: string, ...arrays: [id: string | undefined, shape: string][]][] = [
    ["dvar = array([1., 2.])\ndx = array([[1., 2.],\n   [3., 4.]])", ["dvar", "2"], ["dx", "2×2"]],
    ['{"dx": [[1,2],[3,4]], "eps": 1e-5,\n "dvar": [1,2]}', ["dx", "2×2"], [undefined, ""], ["dvar", "2"]],
    ["{'dx': array([[1, 2]]), 'dv': array([1, 2], dtype=float32)}", ["dx", "1×2"], ["dvar", "2"]],
    ["[[1. 2.]\n [3. 4.]]\n[1. 2.]", [undefined, "2×2"], [undefined, "2"]],
    ["dx:\n1,2\n3,4\ndmu: 5 6", ["dx", "2×2"], ["dmean", "1×2"]],
    ["a,b\n1,2\n3,4\n", [undefined, "2×2"]],
    [">>> dx\narray([[1., 2.]])\n>>> print(dmu)\n[1. 2.]\n", ["dx", "1×2"], ["dmean", "2"]],
    ["In [3]: dvar\nOut[3]: tensor([1., 2.], dtype=torch.float64,\n       grad_fn=<X>)", ["dvar", "2"]],
    ["dx [[1. 2.]\n [3. 4.]]", ["dx", "2×2"]],
    ["x.grad = tensor([[1., 2.]])\nbn.weight.grad: tensor([1., 2.])", ["dx", "1×2"], ["dgamma", "2"]],
    ["self.dx = [1]\nDGAMMA = [2]", ["dx", "1"], ["dgamma", "1"]],
    ["Parameter containing:\ntensor([1., 2.], requires_grad=True)", [undefined, "2"]],
    ["dvar = [1, 2] # dmean = [1]\n# dx = [1]\ndbeta = [3]", ["dvar", "2"], ["dbeta", "1"]],
    ["dx = [[1, 2], # dmean = [9]]\n [3, 4]]\ndvar = [1]", ["dx", "2×2"], ["dvar", "1"]],
    ["x->mean = [1, 2]", ["x->mean", "2"]],
    ["dx = 1.0e+03 * [[1, 2]]", ["dx", "1×2"]],
    ["dx =\n"],
    [
      "(array([[1., 2.],\n       [3., 4.]]), array([1., 2.]), array([3., 4.]))",
      [undefined, "2×2"],
      [undefined, "2"],
      [undefined, "2"],
    ],
    [
      "Out[3]: (tensor([[1., 2.]]),\n tensor([1., 2.], device='cuda:0'))",
      [undefined, "1×2"],
      [undefined, "2"],
    ],
    ["grads = (array([[1., 2.]]), array([1., 2.]))", [undefined, "1×2"], [undefined, "2"]],
    ["[array([[1., 2.]]), array([1., 2.])]", [undefined, "1×2"], [undefined, "2"]],
    ["dx = ([[1., 2.]])", ["dx", "1×2"]],
    [
      "[<tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[1., 2.]], dtype=float32)>, <tf.Tensor: shape=(2,), dtype=float32, numpy=array([3., 4.], dtype=float32)>]",
      [undefined, "1×2"],
      [undefined, "2"],
    ],
    [
      "dx: <tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[1., 2.]], dtype=float32)>\n>>> dmu\n<tf.Tensor: shape=(), dtype=float32, numpy=1.0>",
      ["dx", "1×2"],
      ["dmean", ""],
    ],
    [
      "dx = Tensor(shape=[1, 2], dtype=float32, place=Place(cpu), stop_gradient=True,\n       [[1., 2.]])\ndmu = [1]",
      ["dx", "1×2"],
      ["dmean", "1"],
    ],
    [
      "dx =\n[[1. 2.]]\n<NDArray 1x2 @cpu(0)>\ndmu =\n[1.]\n<NDArray 1 @cpu(0)>",
      ["dx", "1×2"],
      ["dmean", "1"],
    ],
    ["OrderedDict([('weight', tensor([1., 2.])), ('bias', tensor([3.]))])", ["gamma", "2"], ["beta", "1"]],
    ["OrderedDict({'dx': array([[1.]])})", ["dx", "1×1"]],
    ["Grads(dx=array([[1., 2.]]), dgamma=array([1., 2.]))", ["dx", "1×2"], ["dgamma", "2"]],
    [
      "dx =\n\n   1.0e+03 *\n\n    0.0015    0.0020\n\ndgamma =\n\n     1     2\n",
      ["dx", "1×2"],
      ["dgamma", "1×2"],
    ],
    ["dx = [1 2; 3 4];\ndgamma = [1 2];", ["dx", "2×2"], ["dgamma", "2"]],
    ["julia> dx\n2×2 Matrix{Float64}:\n 1.0  2.0\n 3.0  4.0\n\njulia> f(x)\n", ["dx", "2×2"]],
    [">> dx\n\ndx =\n\n   1.5  2\n\n>> dmu\n\ndmu =\n\n   3", ["dx", "1×2"], ["dmean", ""]],
    ["> dx\n     [,1] [,2]\n[1,]    1    2\n> dmu\n[1] 1.5 2.0", ["dx", "1×2"], ["dmean", "2"]],
    [
      "2×2 Matrix{Float64}:\n 1.0  2.0\n 3.0  4.0\n\n2-element Vector{Float64}:\n 1.0\n 2.0",
      [undefined, "2×2"],
      [undefined, "2×1"],
    ],
    [
      "$dx\n     [,1] [,2]\n[1,]    1    2\n[2,]    3    4\n\n$dgamma\n[1] 1.5 2.0\n",
      ["dx", "2×2"],
      ["dgamma", "2"],
    ],
    ["[[1]]\n     [,1]\n[1,]    1\n\n[[2]]\n[1] 1.5\n", [undefined, "1×1"], [undefined, "1"]],
    [
      "     [,1] [,2]\n[1,]    1    2\n[1] 1.5 2.0\n[1] 2.5 3.0",
      [undefined, "1×2"],
      [undefined, "2"],
      [undefined, "2"],
    ],
    [
      "     0    1\n0  1.5  2.0\n\n[1 rows x 2 columns]\ndgamma: 0    1.5\n1    2.0\nName: g, dtype: float64\ndmu = [1]",
      [undefined, "1×2"],
      ["dgamma", "2"],
      ["dmean", "1"],
    ],
    ["1 2\n3 4\n\n5 6\n\n7 8\n", [undefined, "2×2"], [undefined, "1×2"], [undefined, "1×2"]],
    [
      "dx = Float64Array(2) [ 1.5, 2 ]\nFloat32Array(1) [3]\n(2) [1, 2]",
      ["dx", "2"],
      [undefined, "1"],
      [undefined, "2"],
    ],
  ];
  for (const [text, ...arrays] of table) {
    assert.deepEqual(found(text), arrays, text);
    assert.deepEqual(readArrays(text, names).unread, [], text);
  }
});

test("an unreadable part is reported with its line and column, and the rest is read", () => {
  const text = "dvar = [1, oops]\ndmean = [[1, 2],\n [3]]\ndgamma = [1, 2\ndx = [7]\n<img src=x>";
  const { arrays, unread } = readArrays(text, names);
  assert.deepEqual(
    arrays.map(({ name }) => name),
    ["dx"],
  );
  assert.deepEqual(
    unread.map(({ name, error, at }) => [name, english.words.fault(error), text[at]]),
    [
      ["dvar", 'expected a number (line 1, column 12), got "oops"', "o"],
      ["dmean", "expected 2 values in row 2 as in row 1 (line 3, column 4), got 1", "]"],
      ["dgamma", 'expected a number, "[" or "]" (line 4, column 15), got the end of the text', "\n"],
      ["", 'expected a number or "[" (line 6, column 1), got "<"', "<"],
    ],
  );
});

test("three arrays without a name are proposed as dx, dgamma and dbeta by shape and order", () => {
  const table: [text: string, ...ids: (string | undefined)[]][] = [
    ["(array([[1., 2.],\n [3., 4.]]), array([1., 2.]), array([3., 4.]))", "dx", "dgamma", "dbeta"],
    ["[1. 2.]\n[3. 4.]\n[[1. 2.]\n [3. 4.]]", "dgamma", "dbeta", "dx"],
    ["1.5 2\n3 4\n\n5 6\n\n7 8\n", "dx", "dgamma", "dbeta"],
    ["dvar = [1, 2]\n[[1,2],[3,4]]\n[1,2]\n[1,2]", "dvar", "dx", "dgamma", "dbeta"],
    ["dx = [[1,2],[3,4]]\n[[1,2],[3,4]]\n[1,2]\n[1,2]", "dx", undefined, undefined, undefined],
    ["[[1,2],[3,4]]\n[1,2]", undefined, undefined],
    ["[[1,2],[3,4]]\n[1,2]\n[1,2]\n[1,2]", undefined, undefined, undefined, undefined],
    ["[[1,2],[3,4]]\n[1,2]\n[1,2,3]", undefined, undefined, undefined],
    ["a = [[1,2],[3,4]]\n[1,2]\n[1,2]", undefined, undefined, undefined],
  ];
  for (const [text, ...ids] of table) {
    const { given } = readInput({ text, brought: [] }, names, [2, 2]);
    assert.deepEqual(
      given.map(({ id }) => id),
      ids,
      text,
    );
    for (const { id, name, proposed } of given)
      assert.equal(proposed === "order", id !== undefined && !text.includes(`${name} =`), text);
  }
  const row = readInput({ text: "[[1,2]]\n[3,4]\n[5,6]", brought: [] }, names, [1, 2]);
  assert.deepEqual(
    row.given.map(({ id, array }) => [id, array.data[0]]),
    [
      ["dx", 1],
      ["dgamma", 3],
      ["dbeta", 5],
    ],
  );
});

test("commas that may be decimal ones are read by the shape of the case, or refused", () => {
  const read = (text: string, shape: [number, number]) => readInput({ text, brought: [] }, names, shape);
  const dbeta = "dbeta:\n1,5\n2,5\n3,5\n4,5\n5,5\n";
  assert.deepEqual([...(read(dbeta, [4, 5]).given[0]?.array.data ?? [])], [1.5, 2.5, 3.5, 4.5, 5.5]);
  assert.deepEqual(read(dbeta, [5, 2]).given[0]?.array.shape, [5, 2]);
  for (const shape of [
    [2, 2],
    [4, 9],
  ] as [number, number][]) {
    const { given, unread } = read("dbeta =\n1,5\n2,5\n", shape);
    assert.deepEqual(given, []);
    assert.equal(
      english.words.fault(unread[0]?.error),
      'expected 1.5 for a number with decimals, or 1, 5 for two numbers (line 2, column 1), got "1,5", which may be either',
    );
    assert.throws(() => {
      throw unread[0]?.error;
    }, inChinese);
  }
});

test("a text is split in linear time, whether its parts can be read or not", () => {
  const texts: [piece: string, arrays: number, unread: number][] = [
    ["dx = [1,2]\n", 1, 0],
    ["dx = [1,oops]\n", 0, 1],
    ["(2) [1]\n", 1, 0],
    ["1 2\n\n", 1, 0],
    ["$dx\n[1] 1.5\n", 1, 0],
    ["<tf.Tensor: numpy=[1]>\n", 1, 0],
    ["[array([1]), array([[1]])]\n", 2, 0],
    ["2×2 Matrix:\n x\n", 0, 1],
    ["1\n[2 rows x 2 columns]\n", 1, 0],
  ];
  const times = 16_000; // linear takes half a second each; quadratic, as it was with errors, ten
  for (const [piece, arrays, unread] of texts) {
    const read = readArrays(piece.repeat(times), names);
    assert.deepEqual([read.arrays.length, read.unread.length], [arrays * times, unread * times], piece);
  }
  for (const piece of ["[array(", "(", "\n \n", "'dx', ", "a.", "a(b=", "dx\n", "$dx\n", "> ", "{[("])
    assert.ok(readArrays(piece.repeat(times), names).arrays.length === 0, piece);
});

test("a text that is too long for its field is not read, and a sentence explains it", () => {
  const { given, unread } = readInput({ text: "dx = [1]\n".repeat(1e6), brought: [] }, names, [4, 5]);
  assert.deepEqual(given, []);
  assert.deepEqual(
    unread.map(({ error }) => error.message),
    ["expected at most 8 MiB, got 9"],
  );
});

test("every name of a notation is read as its array, and is in the table of names", () => {
  for (const { id: notation, code } of kNotations.map((id) => notationOf(id, bn.graph)))
    for (const id of names.ids) {
      assert.equal(names.idOf(codeOf(id, code)), id, `${codeOf(id, code)} of ${notation}`);
      const listed = namesOf(id, code);
      assert.equal(listed[0], codeOf(id, code));
      assert.equal(new Set(listed).size, listed.length);
      for (const name of usualNames(id)) assert.ok(listed.includes(name), name);
    }
});

test("every array has a right line of code in every notation, with the notation's names", () => {
  for (const notation of kNotations.map((id) => notationOf(id, bn.graph)))
    for (const { id } of bn.graph.nodes)
      for (const array of [id, `d${id}`] as const)
        for (const ddof of [0, 1] as const) {
          const line = rightLine(bn.graph, array, { notation, ddof, axes: kColumnAxes });
          if (["x", "gamma", "beta", "dy"].includes(array)) assert.equal(line, undefined);
          else
            assert.ok(line?.startsWith(`${notation.code[array]} = `), `${array} by ${notation.id}: ${line}`);
        }
  const of = (id: string, name: (typeof kNotations)[number], ddof: 0 | 1 = 0) =>
    rightLine(bn.graph, id, { notation: notationOf(name, bn.graph), ddof, axes: kColumnAxes });
  assert.equal(of("dsq", "paper", 1), "dsq = np.ones((N, D)) * dvar / (N - 1)");
  assert.equal(of("std", "kratzert"), "sqrtvar = np.sqrt(var + eps)");
  assert.equal(of("mean", "makemore"), "bnmeani = hprebn.mean(0, keepdim=True)");
  assert.equal(of("var", "pytorch", 1), "var = sq.sum(0) / (N - 1)");
  assert.equal(of("x->mean", "cs231n"), "dx2 = np.ones_like(x) * dsample_mean / N");
});

test("every relation has a sentence in both languages, with the names of the notation", async () => {
  const relations = switchableIn(bn).flatMap(({ id }) => {
    const arrays = [...programOf(id)].map(([name, { values, shape }]) => [
      name,
      { data: Float64Array.from(values), shape },
    ]);
    return bn.diagnose(kase, Object.fromEntries(arrays)).nodes.map(({ relation }) => relation);
  });
  const chinese = await localeOf("zh", "kratzert", bn.graph);
  const batch = kase as Parameters<typeof relationText>[1];
  for (const relation of relations) {
    assert.match(relationText(relation, batch, english), /^(Yours|In every column|No simple)[^{}]*\.$/);
    assert.match(relationText(relation, batch, chinese), /^(你的数组|在每一列中)[^{}γβμσ∂]*。$/);
  }
  const quarter = { kind: "ratio", ratio: 0.25 } as const;
  assert.equal(
    relationText(quarter, batch, english),
    "Yours is 0.25 times the right one, which is 1/N here.",
  );
  assert.equal(relationText(quarter, batch, chinese), "你的数组是正确数组的 0.25 倍，在这里正是 1/N。");
  const lost = { kind: "missing-path", path: { from: "x", to: "mean" } } as const;
  assert.equal(
    relationText(lost, batch, english),
    "Yours lacks the gradient that comes back along x → μ, on the path through the mean.",
  );
  assert.equal(
    relationText(lost, batch, chinese),
    "你的数组缺了一部分，它应经由这条边传回：x → mu（经过均值的路径）。",
  );
});

test("an example is found in every notation, as NumPy or PyTorch prints it", () => {
  for (const notation of kNotations.map((id) => notationOf(id, bn.graph))) {
    const program = programOf("dvar-half");
    const ids = ["dbeta", "dgamma", "dxhat", "dvar", "dmean", "dx"] as const;
    const text = ids.map((id) => {
      const { values, shape } = program.get(id) as Printed;
      return printed(notation.code[id], values, shape, notation);
    });
    assert.ok(text.every((one) => one.includes(printsWith(notation) === "NumPy" ? "array(" : "tensor(")));
    const { arrays, unread } = readArrays(text.join("\n"), names);
    assert.deepEqual(unread, []);
    const claims = arrays.map(({ name, array }) => [names.idOf(name), array]);
    assert.deepEqual(
      claims.map(([id]) => id),
      ids,
    );
    const { firstWrong, mistakes } = bn.diagnose(kase, Object.fromEntries(claims));
    assert.equal(firstWrong, "dvar");
    assert.deepEqual(
      mistakes.map(({ id }) => id),
      ["dvar-half"],
    );
  }
});

test("the inputs as code have every digit, with every notation's names", () => {
  for (const notation of kNotations.map((id) => notationOf(id, bn.graph))) {
    const { code } = notation;
    const program = inputsAsCode("a\nfile.csv", kase, ["dvar"], notation, "after:");
    const library = printsWith(notation);
    assert.match(program, library === "NumPy" ? /^import numpy as np$/m : /^import torch$/m);
    assert.match(program, /^# a file\.csv, 4×5\n/);
    const { arrays } = readArrays(program.split("eps =")[0]?.replaceAll("np.array", "array") ?? "", names);
    for (const id of ["x", "gamma", "beta", "dy"] as const) {
      const { array } = arrays.find(({ name }) => name === code[id]) as (typeof arrays)[number];
      assert.deepEqual([...array.data], [...kase[id]], id);
      assert.ok(array.data instanceof Float64Array, "float64 in PyTorch too");
    }
    if (notation.id === "makemore") assert.match(program, /^bngain = torch\.tensor\(\[\[.*\]\], dtype/m);
  }
});

test("no text of commas, names and colons is read without an end", () => {
  for (const text of [
    ',"dx"\n: [1,2]',
    '{"x"\n:[1,2]\n,"dx"\n:[3,4]\n}',
    ",a\n",
    ",\n,\n;a;\n:",
    '\n,"a"',
    ",a,b",
  ]) {
    const { arrays, unread } = readArrays(text, names);
    assert.ok(arrays.length + unread.length <= text.length, text);
  }
});
