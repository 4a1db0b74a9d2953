/** What was found in an array, in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { relationText } from "../../web/lab/finding-text.ts";
import { addWords, Locale, localeOf } from "../../web/lab/locale.ts";
import { rest } from "../../web/lab/words/en/rest.ts";
import { kase, programOf } from "./cases.ts";

const bn = await load();
addWords("en", { rest });
const english = new Locale("en", "paper");

test("every relation is a sentence in either language, by the names of the notation", async () => {
  const relations = bn.mistakes
    .filter(({ switchable }) => switchable)
    .flatMap(({ id }) => {
      const arrays = [...programOf(id)].map(([name, { values, shape }]) => [
        name,
        { data: Float64Array.from(values), shape },
      ]);
      return bn.diagnose(kase, Object.fromEntries(arrays)).nodes.map(({ relation }) => relation);
    });
  const chinese = await localeOf("zh", "kratzert");
  for (const relation of relations) {
    assert.match(relationText(relation, 4, english), /^(Yours|In every column|No simple)[^{}]*\.$/);
    assert.match(relationText(relation, 4, chinese), /^(你的数组|在每一列中)[^{}γβμσ∂]*。$/);
  }
  const quarter = { kind: "ratio", ratio: 0.25 } as const;
  assert.equal(relationText(quarter, 4, english), "Yours is 0.25 times the right one, which is 1/N here.");
  assert.equal(relationText(quarter, 4, chinese), "你的数组是正确数组的 0.25 倍，在这里正是 1/N。");
  const lost = { kind: "missing-path", path: { from: "x", to: "mean" } } as const;
  assert.equal(
    relationText(lost, 4, english),
    "Yours lacks what comes back by x → μ, on the way through the mean.",
  );
  assert.equal(
    relationText(lost, 4, chinese),
    "你的数组缺了一部分，它应经由这条边传回：x → mu（经过均值的路径）。",
  );
});
