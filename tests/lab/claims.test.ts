/** Reading arrays in all that programs print. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { readArrays, readerOfNames } from "../../web/lab/claims.ts";
import { addWords, Locale } from "../../web/lab/locale.ts";
import { rest } from "../../web/lab/words/en/rest.ts";

const bn = await load();
const names = readerOfNames(bn.graph);
addWords("en", { rest });
const english = new Locale("en", "paper");

test("arrays are found in everything that programs, notebooks and files print", () => {
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
  ];
  for (const [text, ...arrays] of table) {
    assert.deepEqual(found(text), arrays, text);
    assert.deepEqual(readArrays(text, names).unread, [], text);
  }
});

test("what can't be read is told with its own line and column, and stops nothing else", () => {
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
