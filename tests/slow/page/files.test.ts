/** Files: what they hold is what the page shows, and a bad one is a sentence that leaves the page as it was. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "backnorm";
import { whole } from "../../page/bad-files.ts";
import {
  appears,
  chooseNode,
  chooseStep,
  click,
  find,
  follow,
  look,
  pageTest,
  state,
  upload,
  withRole,
} from "../../page/browser.ts";

const bn = await load();

pageTest(
  "the button opens a file chooser, and inputs that a file lacks are filled in once and then kept",
  {},
  async (page) => {
    const path = join(tmpdir(), `backnorm-${process.pid}.csv`);
    await writeFile(path, "1,2\n3,5\n4,4\n");
    const [chooser] = await Promise.all([
      page.waitForFileChooser(),
      click(page, "label:has(input[type=file])"),
    ]);
    await chooser.accept([path]);
    await page.waitForFunction(
      () => document.querySelector("backnorm-lab")?.session.computed?.layout.sheets.elements.rows === 3,
    );
    const first = await state(page);
    assert.deepEqual(first.x, [1, 2, 3, 5, 4, 4]);
    const [gamma, beta] = [[1, 1], [0, 0]]; // biome-ignore format: one line
    const [dy] = bn.randn(0, [6]).map((values) => [...values]);
    assert.deepEqual({ gamma: first.gamma, beta: first.beta, dy: first.dy }, { gamma, beta, dy });
    await upload(page, "again.csv", "9,8\n7,6\n5,5\n");
    const second = await state(page);
    assert.deepEqual({ gamma: second.gamma, beta: second.beta, dy: second.dy }, { gamma, beta, dy });
  },
);

pageTest("a JSON case does not depend on what was on the page before", {}, async (page) => {
  await upload(page, "unbiased.json", JSON.stringify({ ...whole, ddof: 1 }));
  assert.equal((await state(page)).ddof, 1);
  await upload(page, "population.json", JSON.stringify(whole));
  assert.equal((await state(page)).ddof, 0);
});

pageTest(
  "an unbiased case shows N - 1 wherever its variance is divided, and only there",
  {},
  async (page) => {
    const line = async () => (await find(page, "bn-steps >>> code")).evaluate((one) => one.textContent);
    await look(page, "steps");
    await upload(page, "unbiased.json", JSON.stringify({ ...whole, ddof: 1 }));
    await chooseStep(page, "mean");
    assert.equal(await line(), "dmean = -(dxhat / std).sum(axis=0) - dvar * 2 * xc.sum(axis=0) / (N - 1)");
    await chooseStep(page, "x");
    assert.equal(await line(), "dx = dxhat / std + dvar * 2 * xc / (N - 1) + dmean / N");
    const formula = await (await find(page, ".formula.big")).evaluate((one) => one.textContent);
    assert.equal(formula?.replace(/\s/g, ""), "∂x=∂x^σ2+ε+∂σ2·2(x−μ)N−1+∂μN");
    await upload(page, "population.json", JSON.stringify(whole));
    assert.equal(await line(), "dx = dxhat / std + dvar * 2 * xc / N + dmean / N");
  },
);

pageTest("a link to an unknown case keeps an opened file", {}, async (page) => {
  await upload(page, "whole.json", JSON.stringify(whole));
  const before = await state(page);
  await follow(page, "#v=1&case=nowhere&node=mean");
  assert.match((await withRole(page, "alert")).join(), /expected cs231n, .*, got “nowhere”/);
  assert.deepEqual((await state(page)).x, before.x);
});

pageTest("a file larger than 32 MiB is refused before it is read", {}, async (page) => {
  await (await find(page, "bn-graph")).evaluate((target) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(50 * 2 ** 20)], "big.csv"));
    target.dispatchEvent(
      new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true, composed: true }),
    );
  });
  await appears(page, "[role=alert]"); // before it a note may say that the rest is fetched
  assert.match(
    (await withRole(page, "alert")).join(),
    /^big\.csv: expected at most 32 MiB, got 50\. Nothing was changed\./,
  );
});

pageTest("the browser handles dragged things that are not files", {}, async (page) => {
  const taken = await (await find(page, "bn-graph")).evaluate((target) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/plain", "1,2\n3,4");
    const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
    return ["dragover", "drop"].map((type) => !target.dispatchEvent(new DragEvent(type, options)));
  });
  assert.deepEqual(taken, [false, false]);
  assert.equal((await state(page)).message, undefined);
});

pageTest("one row, or a constant upstream gradient, is undecidable and not a fail", {}, async (page) => {
  await upload(page, "row.csv", "1,2,3\n");
  const verdicts = async () => Object.fromEntries(((await state(page)).report ?? []).map(({ id, verdict }) => [id, verdict]));
  const row = await verdicts();
  assert.ok(!Object.values(row).includes("fail"), JSON.stringify(row));
  assert.equal(row["x"], "undecidable"); // y = beta, whatever x is
  assert.equal(row["beta"], "pass");
  await chooseNode(page, "x");
  const meaning = await (await find(page, "bn-inspector >>> .meaning")).evaluate((one) => one.textContent);
  assert.match(meaning ?? "", /a wrong one would agree too/);

  await upload(page, "constant.json", JSON.stringify({ x: [[1, 2], [3, 5], [4, 1]], gamma: [1, 2], beta: [0, 0], dy: [[1, 1], [1, 1], [1, 1]] }));
  const constant = await verdicts();
  assert.ok(!Object.values(constant).includes("fail"), JSON.stringify(constant));
  assert.equal(constant["x"], "undecidable"); // Σ y = N·beta, whatever x is
  assert.equal(constant["beta"], "pass");

  const shown = await page.$$eval(">>> .node", (cards) => cards.map((card) => [card.getAttribute("data-node") ?? "", card.querySelector(".mark")?.getAttribute("class")]));
  assert.deepEqual(Object.fromEntries(shown), Object.fromEntries(Object.entries(constant).map(([id, verdict]) => [id, `mark ${verdict}`])));
  const words = await page.$$eval(">>> .chip", (chips) => chips.map((chip) => chip.textContent?.trim()));
  assert.ok(words.includes("undecidable") && !words.includes("fail"), words.join());
}); // biome-ignore format: matrices
