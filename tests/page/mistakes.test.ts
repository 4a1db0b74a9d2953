/** A mistake made on purpose: every node shows what it does, and where it begins. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { makeMistake, pageTest } from "./browser.ts";

const bn = await load();

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
  assert.match((await texts(page, ".mistake")).join(), /on purpose\. dvar lacks/);
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
  "a link to a mistake in the forward pass frames the value that is wrong, and its gate",
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
  "a gradient of another shape is said to be so, and the rest of the page stays",
  { link: "#v=1&case=cs231n&node=gamma&cell=1,1&mistake=unsummed" },
  async (page) => {
    assert.equal((await marks(page))["gamma"], "fail");
    assert.equal((await marks(page))["x"], "pass");
    assert.match((await texts(page, ".meaning")).join(), /the shape \(4, 5\), where \(5\) belongs/);
  },
);

pageTest(
  "a link to a mistake that does not exist is a sentence, and none is made",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&mistake=<b>" },
  async (page) => {
    const { length } = bn.mistakes.filter(({ switchable }) => switchable);
    assert.match(
      (await texts(page, ".message p")).join(),
      new RegExp(`The link’s mistake: expected one of ${length}, .* got “<b>”`),
    );
    assert.ok(Object.values(await marks(page)).every((mark) => mark === "pass"));
  },
);
