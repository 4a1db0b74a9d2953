/** One selection: what is chosen anywhere is chosen everywhere, and the link says it. */
import assert from "node:assert/strict";
import type { NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { Locale } from "../../../web/lab/locale.ts";
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

const nodeWords = new Locale("en", "paper").words.nodes;
const steps: NodeId[] = ["beta", "gamma", "xhat", "var", "mean", "x"];

/** Everything that shows a selection shows this one; rows and columns from 0. */
async function assertChosen(page: Page, node: NodeId, [row, column]: [number, number]) {
  const shown = await chosen(page);
  const { name, columns, selection } = await state(page);
  assert.deepEqual(selection, { node, cell: { row, column } });
  if (shown.lens === "graph") {
    assert.deepEqual(shown.graph, [node]);
    assert.deepEqual(shown.pressed, [node]);
    assert.equal(shown.rings, 2, "a ring around the value and one around the gradient");
  }
  if (shown.lens === "steps") assert.deepEqual(shown.steps, steps.includes(node) ? [node] : []);
  assert.ok(shown.words.includes(nodeWords[node]), `the inspector shows ${shown.words}`);
  const lens = shown.lens === "graph" ? "" : `&lens=${shown.lens}`;
  assert.equal(shown.fragment, `#v=1&case=${name}&node=${node}&cell=${row + 1},${column + 1}${lens}`);
  for (const { label, rows, places, inSight } of shown.ringed) {
    assert.deepEqual(places, [rows === 1 ? column : row * columns + column], `the ring in ${label}`);
    assert.ok(inSight, `the ring in ${label} is out of sight`);
  }
}

pageTest("a click on a cell moves the ring in every matrix, whichever matrix it is in", {}, async (page) => {
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
  "a link opens its case, node and cell, and scrolls to the cell far down",
  { link: "#v=1&case=iris&node=xc&cell=120,3" },
  async (page) => {
    await assertChosen(page, "xc", [119, 2]);
  },
);

pageTest(
  "a link followed while the page is open is obeyed, and reloading keeps the state",
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
