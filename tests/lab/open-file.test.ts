/** Opening a file as a case: its parts under any usual names, and what they were taken for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { openFile } from "../../web/lab/session/open-file.ts";
import { rest } from "../../web/lab/words/en/rest.ts";
import { addWords, Locale } from "../../web/lab/words/locale.ts";
import { kase } from "./cases.ts";

const bn = await load();
const engine = bn as unknown as Parameters<typeof openFile>[1]; // the package as built, of the same types
addWords("en", { rest });
const words = new Locale("en", "paper", bn.graph).rest;

const x = [[1.5, -2], [0.25, 4], [8, -16.5]]; // biome-ignore format: a matrix
const dy = [[1, 2], [-3, 4], [5, -6.5]]; // biome-ignore format: a matrix
const [gamma, beta] = [[2, 0.5], [-1, 3]]; // biome-ignore format: vectors
const open = (name: string, content: string | Uint8Array) =>
  openFile(new File([content as BlobPart], name), engine, kase as Parameters<typeof openFile>[2]);

test("a JSON case is understood under the names of every dialect, and they are said", async () => {
  const rows: [json: object, note: string][] = [
    [{ x, gamma, beta, dy, eps: 0.5 }, ""],
    [
      { x, gamma, beta, dy, variance_epsilon: 0.5, correction: 0 },
      "“variance_epsilon” was taken for eps. “correction” was taken for ddof.",
    ],
    [{ x, gamma, beta, dout: dy, epsilon: 0.5 }, "“dout” was taken for dy. “epsilon” was taken for eps."],
    [
      { input: x, weight: gamma, bias: beta, grad_output: dy, eps: 0.5 },
      "“input” was taken for x. “weight” was taken for gamma. “bias” was taken for beta. “grad_output” was taken for dy.",
    ],
    [
      { hprebn: x, bngain: [gamma], bnbias: [beta], dhpreact: dy, eps: 0.5 },
      "“hprebn” was taken for x. “bngain” was taken for gamma. “bnbias” was taken for beta. “dhpreact” was taken for dy.",
    ],
  ];
  for (const [json, note] of rows) {
    const opened = await open("case.json", JSON.stringify(json));
    assert.deepEqual(
      [
        opened.kase.shape,
        ...[opened.kase.x, opened.kase.gamma, opened.kase.beta, opened.kase.dy].map((a) => [...a]),
      ],
      [[3, 2], x.flat(), gamma, beta, dy.flat()],
    );
    assert.equal(opened.kase.eps, 0.5);
    assert.equal(opened.note(words), note);
  }
  const { note } = await open("case.json", JSON.stringify({ x, gamma, dout: dy }));
  assert.equal(
    note(words),
    "“dout” was taken for dy. Not in the file: beta, drawn from NumPy’s generator with seed 0.",
  );
  await assert.rejects(open("case.json", JSON.stringify({ x, dy, dout: dy })), {
    message: "case: expected dy once, got dy and dout, which are the same",
  });
  await assert.rejects(open("case.json", JSON.stringify({ x, dou: dy })), /dou/);
  await assert.rejects(open("case.json", '{"x": [[1, 2], [3, 4]], "__proto__": {"dy": 1}}'), /__proto__/);
});

// Written by NumPy 1.24.2: np.savez_compressed with x, weight, bias, dout and eps=0.5.
const npz =
  "UEsDBBQAAAAIAAAAIQDZyXMxXAAAALAAAAAFABQAeC5ucHkBABAAsAAAAAAAAABcAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1CmQDLgYw+GEPoRkOQKgLUL6AA4RWgNANBgcAUEsDBBQAAAAIAAAAIQC4RDgeSwAAAJAAAAAKABQAd2VpZ2h0Lm5weQEAEACQAAAAAAAAAEsAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqaOgq1ChQALgYIcIBQD+wBUEsDBBQAAAAIAAAAIQAj0SYRTQAAAJAAAAAIABQAYmlhcy5ucHkBABAAkAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GMPiwH0JzOAAAUEsDBBQAAAAIAAAAIQBWf0LaWwAAALAAAAAIABQAZG91dC5ucHkBABAAsAAAAAAAAABbAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1CmQDLgYw+GAPoRkcIBTHAQgtAOWLQGmpAwBQSwMEFAAAAAgAAAAhAHDukmlHAAAAiAAAAAcAFABlcHMubnB5AQAQAIgAAAAAAAAARwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq1ChQBLgYweGAPAFBLAQIUAxQAAAAIAAAAIQDZyXMxXAAAALAAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQIUAxQAAAAIAAAAIQC4RDgeSwAAAJAAAAAKAAAAAAAAAAAAAACAAZMAAAB3ZWlnaHQubnB5UEsBAhQDFAAAAAgAAAAhACPRJhFNAAAAkAAAAAgAAAAAAAAAAAAAAIABGgEAAGJpYXMubnB5UEsBAhQDFAAAAAgAAAAhAFZ/QtpbAAAAsAAAAAgAAAAAAAAAAAAAAIABoQEAAGRvdXQubnB5UEsBAhQDFAAAAAgAAAAhAHDukmlHAAAAiAAAAAcAAAAAAAAAAAAAAIABNgIAAGVwcy5ucHlQSwUGAAAAAAUABQAMAQAAtgIAAAAA";

test("the arrays of a .npz file are a case", async () => {
  const { kase: opened, note } = await open(
    "case.npz",
    Uint8Array.from(atob(npz), (one) => one.charCodeAt(0)),
  );
  assert.deepEqual(
    [opened.shape, ...[opened.x, opened.gamma, opened.beta, opened.dy].map((a) => [...a]), opened.eps],
    [[3, 2], x.flat(), gamma, beta, dy.flat(), 0.5],
  );
  assert.match(note(words), /“dout” was taken for dy/);
});
