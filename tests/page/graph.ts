/** The graph and its player, as the tests read them. */
import assert from "node:assert/strict";
import { load, type NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { kEnd, momentsOf } from "../../web/lab/model/moment.ts";
import { Locale } from "../../web/lab/words/locale.ts";
import { chosen, texts } from "./browser.ts";

const bn = await load();
export const { graph } = bn;

export const order = graph.nodes.map(({ id }) => id);

export const moments = momentsOf(graph);

export const paper = new Locale("en", "paper", graph);

export const momentOf = (page: Page) =>
  page.evaluate(() => document.querySelector("backnorm-lab")?.session.moment as string);

export const count = async (page: Page, selector: string) => (await page.$$(`>>> ${selector}`)).length;

export const caption = async (page: Page) => (await texts(page, ".caption")).join();

/** What each node shows: its value, its gradient, or empty frames. */
const shown = async (page: Page) => {
  const found = await page.$$eval(">>> .node", (nodes) =>
    nodes.map((node) => ({
      id: (node as SVGElement).dataset["node"] as string,
      tensors: node.querySelectorAll(".tensor").length,
      empty: node.querySelectorAll(".void").length,
      marks: node.querySelectorAll(".mark").length,
    })),
  );
  return Object.fromEntries(found.map(({ id, ...rest }) => [id, rest]));
};

/** The graph, the inspector and the link show this. */
export async function assertAt(page: Page, id: string, node: NodeId) {
  assert.equal(await momentOf(page), id);
  const { graph: ringed, words, fragment } = await chosen(page);
  assert.deepEqual(ringed, [node], id);
  assert.ok(words.includes(paper.words.nodes[node]), `the inspector shows ${words}`);
  assert.equal(fragment, `#v=1&case=cs231n&node=${node}&cell=1,1${id === kEnd ? "" : `&moment=${id}`}`);
  const moment = moments.find((one) => one.id === id);
  const found = await shown(page);
  for (const one of order) {
    const there = Number(moment?.values.has(one)) + Number(moment?.grads.has(one));
    const marks = Number(moment?.grads.has(one));
    assert.deepEqual(found[one], { tensors: there, empty: 2 - there, marks }, `${one} at ${id}`);
  }
}
