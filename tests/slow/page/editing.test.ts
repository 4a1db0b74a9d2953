/** Typing into the inputs: everything recomputes as the package in Node computes it, and wrong text changes nothing. */
import assert from "node:assert/strict";
import {
  cell,
  chooseNode,
  click,
  find,
  focused,
  frames,
  hold,
  inSight,
  pageTest,
  press,
  state,
  upload,
  withRole,
} from "../../page/browser.ts";
import { assertComputed, invalid, textIn, typing } from "../../page/cells.ts";

pageTest("the minus sign that the page writes can be typed too", {}, async (page) => {
  await click(page, cell("gamma", 3));
  await press(page, "F2");
  await hold(page, ["Control"], "a");
  await page.keyboard.type("\u22120.5");
  await press(page, "Enter");
  assert.equal((await state(page)).gamma[3], -0.5);
});

pageTest(
  "Enter accepts a number and goes down, Tab goes right, and Shift reverses both",
  {},
  async (page) => {
    const ways = [
      [["Enter"], 11],
      [["Shift", "Enter"], 1],
      [["Tab"], 7],
      [["Shift", "Tab"], 5],
      [["ArrowDown"], 11],
      [["ArrowUp"], 1],
    ] as const;
    for (const [number, [keys, to]] of ways.entries()) {
      await click(page, cell("x", 6));
      await page.keyboard.type(`${number + 1}`);
      const [last, ...held] = keys.toReversed() as ["Enter"];
      await hold(page, held, last);
      assert.equal((await state(page)).x[6], number + 1, keys.join("+"));
      assert.equal(await focused(page), `x: row ${Math.floor(to / 5) + 1}, column ${(to % 5) + 1}`);
      assert.equal(await typing(page, cell("x", 6)), false);
    }
  },
);

pageTest(
  "typing replaces the number; Enter, F2 and a double click edit it with all its digits",
  {},
  async (page) => {
    const { x } = await state(page);
    await click(page, cell("x", 6));
    await page.keyboard.type("4");
    assert.equal(await textIn(page, cell("x", 6)), "4");
    await press(page, "Escape");
    assert.equal(await textIn(page, cell("x", 6)), "11.25");
    for (const key of ["Enter", "F2"] as const) {
      await press(page, key);
      assert.equal(await focused(page), "x, row 2, column 2");
      assert.equal(await textIn(page, cell("x", 6)), String(x[6]));
      await press(page, "Escape");
      assert.equal(await focused(page), "x: row 2, column 2");
    }
    await click(page, cell("x", 8), 2);
    assert.equal(await textIn(page, cell("x", 8)), String(x[8]));
    await page.keyboard.type("5"); // after its last digit
    await press(page, "Enter");
    assert.equal((await state(page)).x[8], Number(`${x[8]}5`));
  },
);

pageTest("a click elsewhere accepts the number, as Enter does", {}, async (page) => {
  await click(page, cell("x", 7));
  await page.keyboard.type("-1");
  await click(page, cell("x", 12));
  assert.equal(await focused(page), "x: row 3, column 3");
  await page.keyboard.type("2.5");
  await click(page, "h1");
  const after = await state(page);
  assert.deepEqual([after.x[7], after.x[12]], [-1, 2.5]);
  assertComputed(after);
});

pageTest("text that is not a number survives a click elsewhere, and can be corrected", {}, async (page) => {
  await click(page, cell("gamma", 1));
  await page.keyboard.type("a quarter");
  await click(page, cell("gamma", 3)); // within the matrix the field keeps the keyboard
  assert.equal(await focused(page), "γ, column 2");
  await chooseNode(page, "x");
  await click(page, cell("x", 8));
  assert.equal(await textIn(page, cell("gamma", 1)), "a quarter");
  assert.match((await withRole(page, "alert")).join(), /got “a quarter”\./);
  await page.keyboard.type("3");
  await press(page, "Enter");
  assert.equal((await state(page)).x[8], 3, "another input can be changed meanwhile");
  assert.equal(await textIn(page, cell("gamma", 1)), "a quarter");

  await click(page, `${cell("gamma", 1)} > input`);
  await hold(page, ["Control"], "a");
  await page.keyboard.type("0.2");
  assert.deepEqual(await withRole(page, "alert"), [], "it is a number before Enter");
  assert.equal(await invalid(page, cell("gamma", 1)), null);
  await page.keyboard.type("5");
  await press(page, "Enter");
  assert.equal((await state(page)).gamma[1], 0.25);
});

pageTest("the old value can be kept without a keyboard that has Escape", {}, async (page) => {
  await click(page, cell("gamma", 1));
  await page.keyboard.type("-");
  await press(page, "Enter");
  await click(page, ".refusal button");
  assert.deepEqual(await withRole(page, "alert"), []);
  assert.equal(await textIn(page, cell("gamma", 1)), "0.2621");
});

pageTest("a second tap on a cell opens the field", { touch: true }, async (page) => {
  const { gamma } = await state(page);
  await (await inSight(page, cell("gamma", 2))).tap();
  await frames(page);
  assert.equal(await typing(page, cell("gamma", 2)), false, "the first tap chooses");
  // two taps, and not a double one
  await page.evaluate(() => addEventListener("dblclick", (event) => event.stopImmediatePropagation(), true));
  await (await inSight(page, cell("gamma", 2))).tap();
  await frames(page);
  assert.equal(await textIn(page, cell("gamma", 2)), String(gamma[2]));
  assert.equal(await focused(page), "γ, column 3");
});

pageTest("a case of another shape ends the editing", {}, async (page) => {
  await click(page, cell("x", 6));
  await page.keyboard.type("abc");
  await press(page, "Enter");
  await upload(page, "small.csv", "1,2\n3,5\n");
  assert.deepEqual(await withRole(page, "alert"), []);
  assert.equal(await typing(page, cell("x", 3)), false);
  assert.deepEqual((await state(page)).x, [1, 2, 3, 5]);
});

pageTest("an invalid eps shows a message and keeps the old value", {}, async (page) => {
  const select = async () => {
    await click(page, 'input[name="eps"]', 3);
  };
  for (const text of ["abc", "-1", "1e999"]) {
    await select();
    await page.keyboard.type(text);
    await press(page, "Enter");
    assert.match((await withRole(page, "alert")).join(), /^Expected a number that is 0 or greater/);
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
  "an edit that can't be computed shows a message, and the cells keep the old numbers",
  {},
  async (page) => {
    const before = await state(page);
    await click(page, cell("x", 0));
    await page.keyboard.type("1e300"); // its square is infinite
    await press(page, "Tab");
    assert.match((await withRole(page, "alert")).join(), /an overflow.*Nothing was changed\./);
    assert.deepEqual(await state(page).then(({ x }) => x), before.x);
    assert.equal(await textIn(page, cell("x", 0)), "14.09");

    await click(page, cell("x", 0));
    for (let row = 0; row < 4; row++) {
      await page.keyboard.type("3"); // over the number that Enter went to
      await press(page, "Enter");
    }
    assert.deepEqual(await withRole(page, "alert"), []); // what was said is over with the next good edit
    await click(page, 'input[name="eps"]', 3);
    await page.keyboard.type("0"); // 1/√0 in the constant column
    await press(page, "Enter");
    assert.match((await withRole(page, "alert")).join(), /eps = 0 with a constant column/);
    assert.equal((await state(page)).eps, 1e-5);
    assert.equal(await textIn(page, 'input[name="eps"]'), "0.00001");
  },
);

pageTest("moving through a matrix and opening fields recomputes nothing", {}, async (page) => {
  const { x } = await state(page);
  await page.evaluate(() => {
    (window as { first?: unknown }).first = document.querySelector("backnorm-lab")?.session.computed;
  });
  await (await find(page, cell("x", 15))).focus();
  await press(page, "Enter", "Enter", "ArrowUp", "ArrowDown", "F2", "ArrowDown", "Enter", "Tab", "Tab");
  assert.deepEqual((await state(page)).x, x);
  assert.ok(
    await page.evaluate(
      () =>
        (window as { first?: unknown }).first === document.querySelector("backnorm-lab")?.session.computed,
    ),
    "the case was computed anew",
  );
});

pageTest("Enter in the last row accepts the number, and opens it again with all digits", {}, async (page) => {
  await click(page, cell("gamma", 2));
  await page.keyboard.type("0.123456789");
  await press(page, "Enter", "Enter", "Enter"); // takes it, opens the field, takes it
  assert.equal((await state(page)).gamma[2], 0.123456789);
  await press(page, "F2");
  assert.equal(await textIn(page, cell("gamma", 2)), "0.123456789");
});
