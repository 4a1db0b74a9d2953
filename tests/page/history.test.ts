/** Undo and redo: one history for every number of the case, and for the case itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import { History } from "../../web/lab/history.ts";
import { click, find, focused, follow, hold, pageTest, press, state, upload, withRole } from "./browser.ts";

const kAll = () => true;

test("a step is undone and redone, and a new one ends what could be redone", () => {
  const history = new History<string>();
  const seen: string[] = [];
  const show = (name: string) => seen.push(name) > 0;
  history.record("a", "b", 1);
  history.record("b", "c", 1);
  for (const step of ["undo", "undo", "undo", "redo", "redo", "redo", "undo"] as const)
    history.take(step, show);
  assert.deepEqual(seen, ["b", "a", "b", "c", "b"]);
  history.record("b", "d", 1);
  assert.equal(history.can("redo"), false);
  history.take("undo", show);
  assert.equal(seen.at(-1), "b");
});

test("a step whose state cannot be shown is not taken", () => {
  const history = new History<string>();
  history.record("a", "b", 1);
  history.take("undo", () => false);
  assert.deepEqual([history.can("undo"), history.can("redo")], [true, false]);
});

test("a hundred steps are kept, and fewer of large cases", () => {
  const steps = (numbers: number) => {
    const history = new History<number>();
    for (let i = 0; i < 150; i++) history.record(i, i + 1, numbers);
    let count = 0;
    while (history.can("undo")) history.take("undo", () => ++count > 0);
    return count;
  };
  assert.deepEqual([20, 1e6, 1e9].map(steps), [100, 10, 1]);
  const history = new History<number>();
  history.record(0, 1, 1e9);
  history.record(1, 2, 1e9);
  history.take("undo", kAll);
  assert.deepEqual([history.can("undo"), history.can("redo")], [false, true]);
});

const cell = (input: string, at: number) => `bn-matrix[input="${input}"] >>> [data-at="${at}"]`;
/** The address, which waits for a pause. */
const address = (page: Page) =>
  page.evaluate(() => {
    document.querySelector("backnorm-lab")?.session.flush();
    return location.hash;
  });
const numbers = ({ x, gamma, beta, dy, eps, name }: Awaited<ReturnType<typeof state>>) =>
  ({ x, gamma, beta, dy, eps, name }) as const;

pageTest(
  "every edit of x, γ, β, ∂y and ε is undone and redone in turn, and chosen again",
  {},
  async (page) => {
    const edits = [
      ["x", 13, { node: "x", cell: { row: 2, column: 3 } }],
      ["gamma", 2, { node: "gamma", cell: { row: 3, column: 2 } }],
      ["beta", 0, { node: "beta", cell: { row: 3, column: 0 } }],
      ["dy", 9, { node: "y", cell: { row: 1, column: 4 } }],
    ] as const;
    // Enter in x went to row 4, which the rows γ and β leave as it is
    const stages = [numbers(await state(page))];
    for (const [input, at] of edits) {
      await click(page, cell(input, at));
      await page.keyboard.type("4.5");
      await press(page, "Enter");
      stages.push(numbers(await state(page)));
    }
    await click(page, 'input[name="eps"]', 3);
    await page.keyboard.type("0.25");
    await press(page, "Enter");
    const last = numbers(await state(page));
    assert.equal(last.eps, 0.25);
    await click(page, cell("x", 0)); // out of the field, whose text is the browser's to undo
    for (const [from, stage] of [...stages.entries()].reverse()) {
      await hold(page, ["Control"], "z");
      const shown = await state(page);
      assert.deepEqual(numbers(shown), stage, `back to stage ${from}`);
      const edit = edits[from];
      if (edit) assert.deepEqual(shown.selection, edit[2]);
    }
    assert.equal((await state(page)).name, "cs231n");
    assert.equal(await address(page), "#v=1&case=cs231n&node=x&cell=3,4");
    for (const [at, stage] of [...stages.slice(1), last].entries()) {
      if (at % 2 === 0) await hold(page, ["Control"], "y");
      else await hold(page, ["Control", "Shift"], "Z");
      assert.deepEqual(numbers(await state(page)), stage, `on to stage ${at + 1}`);
    }
  },
);

pageTest("the buttons undo and redo, and say when there is nothing", {}, async (page) => {
  const able = () =>
    Promise.all(
      ["undo", "redo"].map(async (name) =>
        (await find(page, `button[name=${name}]`)).evaluate((button) => button.ariaDisabled === "false"),
      ),
    );
  const { x } = await state(page);
  assert.deepEqual(await able(), [false, false]);
  await click(page, "button[name=undo]");
  assert.deepEqual((await state(page)).x, x);
  await click(page, cell("x", 6));
  await page.keyboard.type("1");
  await press(page, "Enter");
  assert.deepEqual(await able(), [true, false]);
  await (await find(page, "button[name=undo]")).focus();
  await press(page, "Enter");
  assert.deepEqual((await state(page)).x, x);
  assert.deepEqual(await able(), [false, true]);
  assert.equal(await focused(page), "undo", "the button keeps the keyboard");
  await click(page, "button[name=redo]");
  assert.equal((await state(page)).x[6], 1);
  assert.deepEqual(await able(), [true, false]);
});

pageTest(
  "the history speaks Chinese, and a change of language or names is no step of it",
  { link: "#v=1&lang=zh" },
  async (page) => {
    const undo = () =>
      find(page, "button[name=undo]").then((button) =>
        button.evaluate(({ textContent, title, ariaDisabled }) => ({ textContent, title, ariaDisabled })),
      );
    assert.deepEqual(await undo(), { textContent: "撤销", title: "撤销（Ctrl+Z）", ariaDisabled: "true" });
    await (await find(page, 'select[name="names"]')).select("makemore");
    await click(page, "button[name=language]");
    assert.deepEqual(await undo(), { textContent: "Undo", title: "Undo, Ctrl+Z", ariaDisabled: "true" });
  },
);

pageTest(
  "a preset that was changed says so, and the link with it, until that is undone",
  {},
  async (page) => {
    const preset = await state(page);
    await click(page, cell("x", 0));
    await page.keyboard.type("7");
    await press(page, "Enter");
    const option = async () => (await find(page, "select option:checked")).evaluate((one) => one.textContent);
    assert.equal(await option(), "cs231n, changed");
    assert.match(await address(page), /^#v=1&case=cs231n&x=7,/);
    await hold(page, ["Control"], "z");
    assert.equal(await option(), "cs231n 4×5");
    assert.match(await address(page), /^#v=1&case=cs231n&node=/);
    await hold(page, ["Control"], "y");
    assert.equal(await option(), "cs231n, changed");
    await (await find(page, "select")).select("cs231n");
    assert.deepEqual((await state(page)).x, preset.x);
    await hold(page, ["Control"], "z");
    assert.equal((await state(page)).x[0], 7, "the changed case is not lost");
  },
);

pageTest("another case, from the list, a file or a link, is a step too", {}, async (page) => {
  const before = numbers(await state(page));
  await (await find(page, "select")).select("iris");
  await upload(page, "mine.csv", "1,2\n3,5\n4,4\n");
  const mine = numbers(await state(page));
  await follow(page, "#v=1&case=iris&node=x&cell=150,4");
  await hold(page, ["Control"], "z");
  assert.deepEqual(numbers(await state(page)), mine);
  await hold(page, ["Control"], "z");
  assert.equal((await state(page)).name, "iris");
  await hold(page, ["Control"], "z");
  assert.deepEqual(numbers(await state(page)), before);
  await hold(page, ["Control"], "y");
  await hold(page, ["Control"], "y");
  assert.deepEqual(numbers(await state(page)), mine);
  assert.deepEqual(await withRole(page, "alert"), []);
});

pageTest("in a field, Ctrl+Z is the browser's own and takes typed characters back", {}, async (page) => {
  await click(page, cell("x", 0));
  await page.keyboard.type("7");
  await press(page, "Enter");
  await page.keyboard.type("123"); // into the cell below
  await hold(page, ["Control"], "z");
  const { x } = await state(page);
  assert.equal(x[0], 7, "the number that was taken before stays");
  await press(page, "Escape");
  await hold(page, ["Control"], "z");
  assert.notEqual((await state(page)).x[0], 7, "outside of a field it is the page's");
});
