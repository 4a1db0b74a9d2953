/** The lenses, as the tests act on them and read them, and what the package says of the same case. */
import assert from "node:assert/strict";
import type { Case, NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { kNoGraph, type Path } from "../../web/lab/maths/graph-facts.ts";
import { Locale } from "../../web/lab/words/locale.ts";
import { arrayOf, batchPaths, fusedOf, ordered } from "../lab/cases.ts";
import { read } from "../lab/numbers.ts";
import { chosen, click, inSight, matrix, state, texts } from "./browser.ts";

const nodeWords = new Locale("en", "paper", kNoGraph).words.nodes;
/** The nodes that are steps of the derivation. */
export const steps: NodeId[] = ["beta", "gamma", "xhat", "var", "mean", "x"];

export const link = (lens: string, rest = "node=x&cell=2,3", name = "cs231n") =>
  `#v=1&case=${name}&${rest}&lens=${lens}`;

// Paths

export const result = (page: Page) => matrix(page, 'bn-paths >>> bn-matrix[label="the gradient of x"]');

/** Switches the paths so that these are off. */
export async function switchOff(page: Page, off: ReadonlySet<Path>) {
  for (const path of batchPaths) {
    const button = await inSight(page, `bn-paths >>> [data-path="${path}"]`);
    const isOn = (await button.evaluate((one) => one.ariaPressed)) === "true";
    if (isOn === off.has(path)) await click(page, `bn-paths >>> [data-path="${path}"]`);
  }
}

// Closed form

export async function assertUlps(page: Page, kase: Case<Float64Array>) {
  const { dx } = fusedOf(kase);
  const staged = arrayOf(kase, "x", "grad");
  const ulps = staged.map((value, at) => Number(ordered(value) - ordered(dx[at] as number)));
  const shown = await matrix(page, 'bn-closed-form >>> bn-matrix[label*="in ulps"]');
  assert.deepEqual(shown.values, [...ulps]);
  for (const { at, text } of shown.shown) assert.equal(read(text), ulps[at], `the ulps of cell ${at}`);
  const sizes = [...ulps].map(Math.abs);
  const [said] = await texts(page, "bn-closed-form >>> [data-told]");
  const zeros = sizes.filter((size) => size === 0).length;
  assert.match(
    said ?? "",
    new RegExp(`^0 ulp in ${zeros} of ${sizes.length} cells.*at most ${Math.max(...sizes)}$`),
  );
  const result = await matrix(page, 'bn-closed-form >>> bn-matrix[label="∂x by the closed form"]');
  assert.deepEqual(result.values, [...dx]);
}

/** Everything that shows a selection shows this one; rows and columns from 0. */
export async function assertChosen(page: Page, node: NodeId, [row, column]: [number, number]) {
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
