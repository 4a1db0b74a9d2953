/** Links that the package writes: the page reads back every case and every array as it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Claim, linkOf, load, type ParsedArray, parseArray } from "backnorm";
import fc from "fast-check";
import { momentsOf } from "../../web/lab/model/moment.ts";
import { arraysInLink, packed, unpacked } from "../../web/lab/read/link-arrays.ts";
import { readLink } from "../../web/lab/session/link.ts";
import { hard, kase, unbiased } from "./cases.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

const bn = await load();
const known = {
  nodes: bn.graph.nodes.map(({ id }) => id),
  mistakes: [],
  moments: momentsOf(bn.graph).map(({ id }) => id),
};
const otherwise = { base: "cs231n", selection: { node: "var", cell: { row: 0, column: 0 } } } as const;
const read = (link: string) => readLink(link, known, otherwise);

test("a link has its case with every digit, and its settings", () => {
  for (const one of [kase, hard, unbiased, bn.presets.iris, bn.presets.largeMean]) {
    const settings = { lens: "steps", node: "xc", mode: "no-spoiler", view: "embed", language: "zh", notation: "cs231n", theme: "dark" }; // biome-ignore format: one line
    const { kase: found, choices, faults, mine } = read(linkOf(one, settings));
    assert.deepEqual(faults, []);
    const { shape, eps, ddof = 0, x, gamma, beta, dy } = one;
    const { ddof: divisor = 0, ...changes } = found?.changes ?? {};
    assert.deepEqual([found?.base, divisor, changes], ["own", ddof, { shape: [...shape], eps: eps ?? 1e-5, x, gamma, beta, dy }]); // biome-ignore format: one line
    const { lens, selection, sparing, brief, language, notation, theme } = choices;
    assert.deepEqual(
      [lens, selection.node, sparing, brief, language, notation, theme, mine],
      ["steps", "xc", true, true, "zh", "cs231n", "dark", undefined],
    );
  }
});

test("a link begins with the address of the page, and opens Find my mistake if it has arrays", () => {
  const page = "https://example.org/backnorm/";
  assert.ok(linkOf(kase, { page }).startsWith(`${page}#v=1&case=own&eps=0.00001&gamma=`));
  assert.equal(linkOf(kase, { page: `${page}#v=1&case=iris` }), linkOf(kase, { page }));
  assert.deepEqual([...read(linkOf(kase, { mine: {} })).choices.tools], ["mine"]);
  assert.match(linkOf(bn.presets.groupnorm), /&norm=group&groups=\d+&shape=[\d,]+&/);
  assert.match(linkOf(bn.presets.tokens), /&norm=rms&(?!.*beta=)/);
});

const arraysIn = (mine: Record<string, Claim>) =>
  arraysInLink(read(linkOf(kase, { mine })).mine?.plain ?? "");

const double = fc.double({ noNaN: false, noDefaultInfinity: false });
const anyArray = fc.array(double, { minLength: 1, maxLength: 12 }).map((values) => Float64Array.from(values));

test("arrays of any numbers, types, shapes and names are read back bit by bit", () => {
  fc.assert(
    fc.property(anyArray, fc.constantFrom("float64", "float32", "float16", "bfloat16"), (values, dtype) => {
      const data = dtype === "float32" ? Float32Array.from(values) : values;
      const shapes = [[data.length], [1, 1, data.length], [1, data.length]];
      for (const shape of shapes) {
        const [found] = arraysIn({ "self.dx_été": { data, shape, dtype } });
        assert.deepEqual(
          [found?.name, found?.array.data, found?.array.resolution],
          ["self.dx_été", data, undefined],
        );
        assert.deepEqual(found?.array.shape.at(-1), data.length);
        assert.equal(found?.array.dtype, dtype.startsWith("float32") || dtype === "float64" ? undefined : dtype);
      }
    }),
  );
  // a name can't end its array
  assert.deepEqual(arraysIn({ "a:1|b;c,d/e&f#g": Float64Array.of(1) }).map(({ name }) => name), ["a_1_b_c_d_e_f_g"]);
}); // biome-ignore format: one body

test("printed arrays keep what their digits leave open", () => {
  const same = ({ data, shape, resolution, dtype }: ParsedArray) => ({ data, shape, resolution, dtype });
  for (const text of [
    "[[0.1235, 2.], [-0.5, 0.0001]]",
    "array([[ 1.2346e-05, -3.0000e+00]], dtype=float32)",
    "tensor([0.1000, -0.0000])",
    "[1, 2, 30]",
    "[120, 3]",
    "1.0e+03 * [0.1235 2.5]",
    "[1e+02, 2e+02]",
    "[0.22909999787807465, 1.5]",
    "[0.1, 0.25, 0.123456789012345678]",
    "[nan, inf, -inf, 1.5]",
    "array([0.1235, 0.5], dtype=float16)",
  ]) {
    const parsed = parseArray(text);
    const [found] = arraysIn({ dx: parsed });
    assert.deepEqual(same(found?.array as ParsedArray), same(parsed), text);
  }
});

test("what is compressed is read back, in any language's letters", async () => {
  for (const text of ["", "dx:1,2", "été:0.5", "dx:1,2,3|".repeat(2000)]) {
    const short = await packed(text);
    assert.match(short, /^[\w-]*$/);
    assert.equal(await unpacked(short), text);
  }
  await assert.rejects(unpacked(await packed("1".repeat(300_000))), /at most 262144 characters/);
  for (const wrong of ["", "%", "abcd", "eJw"]) await assert.rejects(unpacked(wrong), /expected arrays/);
});
