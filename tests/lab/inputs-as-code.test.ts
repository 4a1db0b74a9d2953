/** Arrays as programs write and print them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { readArrays, readerOfNames } from "../../web/lab/claims.ts";
import { printsWith } from "../../web/lab/derivation.ts";
import { inputsAsCode, printed } from "../../web/lab/inputs-as-code.ts";
import { kNotations, notationOf } from "../../web/lab/notations.ts";
import { kase, type Printed, programOf } from "./cases.ts";

const bn = await load();
const names = readerOfNames(bn.graph);

test("an example is found by every notation, as NumPy or PyTorch prints it", () => {
  for (const notation of kNotations.map(notationOf)) {
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

test("the inputs as code hold every digit by every notation's names", () => {
  for (const notation of kNotations.map(notationOf)) {
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
