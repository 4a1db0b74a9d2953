/** A check that takes seconds: the page answers at once and goes on answering, and a newer case takes its place. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { caseOf, click, frames, type Lab, pageTest, ready, state, upload } from "../../page/browser.ts";
import { goOn, holdChecks, kHeld } from "../../page/held.ts";

const bn = await load();

const csv = (rows: number, columns: number, seed: number) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => Math.sin(seed + row * 1.7 + column ** 2).toFixed(3)).join(
      ",",
    ),
  ).join("\n");

const progress = (page: Page) =>
  page.evaluate(() => document.querySelector("backnorm-lab")?.session.progress);

pageTest(
  "a 1500×6 file is shown at once, its check makes progress, and clicks still work meanwhile",
  { before: kHeld },
  async (page) => {
    await page.evaluate(() => {
      const seen = { shares: [] as number[], answered: [] as boolean[] };
      Object.assign(window, { seen });
      const lab = document.querySelector("backnorm-lab") as Lab;
      const look = () => {
        const bar = window.everyElement().find((element) => element.localName === "progress");
        if (bar) seen.shares.push((bar as HTMLProgressElement).value);
        requestAnimationFrame(look);
      };
      look();
      // Whether what a click changes was drawn while the check went on. How soon it was, depends on the machine.
      addEventListener("click", () => {
        if (lab.session.progress === undefined) return;
        requestAnimationFrame(() =>
          lab.updateComplete.then(() => seen.answered.push(lab.session.progress !== undefined)),
        );
      });
    });
    await holdChecks(page);
    await upload(page, "large.csv", csv(1500, 6, 0));
    const early = await state(page);
    assert.deepEqual([early.rows, early.columns, early.report], [1500, 6, undefined]);
    const { marks, places } = await page.evaluate(() => {
      const every = window.everyElement();
      const rows = every.filter((element) => element.matches("[data-gradient] .size"));
      rows[2]?.scrollIntoView({ block: "center" });
      return {
        marks: every
          .filter((element) => element.matches(".node .mark"))
          .map((mark) => mark.getAttribute("class")),
        places: rows.map((row) => row.getBoundingClientRect().toJSON() as DOMRect),
      };
    });
    assert.deepEqual(
      marks,
      Array.from({ length: 12 }, () => "mark pending"),
    );
    await goOn(page);
    for (const { x, y, width, height } of places.slice(0, 5))
      await page.mouse.click(x + width / 2, y + height / 2);
    await frames(page);
    assert.equal((await state(page)).selection.node, "xhat"); // the fifth gradient

    await ready(page);
    const late = await state(page);
    assert.equal(late.progress, undefined);
    assert.ok(late.report?.every(({ verdict }) => verdict !== "fail"));
    assert.deepEqual(late.x, early.x);
    assert.equal(await page.$(">>> progress"), null);
    const { shares, answered } = await page.evaluate(
      () => (window as unknown as { seen: { shares: number[]; answered: boolean[] } }).seen,
    );
    assert.ok(answered.length > 0, "no click came during the check");
    assert.ok(answered.every(Boolean), "clicks were answered when the check was done");
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
      "progress only grows",
    );
    assert.ok(new Set(shares).size >= 5, `progress: ${shares.join(", ")}`);
    const [{ numeric = [] } = {}] = late.report?.filter(({ id }) => id === "var") ?? [];
    assert.deepEqual(numeric, [
      ...(bn.gradcheck(caseOf(late)).nodes.find(({ id }) => id === "var")?.numeric ?? []),
    ]);
  },
);

pageTest(
  "a second case opened during a check replaces it, and the first check reports nothing later",
  { before: kHeld },
  async (page) => {
    await holdChecks(page);
    await upload(page, "first.csv", csv(1500, 6, 0));
    assert.notEqual(await progress(page), undefined);
    await upload(page, "second.csv", csv(130, 9, 5)); // checked in slices as well
    await goOn(page);
    await ready(page);
    const second = await state(page);
    assert.deepEqual([second.name, second.rows, second.columns], ["second.csv", 130, 9]);
    const report = bn.gradcheck(caseOf(second)).nodes;
    assert.deepEqual(
      second.report?.map(({ id, verdict, numeric }) => ({ id, verdict, numeric })),
      report.map(({ id, verdict, numeric }) => ({ id, verdict, numeric: [...numeric] })),
    );

    await holdChecks(page);
    await upload(page, "third.csv", csv(1500, 6, 7));
    assert.notEqual(await progress(page), undefined);
    await page.select(">>> select", "cs231n"); // checked at once
    await frames(page);
    const small = await state(page);
    assert.deepEqual([small.name, small.rows, small.progress], ["cs231n", 4, undefined]);
    assert.ok(small.report?.every(({ verdict }) => verdict === "pass"));
    await goOn(page); // what was stopped would take its next slice
    await frames(page);
    assert.deepEqual(await state(page), small);
  },
);

pageTest("an edit during a check restarts it with the new number", { before: kHeld }, async (page) => {
  await holdChecks(page);
  await upload(page, "edited.csv", csv(1500, 4, 1));
  await click(page, 'bn-matrix[input="x"] >>> [data-at="0"]');
  await page.keyboard.type("3.5");
  await page.keyboard.press("Enter");
  await frames(page);
  await goOn(page);
  await ready(page);
  const shown = await state(page);
  assert.equal(shown.x[0], 3.5);
  const want = bn.gradcheck(caseOf(shown)).nodes.map(({ numeric }) => [...numeric]);
  assert.deepEqual(
    shown.report?.map(({ numeric }) => numeric),
    want,
  );
});
