/** The steps of both passes that the player goes through. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { kEnd, momentsOf } from "../../web/lab/model/moment.ts";

const bn = await load();
const { graph } = bn;
const order = graph.nodes.map(({ id }) => id);
const moments = momentsOf(graph);

test("the steps end with everything, and compute each array after its inputs", () => {
  assert.equal(moments.at(-1)?.id, kEnd);
  assert.deepEqual([...(moments.at(-1)?.grads ?? [])].sort(), [...order].sort());
  assert.equal(moments.length, 1 + 9 + 1 + 12);
  for (const { id, made, pass, values, grads } of moments) {
    if (made === "inputs" || made === "loss") continue;
    const needed = graph.edges.filter(({ from, to }) => (pass === "forward" ? to : from) === made);
    for (const { from, to } of needed)
      assert.ok(pass === "forward" ? values.has(from) : grads.has(to), `${id} comes before ${from}-${to}`);
    assert.ok((pass === "forward" ? values : grads).has(made), `${id} does not show ${made}`);
  }
  // the derivation's own order
  const back = moments.filter(({ pass }) => pass === "backward").map(({ made }) => made);
  const steps = back.filter((id) => ["beta", "gamma", "xhat", "var", "mean", "x"].includes(id));
  assert.deepEqual(steps, ["beta", "gamma", "xhat", "var", "mean", "x"]);
});
