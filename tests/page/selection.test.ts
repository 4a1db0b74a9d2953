/** One selection: what is chosen anywhere is chosen everywhere, and the link says it. */
import assert from "node:assert/strict";
import { load, type NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { Locale } from "../../web/lab/locale.ts";
import {
  chooseNode,
  chooseStep,
  chosen,
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
