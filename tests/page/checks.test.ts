/** The check panel, and what it and the graph show of a mistake that is made on purpose. */
import assert from "node:assert/strict";
import { load, type NodeReport } from "backnorm";
import type { Page } from "puppeteer-core";
import { scientific } from "../../web/lab/base/numbers.ts";
import { appears, caseOf, click, frames, makeMistake, pageTest, ready, state, upload } from "./browser.ts";
import { csv, distance, order, rows, summary, swept } from "./checks.ts";
import { goOn, holdChecks, kHeld } from "./held.ts";

const bn = await load();

pageTest(
  "the table shows the package's result for each gradient",
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

pageTest("a cancelled check says so, and can be restarted", { before: kHeld }, async (page) => {
  await holdChecks(page);
  await upload(page, "large.csv", csv(500, 4));
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

  await holdChecks(page);
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
  "a link opens the sweep and float32, and records which of them are open",
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

/** The mark of each card: pass, fail, inherited. */
const marks = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(() =>
    Object.fromEntries(
      window
        .everyElement()
        .filter((element) => element.matches(".node"))
        .map((node) => [
          (node as SVGElement).dataset["node"] as string,
          (node.querySelector(".mark")?.getAttribute("class") ?? "").replace("mark ", ""),
        ]),
    ),
  );

const texts = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate(
    (wanted) =>
      window
        .everyElement()
        .filter((element) => element.matches(wanted))
        .map((element) => element.textContent?.trim() ?? ""),
    selector,
  );

pageTest("a mistake that is switched on shows where it begins and what inherits it", {}, async (page) => {
  await makeMistake(page, "dvar-half");
  const shown = await marks(page);
  assert.equal(shown["var"], "fail");
  for (const id of ["sq", "xc", "x"]) assert.equal(shown[id], "inherited", id);
  for (const id of ["y", "beta", "gamma", "xhat", "std", "invstd", "mean"])
    assert.equal(shown[id], "pass", id);
  assert.match((await texts(page, ".mistake")).join(), /deliberate mistake is switched on\. dvar lacks/);
  const trace = bn.trace(bn.presets.cs231n, { mistakes: ["dvar-half"] });
  const [cell] = await texts(page, '[role="table"] tr:first-of-type td');
  const dvar = trace.nodes.find(({ id }) => id === "var")?.grad[0] as number;
  assert.equal(cell?.replace("\u2212", "-"), String(dvar));
  assert.match(new URL(page.url()).hash, /&mistake=dvar-half&open=bank$/);

  await makeMistake(page, "");
  assert.ok(Object.values(await marks(page)).every((mark) => mark === "pass"));
  assert.deepEqual(await texts(page, ".mistake"), []);
  assert.doesNotMatch(page.url(), /mistake/);
});

pageTest(
  "a link to a mistake in the forward pass frames the wrong value and its gate",
  { link: "#v=1&case=cs231n&node=std&cell=1,1&mistake=eps-outside" },
  async (page) => {
    assert.equal((await texts(page, ".gate.wrong text")).join(), "√");
    const label = await page.evaluate(
      () => window.everyElement().find((e) => e.matches('.node[data-node="std"]'))?.ariaLabel,
    );
    assert.match(label ?? "", /fail, inherited, value wrong here$/);
    assert.ok((await texts(page, "[data-filled]")).length > 0);
  },
);

pageTest(
  "a gradient of the wrong shape is reported, and the rest of the page stays",
  { link: "#v=1&case=cs231n&node=gamma&cell=1,1&mistake=unsummed" },
  async (page) => {
    assert.equal((await marks(page))["gamma"], "fail");
    assert.equal((await marks(page))["x"], "pass");
    assert.match((await texts(page, ".meaning")).join(), /the shape \(4, 5\) instead of \(5\)/);
  },
);

pageTest(
  "a link to an unknown mistake shows a message, and switches none on",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&mistake=<b>" },
  async (page) => {
    const { length } = bn.mistakes.filter(({ switchable }) => switchable); // of every norm
    assert.match(
      (await texts(page, ".message p")).join(),
      new RegExp(`The link’s mistake: expected one of ${length}, .* got “<b>”`),
    );
    assert.ok(Object.values(await marks(page)).every((mark) => mark === "pass"));
  },
);
