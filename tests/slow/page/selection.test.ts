/** One selection: what is chosen anywhere is chosen everywhere, and the link says it. */
import assert from "node:assert/strict";
import {
  chooseNode,
  chooseStep,
  chosen,
  click,
  follow,
  look,
  pageTest,
  ready,
  state,
  withRole,
} from "../../page/browser.ts";
import { assertChosen } from "../../page/lenses.ts";

pageTest("a click on a cell of any matrix moves the ring in every matrix", {}, async (page) => {
  await chooseNode(page, "x");
  await click(page, 'bn-inspector >>> bn-matrix[label^="gradient, by finite"] >>> [data-at="13"]');
  await assertChosen(page, "x", [2, 3]);
  await look(page, "paths");
  await assertChosen(page, "x", [2, 3]);
  await click(page, 'bn-paths >>> bn-matrix[label^="through the mean"] >>> [data-at="9"]');
  await assertChosen(page, "x", [1, 4]);
  await click(page, 'bn-matrix[input="dy"] >>> [data-at="15"]');
  await assertChosen(page, "y", [3, 0]);
  await click(page, 'bn-matrix[input="gamma"] >>> [data-at="2"]'); // a row has no rows: the row stays
  const { selection } = await state(page);
  assert.deepEqual([selection.node, selection.cell.column], ["gamma", 2]);
});

pageTest(
  "a link opens its case, node and cell, and scrolls to a cell far down",
  { link: "#v=1&case=iris&node=xc&cell=120,3" },
  async (page) => {
    await assertChosen(page, "xc", [119, 2]);
  },
);

pageTest(
  "a link opened while the page is open takes effect, and a reload keeps the state",
  { link: "#v=1&case=iris&node=var&cell=3,2" },
  async (page) => {
    await assertChosen(page, "var", [2, 1]);
    await follow(page, "#v=1&case=cs231n&node=mean&cell=4,5");
    assert.equal((await state(page)).name, "cs231n");
    await assertChosen(page, "mean", [3, 4]);
    await follow(page, "#v=1&case=iris&node=x&cell=150,4");
    await assertChosen(page, "x", [149, 3]);
    await look(page, "steps");
    await chooseStep(page, "gamma");
    const before = await chosen(page);
    await page.reload();
    await ready(page);
    await assertChosen(page, "gamma", [149, 3]);
    assert.equal((await chosen(page)).fragment, before.fragment);
    await follow(page, "#v=1&case=iris&node=x&cell=999,999"); // clamped to the last cell
    assert.deepEqual((await state(page)).selection, { node: "x", cell: { row: 149, column: 3 } });
    assert.deepEqual(await withRole(page, "alert"), []);
  },
);
