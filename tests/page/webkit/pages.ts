/** Pages in WebKit, and the ways in which their tests look at them and act on them. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import { type Case, load } from "backnorm";
import type { Lab } from "../browser.ts";
import { Driver, type Key, type WebKitPage } from "./driver.ts";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
const { serve } = (await import(new URL("../../../.scripts/serve.js", import.meta.url).href)) as {
  serve(options: { root: string; hasPolicy?: boolean }): Promise<{ url: string; close(): Promise<void> }>;
};

declare global {
  interface Window {
    /** See watch.js. */
    faults: string[];
    first(path: string): HTMLElement | undefined;
  }
}

export const bn = await load();
const axe = await readFile(join(root, "node_modules/axe-core/axe.min.js"), "utf8");

export const folder = await mkdtemp(join(tmpdir(), "backnorm-webkit-"));
await cp(join(root, "dist/page"), folder, { recursive: true });
await cp(new URL("watch.js", import.meta.url), join(folder, "watch.js"));
/** Writes a page into the folder that is served, with watch.js before everything else, its policy too. */
export const writePage = (name: string, html: string) =>
  writeFile(join(folder, name), html.replace("<head>", '<head><script src="watch.js"></script>'));
await writePage("index.html", await readFile(join(folder, "index.html"), "utf8"));

export const site = await serve({ root: folder });
/** Somebody else's site, with the same files. It has no policy but those of its pages. */
export const otherSite = await serve({ root: folder, hasPolicy: false });
const close = () => Promise.all([site.close(), otherSite.close()]);
const driver = await Driver.start().catch(async (error) => {
  await close();
  throw error;
});
after(async () => {
  driver.stop();
  await close();
  await rm(folder, { recursive: true });
});

interface Start {
  /** Another page's address, in place of the page's own. */
  address?: string;
  link?: string;
  /** The page holds no lab itself. */
  framed?: boolean;
  dark?: boolean;
}

/** A test in a browser of its own. It fails as well where the page throws, complains, or violates its policy. */
export function webkitTest(
  title: string,
  { address = site.url, link = "", dark = false, framed = false }: Start,
  body: (page: WebKitPage) => Promise<void>,
) {
  test(title, { timeout: 120_000 }, async () => {
    const page = await driver.open({ dark });
    try {
      await page.resize(1440, 940);
      await page.go(address + link);
      if (!framed) await opened(page);
      await body(page);
      await frames(page);
      assert.deepEqual(await page.run(() => window.faults), [], "the page");
    } finally {
      await page.close();
    }
  });
}

/** Until a case is on the page, with its verdicts, and what it is looked at through. */
export async function opened(page: WebKitPage) {
  await until(page, () => document.querySelector("backnorm-lab")?.session?.computed?.report !== undefined);
  await shown(page);
}

/** Waits for what a function looks for, ten seconds at most. */
export async function until<Args extends unknown[]>(
  page: WebKitPage,
  holds: (...args: Args) => boolean,
  ...args: Args
) {
  const end = Date.now() + 10_000;
  while (!(await page.run(holds, ...args)))
    assert.ok(Date.now() < end, `ten seconds went by without ${holds}`);
}

/** Two frames: whatever an event has changed is drawn. */
export const frames = (page: WebKitPage) =>
  page.run(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

/** Until the lens is there, which may have to be fetched; an assignment has none. */
export const shown = (page: WebKitPage) =>
  until(page, () => {
    if (document.querySelector("backnorm-lab")?.session.sparing) return true;
    const lens = window.first("backnorm-lab >>> [role=tabpanel]");
    return Boolean(lens?.firstElementChild) && !lens?.querySelector("[role=status]");
  });

/** Clicks in the middle of what a path leads to, once it is on the screen and drawn. */
export async function click(page: WebKitPage, path: string, count = 1) {
  await page.run((to) => window.first(to)?.scrollIntoView({ block: "center" }), path);
  await frames(page);
  const { x, y, width, height } = await page.run((to) => {
    const found = window.first(to);
    if (!found) throw new Error(`the page has no ${to}`);
    return found.getBoundingClientRect().toJSON() as DOMRect;
  }, path);
  await page.click(x + width / 2, y + height / 2, count);
  await frames(page);
}

export async function press(page: WebKitPage, ...keys: (Key | " ")[]) {
  for (const key of keys) {
    await page.press(key);
    await frames(page);
  }
}

export async function hold(page: WebKitPage, held: Key[], key: string) {
  await page.press(key, ...held);
  await frames(page);
}

export async function type(page: WebKitPage, text: string) {
  for (const character of text) await page.press(character);
  await frames(page);
}

export const cell = (input: string, at: number) => `bn-matrix[input="${input}"] >>> [data-at="${at}"]`;

/** The case and what is computed of it, as far as JSON can carry it. */
export const state = (page: WebKitPage) =>
  page.run(() => {
    const { session } = document.querySelector("backnorm-lab") as Lab;
    if (!session.computed) throw new Error("there is no case on the page");
    session.flush();
    const { kase, rows, columns, trace, report } = session.computed;
    return {
      engine: session.bn?.engine,
      name: session.name,
      lens: session.lens,
      mistake: session.mistake,
      tongue: `${session.language} ${session.notation}`,
      following: session.following,
      selection: session.selection,
      fragment: location.hash,
      shape: [rows, columns] as [number, number],
      x: [...kase.x],
      gamma: [...kase.gamma],
      beta: [...kase.beta],
      dy: [...kase.dy],
      eps: kase.eps,
      nodes: trace.nodes.map(({ id, value, grad }) => ({ id, value: [...value], grad: [...grad] })),
      verdicts: report?.nodes.map(({ id, verdict, numeric }) => ({ id, verdict, numeric: [...numeric] })),
    };
  });

type State = Awaited<ReturnType<typeof state>>;

/** The same C++ on the same numbers, here in Node: equal in every digit. */
export function assertComputed({ x, gamma, beta, dy, eps, shape, nodes, verdicts }: State) {
  const from = (values: number[]) => Float64Array.from(values);
  const kase: Case<Float64Array> = {
    x: from(x),
    gamma: from(gamma),
    beta: from(beta),
    dy: from(dy),
    shape,
    eps,
  };
  assert.deepEqual(
    nodes,
    bn.trace(kase).nodes.map(({ id, value, grad }) => ({ id, value: [...value], grad: [...grad] })),
  );
  assert.deepEqual(
    verdicts,
    bn.gradcheck(kase).nodes.map(({ id, verdict, numeric }) => ({ id, verdict, numeric: [...numeric] })),
  );
}

/** The element that has the keyboard: a node's id, or what it is called. */
export const focused = (page: WebKitPage) =>
  page.run(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.getAttribute("data-node") ?? element?.ariaLabel ?? element?.localName ?? "nothing";
  });

export const alerts = (page: WebKitPage) =>
  page.run(() =>
    window
      .everyElement()
      .filter(({ role }) => role === "alert")
      .map(({ textContent }) => textContent?.replace(/\s+/g, " ").trim() ?? ""),
  );

export async function assertAccessible(page: WebKitPage) {
  await page.load(axe);
  const { found, looked } = await page.run(async () => {
    const { axe: checker } = window as unknown as {
      axe: { run(where: Document, options: object): Promise<AxeResults> };
    };
    const runOnly = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
    const { violations, passes } = await checker.run(document, { runOnly, resultTypes: ["violations"] });
    return {
      found: violations.flatMap(({ help, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${help}: ${target.join(" ")}: ${failureSummary}`),
      ),
      looked: passes.map(({ id }) => id),
    };
  });
  assert.deepEqual(found.slice(0, 8), [], `${found.length} violations`);
  assert.ok(looked.includes("color-contrast"), "axe has looked at the page");
}
