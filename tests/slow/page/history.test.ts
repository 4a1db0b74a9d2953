/** Undo and redo: one history for every number of the case, and for the case itself. */
import assert from "node:assert/strict";
import {
  address,
  cell,
  click,
  find,
  focused,
  follow,
  hold,
  pageTest,
  press,
  state,
  upload,
  withRole,
} from "../../page/browser.ts";

const numbers = ({ x, gamma, beta, dy, eps, name }: Awaited<ReturnType<typeof state>>) =>
  ({ x, gamma, beta, dy, eps, name }) as const;

pageTest("the buttons undo and redo, and are disabled when there is nothing to do", {}, async (page) => {
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
  "undo works in Chinese, and a change of language or names is not a step",
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

pageTest("a changed preset says so, and so does its link, until the change is undone", {}, async (page) => {
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
});

pageTest("a new case, from the list, a file or a link, is a step too", {}, async (page) => {
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

pageTest("a file opened while a preset is still fetched replaces it", {}, async (page) => {
  await page.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") as HTMLElementTagNameMap["backnorm-lab"];
    session.choosePreset("iris");
    session.open([new File(["1,2\n3,5\n4,4\n"], "mine.csv")]);
  });
  await page.waitForFunction(() =>
    document.querySelector("backnorm-lab")?.session.message?.text.startsWith("mine.csv: "),
  );
  assert.deepEqual((await state(page)).x, [1, 2, 3, 5, 4, 4]);
});

pageTest("in a field, Ctrl+Z is the browser's and undoes typed characters", {}, async (page) => {
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
