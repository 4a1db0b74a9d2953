/** The nodes of the graph. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { Locale } from "../../web/lab/locale.ts";
import { kNodeViews } from "../../web/lab/nodes.ts";
import { kNotations } from "../../web/lab/notations.ts";

const bn = await load();

test("the page's records of nodes have the keys of the package's graph", () => {
  const ids = bn.graph.nodes.map(({ id }) => id).sort();
  const records = kNotations.flatMap((notation) => {
    const { formulas, words } = new Locale("en", notation);
    const { symbols, partials } = formulas;
    return [words.nodes, symbols, partials, formulas.backward(0), formulas.backward(1)];
  });
  for (const record of [kNodeViews, ...records]) assert.deepEqual(Object.keys(record).sort(), ids);
});
