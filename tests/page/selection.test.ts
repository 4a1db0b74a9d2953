/** One selection: what is chosen anywhere is chosen everywhere, and the link says it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, type NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { Locale } from "../../web/lab/locale.ts";
import { kNodeViews } from "../../web/lab/nodes.ts";
import { kNotations } from "../../web/lab/notations.ts";
import {
  chooseNode,
  chooseStep,
  chosen,
  click,
  follow,
  frames,
  look,
  pageTest,
  ready,
  state,
  url,
  withRole,
} from "./browser.ts";

const bn = await load();
const nodeWords = new Locale("en", "paper").words.nodes;
const steps: NodeId[] = ["beta", "gamma", "xhat", "var", "mean", "x"];

test("the page's records of nodes have the keys of the package's graph", () => {
  const ids = bn.graph.nodes.map(({ id }) => id).sort();
  const records = kNotations.flatMap((notation) => {
    const { formulas, words } = new Locale("en", notation);
    const { symbols, partials } = formulas;
    return [words.nodes, symbols, partials, formulas.backward(0), formulas.backward(1)];
  });
  for (const record of [kNodeViews, ...records]) assert.deepEqual(Object.keys(record).sort(), ids);
});

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

pageTest(
  "choosing a node in the graph or a step chooses it in graph, steps, inspector and link",
  {},
  async (page) => {
    for (const { id } of bn.graph.nodes) {
      await chooseNode(page, id);
      await assertChosen(page, id, [0, 0]);
    }
    await look(page, "steps");
    await assertChosen(page, "y", [0, 0]);
    for (const id of steps) {
      await chooseStep(page, id);
      await assertChosen(page, id, [0, 0]);
    }
    await look(page, "graph");
    await assertChosen(page, "x", [0, 0]);
  },
);

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

pageTest("what a link says wrong is a sentence each, and the defaults are shown", {}, async (page) => {
  const links = [
    ["#v=2", /^The link’s v: expected 1, got “2”\./],
    ["#v=1&case=mnist", /^The link’s case: expected cs231n, .*, got “mnist”\./],
    ["#v=1&node=dvar", /^The link’s node: expected x, gamma, .*, got “dvar”\./],
    ["#v=1&cell=0,1", /^The link’s cell: expected a row and a column such as 1,2, got “0,1”\./],
    ["#v=1&cell=1;2", /^The link’s cell/],
    ["#v=1&cell=1e9,1", /^The link’s cell/],
    ["#v=9&case=a&node=b&cell=c", /^The link’s v.* The link’s case.* The link’s node.* The link’s cell/],
  ] as const;
  for (const [link, sentence] of links) {
    await page.goto("about:blank");
    await page.goto(url + link);
    await ready(page);
    assert.match((await withRole(page, "alert")).join(), sentence, link);
    const { name, selection } = await state(page);
    assert.deepEqual([name, selection], ["cs231n", { node: "var", cell: { row: 0, column: 0 } }], link);
  }
  await page.$$eval(">>> .message button", (buttons) => (buttons[0] as HTMLElement).click());
  await frames(page);
  assert.deepEqual(await withRole(page, "alert"), []);
});
