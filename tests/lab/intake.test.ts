/** What is given to the page: what each file, text or object was taken for, what was filled in, and that it is said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { fromFiles, fromObject, fromText } from "../../web/lab/session/intake.ts";
import { rest } from "../../web/lab/words/en/rest.ts";
import { addWords, Locale } from "../../web/lab/words/locale.ts";
import { npy } from "../page/bad-files.ts";
import { kase } from "./cases.ts";

const bn = await load();
const engine = bn as unknown as Parameters<typeof fromFiles>[1]; // the package as built, of the same types
const current = kase as Parameters<typeof fromFiles>[2];
addWords("en", { rest });
const locale = new Locale("en", "paper", bn.graph);

const x = [[1.5, -2], [0.25, 4], [8, -16.5]]; // biome-ignore format: a matrix
const dy = [[1, 2], [-3, 4], [5, -6.5]]; // biome-ignore format: a matrix
const [gamma, beta] = [[2, 0.5], [-1, 3]]; // biome-ignore format: vectors
const dx = [[1, 0], [0, 1], [-1, -1]]; // biome-ignore format: a matrix

type Files = [name: string, content: string | Uint8Array][];
const taken = ({ kase: made, own, say }: Awaited<ReturnType<typeof fromFiles>>) => ({
  kase: made && {
    shape: [...made.shape],
    eps: made.eps,
    x: [...made.x],
    gamma: [...made.gamma],
    beta: [...(made.beta ?? [])],
    dy: [...made.dy],
  },
  own: own.map(({ name }) => name),
  said: say(locale),
});
const open = async (...files: Files) =>
  taken(
    await fromFiles(
      files.map(([name, content]) => new File([content as BlobPart], name)),
      engine,
      current,
    ),
  );
const whole = { shape: [3, 2], eps: 0.5, x: x.flat(), gamma, beta, dy: dy.flat() };
const [drawn] = bn.randn(0, [6]) as [Float64Array];
const filled = { ...whole, eps: 1e-5, gamma: [1, 1], beta: [0, 0], dy: [...drawn] };

// Written by NumPy 1.24.2: np.savez_compressed with x, weight, bias, dout and eps=0.5.
const npz =
  "UEsDBBQAAAAIAAAAIQDZyXMxXAAAALAAAAAFABQAeC5ucHkBABAAsAAAAAAAAABcAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1CmQDLgYw+GEPoRkOQKgLUL6AA4RWgNANBgcAUEsDBBQAAAAIAAAAIQC4RDgeSwAAAJAAAAAKABQAd2VpZ2h0Lm5weQEAEACQAAAAAAAAAEsAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqaOgq1ChQALgYIcIBQD+wBUEsDBBQAAAAIAAAAIQAj0SYRTQAAAJAAAAAIABQAYmlhcy5ucHkBABAAkAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GMPiwH0JzOAAAUEsDBBQAAAAIAAAAIQBWf0LaWwAAALAAAAAIABQAZG91dC5ucHkBABAAsAAAAAAAAABbAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1CmQDLgYw+GAPoRkcIBTHAQgtAOWLQGmpAwBQSwMEFAAAAAgAAAAhAHDukmlHAAAAiAAAAAcAFABlcHMubnB5AQAQAIgAAAAAAAAARwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq1ChQBLgYweGAPAFBLAQIUAxQAAAAIAAAAIQDZyXMxXAAAALAAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQIUAxQAAAAIAAAAIQC4RDgeSwAAAJAAAAAKAAAAAAAAAAAAAACAAZMAAAB3ZWlnaHQubnB5UEsBAhQDFAAAAAgAAAAhACPRJhFNAAAAkAAAAAgAAAAAAAAAAAAAAIABGgEAAGJpYXMubnB5UEsBAhQDFAAAAAgAAAAhAFZ/QtpbAAAAsAAAAAgAAAAAAAAAAAAAAIABoQEAAGRvdXQubnB5UEsBAhQDFAAAAAgAAAAhAHDukmlHAAAAiAAAAAcAAAAAAAAAAAAAAIABNgIAAGVwcy5ucHlQSwUGAAAAAAUABQAMAQAAtgIAAAAA";

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));

const print = (name: string, rows: number[][]) => `${name} = array(${JSON.stringify(rows)})\n`;
const printed = `${print("x", x)}${print("dout", dy)}gamma = array([2. , 0.5])\nbeta = array([-1., 3.])\neps = 0.5\n`;

const whatIsFilled =
  "Not given: gamma, beta, so gamma is 1 and beta is 0. dy was not given. It is drawn: np.random.seed(0), then np.random.randn(3, 2). eps is 1e-5.";

test("a case is understood under the names of every dialect, in one file or several, and what was missing is said", async () => {
  const rows: [files: Files, kase: object, said: string][] = [
    [[["a.json", JSON.stringify({ x, gamma, beta, dy, eps: 0.5 })]], whole, "a.json: x, 3×2; gamma; beta; dy; eps = 0.5."],
    [
      [["a.json", JSON.stringify({ x, gamma, beta, dout: dy, epsilon: 0.5 })]],
      whole,
      "a.json: x, 3×2; gamma; beta; “dout” as dy; eps = 0.5.",
    ],
    [
      [["a.json", JSON.stringify({ input: x, weight: gamma, bias: beta, grad_output: dy, variance_epsilon: 0.5 })]],
      whole,
      "a.json: x, 3×2; “weight” as gamma; “bias” as beta; “grad_output” as dy; eps = 0.5.",
    ],
    [
      [["a.json", JSON.stringify({ hprebn: x, bngain: [gamma], bnbias: [beta], dhpreact: dy, eps: 0.5 })]],
      whole,
      "a.json: x, 3×2; “bngain” as gamma; “bnbias” as beta; “dhpreact” as dy; eps = 0.5.",
    ],
    [
      [["a.json", JSON.stringify({ x, Gamma: gamma, beta, DY: dy, eps: 0.5, title: "mine", n: null })]],
      whole,
      "a.json: x, 3×2; “Gamma” as gamma; beta; “DY” as dy; eps = 0.5; left out, because the names are not known: “title”.",
    ],
    [
      [["case.npz", bytesOf(npz)]],
      whole,
      "case.npz: x, 3×2; “weight” as gamma; “bias” as beta; “dout” as dy.",
    ],
    [[["print.txt", printed]], whole, "print.txt: x, 3×2; “dout” as dy; gamma; beta."],
    [
      [["dict.txt", `{'x': array(${JSON.stringify(x)}), 'dy': array(${JSON.stringify(dy)})}`]],
      { ...filled, dy: dy.flat() },
      "dict.txt: x, 3×2; dy. Not given: gamma, beta, so gamma is 1 and beta is 0. eps is 1e-5.",
    ],
    [
      [["x.npy", npy("<f8", x.flat(), [3, 2])], ["dout.csv", "1,2\n-3,4\n5,-6.5\n"], ["weight.txt", "[2.  0.5]"]],
      { ...whole, eps: 1e-5, beta: [0, 0] },
      "x.npy: x, 3×2. dout.csv: “dout” as dy. weight.txt: “weight” as gamma. Not given: beta, so beta is 0. eps is 1e-5.",
    ],
    [[["rows.csv", "1.5,-2\n0.25,4\n8,-16.5"]], filled, `rows.csv: x, 3×2. ${whatIsFilled}`],
    [
      [["rows.csv", "1.5,-2\n0.25,4\n8,-16.5"], ["word.csv", "a,b\n1,oops\n"]],
      filled,
      `rows.csv: x, 3×2. word.csv: expected a number (line 2, column 3), got "oops". It is left out. ${whatIsFilled}`,
    ],
    [
      [["x.json", JSON.stringify(x)], ["a.csv", "1,2\n"], ["b.csv", "1,2\n"]],
      filled,
      `x.json: x, 3×2. a.csv: left out, because the names are not known: “a”. b.csv: left out, because the names are not known: “b”. ${whatIsFilled}`,
    ],
  ]; // biome-ignore format: a table
  for (const [files, made, said] of rows)
    assert.deepEqual(await open(...files), { kase: made, own: [], said });
});

test("in the shape of the page's case, an x, a gamma or a dy alone leaves the rest unchanged", async () => {
  const { shape, gamma: scale, beta: shift, dy: upstream, x: before } = current;
  const rows = Array.from({ length: 4 }, (_, row) => [1, 2, 3, 4, row]);
  const { kase: another, said } = await open(["x.json", JSON.stringify(rows)]);
  assert.deepEqual(
    [another?.x, another?.shape, another?.gamma, another?.beta, another?.dy],
    [rows.flat(), [...shape], [...scale], [...(shift ?? [])], [...upstream]],
  );
  assert.equal(said, "x.json: x, 4×5. Unchanged: gamma, beta, dy.");
  const part = await open(["gamma.json", "[1, 2, 3, 4, 5]"]);
  assert.deepEqual([part.kase?.x, part.kase?.gamma], [[...before], [1, 2, 3, 4, 5]]);
  assert.equal(part.said, "gamma.json: gamma. Unchanged: x, beta, dy.");
});

test("arrays of the passes are the learner's own, with or without a case", async () => {
  assert.deepEqual(await open(["mine.json", JSON.stringify({ dx, dvar: [1, 2], t: [3, 4] })]), {
    kase: undefined,
    own: ["dx", "dvar", "t"],
    said: "mine.json: dx, dvar, t for Find my mistake.",
  });
  const both = { x, gamma, beta, dy, eps: 0.5, mine: { dx, dmu: [1, 2], t: [3, 4] } };
  assert.deepEqual(await open(["both.json", JSON.stringify(both)]), {
    kase: whole,
    own: ["dx", "dmu", "t"],
    said: "both.json: x, 3×2; gamma; beta; dy; eps = 0.5; dx, dmu, t for Find my mistake.",
  });
  // digits that were printed count, those of the inputs too
  assert.deepEqual((await open(["all.txt", `${printed}${print("dx", dx)}`])).own, [
    "x",
    "dout",
    "gamma",
    "beta",
    "dx",
  ]);
});

test("a case says its norm, and a setting alone is said", async () => {
  const cube = [[[1, 2], [3, 5]], [[4, 1], [0, 2]]]; // biome-ignore format: a tensor
  const norms: [json: object, norm: object, gamma: number][] = [
    [{ x, dy, norm: "layer" }, { norm: "layer" }, 2],
    [{ x, dy, norm: "rms", unitOffset: 1 }, { norm: "rms", unitOffset: true }, 2],
    [{ x: cube, dy: cube, norm: "group", groups: 1 }, { norm: "group", groups: 1 }, 2],
    [{ x: cube, dy: cube, norm: "layer", normalizedDims: 2 }, { norm: "layer", normalizedDims: 2 }, 4],
    [{ x: cube, dy: cube, layout: "channels-last" }, { axis: -1 }, 2],
  ];
  for (const [json, norm, length] of norms) {
    const { kase: made } = await fromFiles([new File([JSON.stringify(json)], "a.json")], engine, current);
    assert.deepEqual({ ...made, ...norm }, made);
    assert.equal(made?.gamma.length, length);
    assert.equal(made?.beta === undefined, made?.norm === "rms");
  }
  const { kase: changed, said } = await open(["a.json", '{"eps": 0.5}']);
  assert.deepEqual([changed?.eps, said], [0.5, "a.json: eps = 0.5. Unchanged: x, gamma, beta, dy."]);
  // llm.c calls x̂ norm
  assert.deepEqual((await open(["a.json", JSON.stringify({ norm: dx })])).own, ["norm"]);
});

test("a program gives objects of nested lists, typed arrays and prints", async () => {
  const given = {
    x: Float64Array.from(x.flat()),
    shape: [3, 2],
    gamma,
    beta,
    dy,
    eps: 0.5,
  };
  const mine = { dx: Float32Array.from(dx.flat()), dvar: { data: Float64Array.of(1, 2) } };
  const { kase: made, own } = taken(await fromObject({ case: given, mine }, engine, current));
  assert.deepEqual([made, own], [whole, ["dx", "dvar"]]);
  // inputs among the learner's arrays are claims about the case, not another case
  assert.deepEqual(taken(await fromObject({ mine: { x, dx } }, engine, current)).own, ["x", "dx"]);
  assert.deepEqual(taken(await fromText(printed, engine, current)).kase, whole);
  assert.deepEqual(taken(await fromObject({ case: printed, mine: print("dx", dx) }, engine, current)).own, [
    "x",
    "dout",
    "gamma",
    "beta",
    "dx",
  ]);
});

test("what can't be a case is refused with the name of its part", async () => {
  const rows: [files: Files, message: RegExp][] = [
    [[["a.json", JSON.stringify({ x, dy, dout: dy })]], /^case: expected dy once, got dy and dout, which are the same$/],
    [[["x.npy", npy("<f8", x.flat(), [3, 2])], ["input.csv", "1,2\n"]], /^case: expected x once, got x\.npy and input\.csv/],
    [[["a.json", '{"title": "nothing"}']], /expected .*the key "x"/],
    [[["a.json", '{"__proto__": {"dy": 1}}']], /expected .*the key "x"/],
    [[["a.json", JSON.stringify({ x, dy: [[1, 2]] })]], /^expected shape \[3, 2\], the shape of x, got \[1, 2\]/],
    [[["a.csv", "1,2\n3,4"], ["b.csv", "1,2"]], /^expected an array with a known name, such as x or dx, got “a\.csv”, “b\.csv”/],
    [[["gamma.json", "[1, 2, 3]"]], /^gamma: expected 5 values for 5 columns, got 3/],
    [[["a.json", JSON.stringify({ x, mine: 3 })]], /^mine: expected an object, got 3/],
  ]; // biome-ignore format: a table
  for (const [files, message] of rows) await assert.rejects(open(...files), { message });
  await assert.rejects(fromObject({ case: 7 as never }, engine, current), {
    message: "case: expected an object, got 7",
  });
});
