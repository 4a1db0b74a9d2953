/** Typing into the inputs: everything recomputes as the package in Node computes it, and wrong text changes nothing. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { unitRoundoff } from "../web/support.ts";
import { caseOf, click, find, frames, pageTest, press, type State, state, withRole } from "./browser.ts";

const bn = await load();

/** The same C++ on the same numbers: equal in every digit. */
function assertComputed(shown: State) {
  const kase = caseOf(shown);
  const trace = bn.trace(kase);
  for (const { id, value, grad } of trace.nodes) {
    assert.deepEqual(shown.values[id], [...value], id);
    assert.deepEqual(shown.grads[id], [...grad], `d${id}`);
  }
  const report = bn.gradcheck(kase).nodes;
  assert.deepEqual(
    shown.report?.map(({ id, verdict, numeric }) => ({ id, verdict, numeric })),
    report.map(({ id, verdict, numeric }) => ({ id, verdict, numeric: [...numeric] })),
  );
}

/** Three numbers that add up in another order than the backward pass adds them: two roundings, of its largest term. */
function assertPathsAddUp({ paths, grads }: State) {
  for (const [at, dx] of (grads["x"] as number[]).entries()) {
    const terms = paths.map((path) => path[at] as number);
    const sum = terms.reduce((a, b) => a + b);
    const most = Math.max(...terms.map(Math.abs));
    assert.ok(
      Math.abs(sum - dx) <= 4 * unitRoundoff.float64 * most,
      `paths[${at}]: ${terms.join(" + ")} for ${dx}`,
    );
  }
}

const field = (input: string, at: number) => `bn-matrix[input="${input}"] >>> input[data-at="${at}"]`;
const textIn = async (page: Page, selector: string) =>
  (await find(page, selector)).evaluate((element) => (element as HTMLInputElement).value);
/** The field that has the keyboard, as it names itself. */
const focused = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.ariaLabel ?? element?.getAttribute("name") ?? element?.localName;
  });

pageTest("a number typed into x, gamma, beta, dy or eps recomputes everything", {}, async (page) => {
  const edits = [
    ["x", 0, "-3.25"],
    ["x", 19, "1e2"],
    ["gamma", 3, "\u22120.5"], // with the minus sign that the page writes
    ["beta", 0, " 7 "],
    ["dy", 11, "+.125"],
  ] as const;
  for (const [input, at, text] of edits) {
    const before = await state(page);
    await click(page, field(input, at));
    await page.keyboard.type(text); // a click chooses the whole number
    await press(page, "Enter");
    const after = await state(page);
    const wanted = before[input].with(at, Number(text.replace("\u2212", "-")));
    assert.deepEqual(after[input], wanted, `${input}[${at}] = ${text}`);
    const others = (["x", "gamma", "beta", "dy"] as const).filter((other) => other !== input);
    for (const other of others) assert.deepEqual(after[other], before[other], other);
    assertComputed(after);
    assertPathsAddUp(after);
  }
  await click(page, 'input[name="eps"]');
  await press(page, "Home");
  await page.keyboard.down("Shift");
  await press(page, "End");
  await page.keyboard.up("Shift");
  await page.keyboard.type("0.5");
  await press(page, "Enter");
  const last = await state(page);
  assert.equal(last.eps, 0.5);
  assertComputed(last);
  assertPathsAddUp(last);
  assert.ok(last.report?.every(({ verdict }) => verdict !== "fail"));
});

pageTest(
  "leaving a field by Tab or by a click elsewhere takes its number as Enter does",
  {},
  async (page) => {
    await click(page, field("x", 0));
    await page.keyboard.type("2.5");
    await press(page, "Tab");
    assert.equal((await state(page)).x[0], 2.5);
    await click(page, field("x", 7));
    await page.keyboard.type("-1");
    await click(page, "h1");
    const after = await state(page);
    assert.equal(after.x[7], -1);
    assertComputed(after);
  },
);

pageTest(
  "text that is no finite number shows a sentence, keeps the old number, and Escape restores it",
  {},
  async (page) => {
    const before = await state(page);
    for (const text of ["abc", "", "1e999", "1,5", "0x10", "NaN", "-Infinity", "1 2"]) {
      await click(page, field("x", 6));
      await press(page, "Home");
      await page.keyboard.down("Shift");
      await press(page, "End");
      await page.keyboard.up("Shift");
      await press(page, "Backspace");
      await page.keyboard.type(text);
      await press(page, "Enter");
      const [sentence = "", ...others] = await withRole(page, "alert");
      assert.match(sentence, /^Expected a finite number such as/, `for "${text}"`);
      assert.deepEqual(others, []);
      assert.equal(
        await (await find(page, field("x", 6))).evaluate((element) => element.ariaInvalid),
        "true",
      );
      assert.equal(await focused(page), "x, row 2, column 2"); // it stays where it has to be mended
      assert.equal(await textIn(page, field("x", 6)), text);
      await press(page, "Escape");
      assert.equal(await textIn(page, field("x", 6)), String(before.x[6]));
      assert.deepEqual(await withRole(page, "alert"), []);
      assert.deepEqual((await state(page)).x, before.x);
    }
  },
);

pageTest("an eps that is none shows a sentence and keeps the old one", {}, async (page) => {
  const select = async () => {
    await (await find(page, 'input[name="eps"]')).click({ count: 3 });
  };
  for (const text of ["abc", "-1", "1e999"]) {
    await select();
    await page.keyboard.type(text);
    await press(page, "Enter");
    assert.match((await withRole(page, "alert")).join(), /^Expected a number, 0 or greater/);
    assert.equal((await state(page)).eps, 1e-5);
    await press(page, "Escape");
    assert.deepEqual(await withRole(page, "alert"), []);
    assert.equal(await textIn(page, 'input[name="eps"]'), "0.00001");
  }
  await select();
  await page.keyboard.type("0");
  await press(page, "Tab");
  assert.equal((await state(page)).eps, 0);
});

pageTest(
  "an edit that cannot be computed is a sentence, and the fields show what is still in force",
  {},
  async (page) => {
    const before = await state(page);
    await click(page, field("x", 0));
    await page.keyboard.type("1e300"); // its square is infinite
    await press(page, "Tab");
    assert.match((await withRole(page, "alert")).join(), /an overflow.*What was here stays\./);
    assert.deepEqual(await state(page).then(({ x }) => x), before.x);
    assert.equal(await textIn(page, field("x", 0)), "14.09");

    await click(page, field("x", 0));
    for (let row = 0; row < 4; row++) {
      await page.keyboard.type("3"); // over the number that Enter went to
      await press(page, "Enter");
    }
    assert.deepEqual(await withRole(page, "alert"), []); // what was said is over with the next good edit
    await (await find(page, 'input[name="eps"]')).click({ count: 3 });
    await page.keyboard.type("0"); // 1/√0 in the constant column
    await press(page, "Enter");
    assert.match((await withRole(page, "alert")).join(), /eps = 0 with a constant column/);
    assert.equal((await state(page)).eps, 1e-5);
    assert.equal(await textIn(page, 'input[name="eps"]'), "0.00001");
  },
);

pageTest("a text that is no number is named even when the cell was left", {}, async (page) => {
  await click(page, field("gamma", 1));
  await page.keyboard.type("a quarter");
  await press(page, "Tab");
  assert.match((await withRole(page, "alert")).join(), /got “a quarter”\. The old value stays\./);
  assert.equal(await textIn(page, field("gamma", 1)), "0.2621");
});

pageTest(
  "a preset that was changed says so, no longer is in the link, and can be had back",
  {},
  async (page) => {
    const preset = await state(page);
    await click(page, field("x", 0));
    await page.keyboard.type("7");
    await press(page, "Enter");
    assert.equal(
      await (await find(page, "select option:checked")).evaluate((option) => option.textContent),
      "cs231n, changed",
    );
    assert.equal(new URL(page.url()).hash, "");
    await (await find(page, "select")).select("cs231n");
    assert.deepEqual((await state(page)).x, preset.x);
  },
);

pageTest("the keyboard alone moves through a matrix, edits it and leaves it", {}, async (page) => {
  await (await find(page, field("x", 0))).focus();
  assert.equal(await textIn(page, field("x", 0)), "14.089717054276115"); // in full, ready to be typed over
  await press(page, "ArrowDown");
  assert.equal(await focused(page), "x, row 2, column 1");
  await page.keyboard.type("5");
  await press(page, "Enter");
  assert.equal(await focused(page), "x, row 3, column 1");
  await press(page, "ArrowUp", "ArrowUp", "ArrowUp");
  assert.equal(await focused(page), "x, row 1, column 1");
  await press(page, "Tab"); // a matrix is one stop
  assert.equal(await focused(page), "γ, column 1");
  await press(page, "Tab", "Tab");
  assert.equal(await focused(page), "eps");
  await page.keyboard.down("Shift");
  await press(page, "Tab", "Tab", "Tab");
  await page.keyboard.up("Shift");
  assert.equal(await focused(page), "x, row 1, column 1");
  const { x, selection } = await state(page);
  assert.equal(x[5], 5);
  assert.deepEqual(selection, { node: "x", cell: { row: 0, column: 0 } });

  await (await find(page, 'bn-inspector >>> bn-matrix[label^="value"] >>> [data-at="0"]')).focus();
  await press(page, "ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft");
  assert.deepEqual((await state(page)).selection.cell, { row: 1, column: 1 });
});

pageTest("moving through a matrix changes no number and computes nothing anew", {}, async (page) => {
  const { x } = await state(page);
  await page.evaluate(() => {
    (window as { first?: unknown }).first = document.querySelector("backnorm-lab")?.computed;
  });
  await (await find(page, field("x", 15))).focus();
  await press(page, "Enter", "Enter", "ArrowUp", "ArrowDown", "ArrowDown", "Tab");
  assert.deepEqual((await state(page)).x, x);
  assert.ok(
    await page.evaluate(
      () => (window as { first?: unknown }).first === document.querySelector("backnorm-lab")?.computed,
    ),
  );
});

pageTest("Enter in the last row takes the number in full, and again", {}, async (page) => {
  await click(page, field("gamma", 2));
  await page.keyboard.type("0.123456789");
  await press(page, "Enter", "Enter", "Enter");
  assert.equal((await state(page)).gamma[2], 0.123456789);
  await frames(page);
  assert.equal(await textIn(page, field("gamma", 2)), "0.123456789");
});
