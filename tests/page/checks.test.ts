/** The check panel: the twelve gradients, a check that was cancelled, the step sweep and float32. */
import assert from "node:assert/strict";
import { load, type NodeReport } from "backnorm";
import { scientific } from "../../web/lab/numbers.ts";
import { appears, caseOf, click, frames, pageTest, ready, state, upload } from "./browser.ts";
import { csv, distance, order, rows, summary, swept } from "./checks.ts";
import { goOn, hold, kHeld } from "./held.ts";

const bn = await load();

pageTest(
  "the table says of each gradient what the package finds",
  { link: "#v=1&case=cs231n&node=var&cell=1,1" },
  async (page) => {
    const report = bn.gradcheck(bn.presets.cs231n);
    const shown = await rows(page);
    assert.deepEqual(
      shown.map(({ id }) => id),
      order,
    );
    for (const { id, size, figures, verdict, first } of shown) {
      const node = report.nodes.find((one) => one.id === id) as NodeReport<Float64Array>;
      assert.equal(size, node.shape.join("×"), id);
      assert.deepEqual(
        figures,
        distance(node).map((value) => scientific(value)),
        id,
      );
      assert.deepEqual([verdict, first], ["pass", ""], id);
    }
    assert.equal(await summary(page), "12 of 12 gradients pass");

    const laws = await page.evaluate(() =>
      window
        .everyElement()
        .filter((element) => element.matches(".law"))
        .map((law) => [...law.querySelectorAll(".figure, .chip")].map((cell) => cell.textContent?.trim())),
    );
    const { sumOfDx, sumOfDxXhat } = report.invariants;
    const wanted = [sumOfDx, sumOfDxXhat].map(({ residual, bound }) => {
      const shares = Array.from(residual, (value, at) => value / (bound[at] as number));
      const at = shares.indexOf(Math.max(...shares));
      return [scientific(residual[at] as number), scientific(bound[at] as number), "holds"];
    });
    assert.deepEqual(laws, wanted);
  },
);

pageTest("a check that is cancelled says so, and is taken up again", { before: kHeld }, async (page) => {
  await hold(page);
  await upload(page, "large.csv", csv(1500, 4));
  assert.match(await summary(page), /^checking … \d+ %$/);
  assert.ok(
    (await rows(page)).every(({ verdict, figures }) => verdict === "checking …" && figures.join("") === ""),
  );
  await click(page, ".checking button");
  const assertCancelled = async () => {
    assert.equal(await summary(page), "not checked");
    assert.ok((await rows(page)).every(({ verdict }) => verdict === "not checked"));
    const marks = await page.evaluate(() =>
      window
        .everyElement()
        .filter((element) => element.matches(".node .mark"))
        .map((mark) => mark.getAttribute("class")),
    );
    assert.deepEqual(marks, Array(12).fill("mark unchecked"));
    const { progress, report } = await state(page);
    assert.deepEqual([progress, report], [undefined, undefined]);
  };
  await assertCancelled();
  await goOn(page); // what was stopped would take its next slice
  await frames(page);
  await assertCancelled();

  await hold(page);
  await click(page, "bn-checks >>> [name=again]");
  assert.match(await summary(page), /^checking … \d+ %$/);
  assert.equal(await page.$(">>> bn-checks >>> [name=again]"), null);
  await goOn(page);
  await ready(page);
  const done = await state(page);
  const report = bn.gradcheck(caseOf(done)).nodes;
  assert.deepEqual(
    done.report?.map(({ id, verdict, numeric }) => ({ id, verdict, numeric })),
    report.map(({ id, verdict, numeric }) => ({ id, verdict, numeric: [...numeric] })),
  );
  assert.equal(await summary(page), "12 of 12 gradients pass");
});

pageTest(
  "a link opens the sweep and float32, and says which of them are open",
  { link: "#v=1&case=cs231n&node=x&check=float32,sweep" },
  async (page) => {
    await swept(page);
    await appears(page, ".float32");
    const said = () => page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("check"));
    await click(page, "bn-checks >>> [name=float32]");
    assert.equal(await said(), "sweep");
    assert.equal(await page.$(">>> bn-checks >>> .float32"), null);
    await click(page, "bn-checks >>> [name=sweep]");
    assert.equal(await said(), null);
    assert.equal(await page.$(">>> bn-sweep"), null);
    await page.goBack();
    await frames(page);
    assert.equal(await said(), "sweep");
    await appears(page, "[role=slider]");
  },
);
