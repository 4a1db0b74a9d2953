import assert from "node:assert/strict";
import { test } from "node:test";
import { dialectNames, kDialects, ownName, quantityIds, usualNames } from "../../web/src/dialects.ts";
import { webassembly as bn } from "./support.ts";

const idsOf: Record<string, string[]> = {
  "batch norm": quantityIds(bn.graph),
  "RMS norm": quantityIds(bn.graphOf("rms") as unknown as typeof bn.graph),
};

for (const [name, ids] of Object.entries(idsOf))
  test(`within ${name}, no name stands for two arrays`, () => {
    const owner = new Map<string, string>();
    for (const id of ids)
      for (const said of usualNames(id)) {
        assert.ok([id, undefined].includes(owner.get(said)), `${said} is ${owner.get(said)} and ${id}`);
        owner.set(said, id);
      }
    // what is accepted beside the usual names takes none of them away
    for (const [said, at] of dialectNames(ids)) assert.equal(owner.get(said) ?? ids[at], ids[at], said);
  });

test("each dialect's own names are read, and only those of a graph's arrays", () => {
  const read = (name: string, said: string) => {
    const ids = idsOf[name] as string[];
    return ids[dialectNames(ids).get(said) ?? -1];
  };
  const table: [said: string, batch: string | undefined, rms: string | undefined][] = [
    ["inp", "x", "x"],
    ["dinp", "dx", "dx"],
    ["out", "y", "y"],
    ["dout", "dy", "dy"],
    ["weight", "gamma", "gamma"],
    ["dweight", "dgamma", "dgamma"],
    ["dbias", "dbeta", undefined],
    ["rstd", "invstd", "invrms"],
    ["norm", "xhat", "xhat"],
    ["hidden_states", "x", "x"],
    ["variance", undefined, "ms"], // not centred in Llama, so it is not ours
    ["var", "var", undefined],
    ["mu", "mean", undefined],
    ["grad_input", "dx", "dx"],
    ["dx1", "x->xc", undefined],
  ];
  for (const [said, batch, rms] of table) {
    assert.equal(read("batch norm", said), batch, said);
    assert.equal(read("RMS norm", said), rms, said);
  }
});

test("every name belongs to an array of some graph, and the first is the one to write", () => {
  const known = new Set(Object.values(idsOf).flat());
  for (const [dialect, { names }] of Object.entries(kDialects))
    for (const id of Object.keys(names)) assert.ok(known.has(id), `${dialect} names ${id}`);
  assert.equal(ownName("cs231n", "xhat"), "x_hat");
  assert.equal(ownName("pytorch", "invstd"), "save_invstd");
  assert.equal(ownName("kratzert", "x"), undefined);
});
