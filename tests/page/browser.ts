/**
 * One browser and one server of dist/page for a file of page tests, and the ways in which they look at the page and
 * act on it. The server is that of `npm start`, so that its Content-Security-Policy holds here too. The browser is
 * Chromium, or what BACKNORM_BROWSER says.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Case, Engine, NodeId, Report, Trace } from "backnorm";
import puppeteer, {
  type Browser,
  type ElementHandle,
  type Frame,
  type KeyInput,
  type Page,
} from "puppeteer-core";

import type { Giving, Telling } from "../../web/lab/session/backnorm-lab.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

const script = (name: string) => import(new URL(`../../.scripts/${name}`, import.meta.url).href);
const { serve } = (await script("serve.js")) as {
  serve(options: { root: string; hasPolicy?: boolean }): Promise<{ url: string; close(): Promise<void> }>;
};
const { findFirefox, findChromium } = (await script("setup.js")) as Record<string, () => string | undefined>;

export const inFirefox = process.env["BACKNORM_BROWSER"] === "firefox";

async function launch(dark = false): Promise<Browser> {
  const executablePath = inFirefox ? findFirefox?.() : process.env["CHROMIUM"] || findChromium?.();
  if (!executablePath)
    throw new Error(
      `These tests need ${inFirefox ? "Firefox" : "a browser: expected CHROMIUM or CHROME_PATH to name one"}.`,
    );
  if (inFirefox)
    return puppeteer.launch({
      browser: "firefox",
      executablePath,
      extraPrefsFirefox: {
        "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
        "ui.useOverlayScrollbars": 1, // as Chromium's of a phone, which take no room
      },
    });
  // each page in a process of its own would take half a second of the processor's time more
  const args = ["--disable-background-networking", "--renderer-process-limit=1"];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  return puppeteer.launch({ executablePath, args });
}

const packaged = join(root, "dist");
const site = await serve({ root: join(packaged, "page") });
export const { url } = site;
const browser = await launch().catch(async (error) => {
  await site.close(); // or the process would wait for it for ever
  throw error;
});
let darkBrowser: Promise<Browser> | undefined;
const folder = await mkdtemp(join(tmpdir(), "backnorm-page-"));
let others: Promise<typeof site> | undefined;

after(async () => {
  await browser.close();
  await (await darkBrowser)?.close();
  await site.close();
  await (await others)?.close();
  await rm(folder, { recursive: true });
});

/** Somebody else's site, with two copies of the package in it. It has no policy but those of its pages. */
async function serveOthers() {
  const root = join(folder, "others");
  await mkdir(root);
  for (const name of ["backnorm", "copy"]) await symlink(packaged, join(root, name));
  return serve({ root, hasPolicy: false });
}

/** The address of somebody else's page, which is given. */
export async function elsewhere(name: string, html: string): Promise<string> {
  others ??= serveOthers();
  const { url } = await others;
  await writeFile(join(folder, "others", name), html);
  return url + name;
}

/** What the tests read of <backnorm-lab>; its arrays cross to Node as plain ones. */
export interface Lab extends HTMLElement, Giving, Telling {
  session: {
    dismiss(): void;
    bn: { engine: Engine } | undefined;
    hasRest: boolean;
    name: string;
    selection: { node: NodeId; cell: { row: number; column: number } };
    lens: string;
    tour: number;
    deck: { slides: { title: string }[] } | undefined;
    slide: number;
    mistake: string;
    moment: string;
    language: string;
    notation: string;
    theme: string | undefined;
    tools: Set<string>;
    parts: Set<string>;
    off: Set<string>;
    factor: string;
    sparing: boolean;
    brief: boolean;
    following: number;
    edit(input: string, changes: { at: number; value: number }[]): void;
    goTo(moment: { id: string }): void;
    choosePreset(name: string): void;
    open(files: File[]): void;
    /** Writes the address at once. */
    flush(): void;
    message: { kind: string; text: string } | undefined;
    progress: number | undefined;
    computed:
      | {
          kase: Case<Float64Array>;
          layout: { sheets: { elements: { rows: number; columns: number } } };
          trace: Trace<Float64Array>;
          report: Report<Float64Array> | undefined;
        }
      | undefined;
  };
  updateComplete: Promise<boolean>;
}

export interface Matrix extends HTMLElement {
  values: Float64Array;
  /** The number of its columns. */
  width: number;
}

declare global {
  interface Window {
    /** Every element of the page, those in shadow roots too. */
    everyElement(): Element[];
    /** What a hostile string sets if it ever runs. */
    hit?: unknown;
  }
  interface HTMLElementTagNameMap {
    "backnorm-lab": Lab;
  }
}

// Runs in the page before its own scripts. A violation of the policy becomes a console error, as all faults are.
const kInPage = `
  globalThis.__name = (f) => f; // tsx writes calls of it into every function that is sent to the page
  addEventListener("securitypolicyviolation", (event) =>
    console.error("violates the policy: " + event.violatedDirective + " " + event.blockedURI));
  addEventListener("error", ({ error, message }) => error || console.error(message)); // of a ResizeObserver
  globalThis.everyElement = () => {
    const below = (root) => [...root.querySelectorAll("*")].flatMap((element) =>
      [element, ...(element.shadowRoot ? below(element.shadowRoot) : [])]);
    return below(document);
  };
`;

export const kDesk = { width: 1440, height: 900 };
export const kPhone = { width: 360, height: 780, isMobile: true, hasTouch: true };

/** The fragment that opens the lab as it is at first. */
export const kLab = "#v=1";

export interface Start {
  /** The fragment of the address. Default: that of the lab; without one, our own page opens the tour. */
  link?: string;
  /** Another page's address, in place of the page's own. */
  address?: () => Promise<string>;
  view?: { width: number; height: number };
  /** With fingers and without a mouse. */
  touch?: boolean;
  dark?: boolean;
  /** Runs in the page before its own scripts. */
  before?: string;
  /** Files of the page that the server is to lack. */
  missing?: string[];
  /** Errors that belong to what is tested. */
  expected?: RegExp;
  /** Ends in something else than a case on the page. */
  fails?: boolean;
  /** How long it, and each wait in it, may take. Default: five, for a machine that has much else to do. */
  minutes?: number;
  /** Why it can't be tested there; the report of the tests says it. */
  notInFirefox?: string;
}

/** A page of its own, in light or dark. Firefox has that as a setting of the whole browser. */
async function openPage(dark: boolean): Promise<Page> {
  if (inFirefox) {
    if (!dark) return browser.newPage();
    darkBrowser ??= launch(dark);
    return (await darkBrowser).newPage();
  }
  const page = await browser.newPage();
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  return page;
}

/**
 * A test on a page of its own. It fails as well where the page throws, writes to the console, violates its policy, or
 * asks another host for anything.
 */
export function pageTest(title: string, start: Start, body: (page: Page) => Promise<void>): void {
  const timeout = (start.minutes ?? 5) * 60_000;
  test(title, { timeout, skip: inFirefox && (start.notInFirefox ?? false) }, async () => {
    const address = (await start.address?.()) ?? url;
    const page = await openPage(start.dark ?? false);
    page.setDefaultTimeout(timeout);
    const faults: string[] = [];
    page.on("pageerror", (error) => {
      if (!start.expected?.test(String(error))) faults.push(`throws ${error}`);
    });
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type()) && !start.expected?.test(message.text()))
        faults.push(`writes ${message.text()}`);
    });
    page.on("request", (request) => {
      const asked = new URL(request.url());
      const known = [url, address].map((one) => new URL(one).origin);
      if (asked.protocol !== "data:" && !known.includes(asked.origin)) faults.push(`asks for ${asked}`);
    });
    try {
      await page.setViewport({ ...(start.view ?? kDesk), ...(start.touch && { hasTouch: true }) });
      await page.evaluateOnNewDocument(kInPage);
      if (start.before) await page.evaluateOnNewDocument(start.before);
      if (start.missing) await withhold(page, start.missing);
      await page.goto(address + (start.link ?? (start.address ? "" : kLab)));
      if (!start.fails) await ready(page);
      await body(page);
      await frames(page);
      assert.deepEqual(faults, [], "the page");
    } finally {
      await page.close();
    }
  });
}

async function withhold(page: Page, names: string[]) {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const missing = names.some((name) => request.url() === url + name);
    if (missing) request.respond({ status: 404, body: "" });
    else request.continue();
  });
}

/** Why a test that sets it is left out there. */
export const kNoMotionSetting = "WebDriver BiDi cannot set prefers-reduced-motion";

/** What browsers write where a part of the page can't be had. */
export const kUnfetched = /404|integrity|Loading module from .*\.js/;

/** A page, or a frame in one. */
export type Place = Page | Frame;

/** Until a case is on the page, with its verdicts, and what it is looked at through. */
export async function ready(page: Place) {
  await page.waitForFunction(() => {
    const { session } = document.querySelector("backnorm-lab") ?? {};
    return session?.computed?.report && session.following === 0;
  });
  await looked(page);
}

/** Until the lens is there, which may have to be fetched. */
export async function looked(page: Place) {
  await page.waitForFunction(() => {
    const lab = document.querySelector("backnorm-lab");
    const root = lab?.shadowRoot;
    const lens = root?.querySelector("[role=tabpanel]");
    const { sparing, brief, tour, deck } = lab?.session ?? {};
    if (deck) return root?.querySelector("bn-present")?.shadowRoot?.querySelector("h2");
    if (tour && !sparing && !brief) return root?.querySelector("bn-tour")?.shadowRoot?.querySelector("h2");
    // an assignment, a small frame with arrays, or another norm
    if (!lens) return root?.querySelector(sparing || brief ? "bn-mine" : "bn-inputs");
    return lens.firstElementChild && !lens.querySelector("[role=status]");
  });
  await frames(page);
}

/** Follows a link on the open page, as far as it leads. */
export async function follow(page: Place, fragment: string) {
  await page.evaluate(
    (hash) =>
      new Promise<void>((heard) => {
        addEventListener("hashchange", () => heard(), { once: true }); // after the page's own
        const { href } = location;
        location.hash = hash;
        if (location.href === href) heard();
      }),
    fragment,
  );
  await ready(page);
}

/** Looks at the trace through a lens: "graph", "steps", "paths". */
export async function look(page: Place, lens: string) {
  await click(page, `[role=tab][id="tab-${lens}"]`);
  await looked(page);
}

/** Chooses a node beside its tensors, so that the cell stays. */
export const chooseNode = (page: Place, id: NodeId) => click(page, `bn-graph >>> [data-node="${id}"] .label`);

/** Chooses a node by its step; the steps have to be looked at. */
export const chooseStep = (page: Page, id: NodeId) => click(page, `bn-steps >>> [data-step="${id}"] .number`);

/** A cell of an input, by its place. */
export const cell = (input: string, at: number) => `bn-matrix[input="${input}"] >>> [data-at="${at}"]`;

/** The fragment of the address, which the page writes after a pause and here at once. */
export const address = (page: Page) =>
  page.evaluate(() => {
    (document.querySelector("backnorm-lab") as Lab).session.flush();
    return location.hash;
  });

/** Two frames: whatever an event has changed is drawn. */
export const frames = (page: Place) =>
  page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

/** A second, for what must not happen: a browser doesn't always say when its network is idle. */
export const aSecond = () => new Promise((resume) => setTimeout(resume, 1000));

export async function find(page: Place, selector: string): Promise<ElementHandle<HTMLElement>> {
  const found = await page.$(`>>> ${selector}`);
  assert.ok(found, `the page has no ${selector}`);
  return found as ElementHandle<HTMLElement>;
}

/** An element on the screen. What was far from it is drawn in the next frame only, and takes no click before. */
export async function inSight(page: Place, selector: string) {
  const element = await find(page, selector);
  await element.scrollIntoView();
  await frames(page);
  return element;
}

export async function click(page: Place, selector: string, count = 1) {
  await (await inSight(page, selector)).click({ count });
  await frames(page);
}

export async function press(page: Page, ...keys: KeyInput[]) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await frames(page);
  }
}

/** Presses a key while others are held: press two with Control and Shift. */
export async function hold(page: Page, held: readonly KeyInput[], ...keys: KeyInput[]) {
  for (const key of held) await page.keyboard.down(key);
  await press(page, ...keys);
  for (const key of held) await page.keyboard.up(key);
}

/** Ctrl+C and Ctrl+V. In a headless Chromium a pressed key alone does not set off the browser's own command. */
export async function clipboard(page: Page, command: "Copy" | "Paste") {
  await page.keyboard.down("Control");
  await page.keyboard.press(command === "Copy" ? "c" : "v", { commands: [command] });
  await page.keyboard.up("Control");
  await frames(page);
}

/** The element that has the keyboard, as it names itself. */
export const focused = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    const grid = element?.closest("[role=grid]")?.ariaLabel;
    const label = element?.ariaLabel?.replace(/:.*/, ""); // without the number of a cell
    const name = element?.localName === "input" || !grid ? label : `${grid}: ${label}`;
    return name ?? element?.getAttribute("name") ?? element?.localName;
  });

/** What a function finds on the page, as one text: number by number, Firefox takes half a minute for a large case. */
const asText = async <Found>(page: Place, look: () => Found): Promise<Found> =>
  JSON.parse((await page.evaluate(`JSON.stringify((${look})())`)) as string);
/** Unfolds a tool, and waits until it is there. */
export async function openTool(page: Place, id: "mine" | "bank") {
  const summary = `#${id} > summary`;
  if (!(await (await find(page, `#${id}`)).evaluate((tool) => (tool as HTMLDetailsElement).open)))
    await click(page, summary);
  await appears(page, `bn-${id}`);
}

/** Until the page has such an element, in whatever shadow root. */
export async function appears(page: Place, selector: string) {
  await page.waitForFunction(
    (wanted) => window.everyElement().some((element) => element.matches(wanted)),
    {},
    selector,
  );
  await frames(page);
}

/** Makes a mistake by the bank's link, or with "" none by the button beside the sentence about it. */
export async function makeMistake(page: Page, id: string) {
  if (id === "") await click(page, ".mistake button");
  else {
    await openTool(page, "bank");
    await (await find(page, "bn-bank >>> input")).evaluate((search, wanted) => {
      (search as HTMLInputElement).value = wanted; // so that its place is unfolded
      search.dispatchEvent(new Event("input"));
    }, id);
    await frames(page);
    await click(page, `bn-bank >>> [data-mistake="${id}"] a`);
  }
  await page.waitForFunction(
    (wanted) => document.querySelector("backnorm-lab")?.session.mistake === wanted,
    {},
    id,
  );
  await frames(page);
}

/** What is on the page, as plain data. */
export const state = (page: Place) =>
  asText(page, () => {
    const { name, selection, message, progress, computed } = (document.querySelector("backnorm-lab") as Lab)
      .session;
    if (!computed) throw new Error("there is no case on the page");
    const { kase, trace, report, layout } = computed;
    const { rows, columns } = layout.sheets.elements;
    const { direct, throughVar = [], throughMean = [] } = trace.paths.x; // RMS norm has others
    return {
      name,
      selection,
      message,
      progress,
      rows,
      columns,
      x: [...kase.x],
      gamma: [...kase.gamma],
      beta: [...(kase.beta ?? [])],
      dy: [...kase.dy],
      eps: kase.eps,
      ddof: kase.ddof ?? 0,
      values: Object.fromEntries(trace.nodes.map((node) => [node.id, [...node.value]])),
      grads: Object.fromEntries(trace.nodes.map((node) => [node.id, [...node.grad]])),
      paths: [direct, throughVar, throughMean].map((path) => [...path]),
      report: report?.nodes.map(({ id, verdict, analytic, exact, numeric, bound, numericBound }) => ({
        id,
        verdict,
        analytic: [...analytic],
        numeric: [...numeric],
        exact: [...exact],
        bound: [...bound],
        numericBound: [...numericBound],
      })),
    };
  });

export type State = Awaited<ReturnType<typeof state>>;

/** The case on the page, for the package in Node. */
export function caseOf({ x, gamma, beta, dy, eps, ddof, rows, columns }: State): Case<Float64Array> {
  const [a, b, c, d] = [x, gamma, beta, dy].map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { x: a, gamma: b, beta: c, dy: d, shape: [rows, columns], eps, ddof: ddof === 1 ? 1 : 0 };
}

/** What one matrix shows, cell by cell, of the rows that are drawn; and the values that it holds. */
export async function matrix(page: Page, selector: string) {
  const element = await find(page, selector);
  const { shown, values, columns } = await element.evaluate((host) => {
    const { values, width: columns, shadowRoot } = host as Matrix;
    const cells = [...(shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>("[role=gridcell]")];
    const shown = cells.map((cell) => ({
      at: Number(cell.dataset["at"]),
      text: cell.querySelector("input")?.value ?? cell.textContent ?? "",
      chosen: cell.ariaSelected === "true",
    }));
    return { values: JSON.stringify([...values]), columns, shown }; // as asText says
  });
  return { values: JSON.parse(values) as number[], columns, shown };
}

/** The inspector's matrix of a kind. The difference has its scale in its caption, so that "difference" begins it. */
export const inspected = (page: Page, caption: string) =>
  matrix(page, `bn-inspector >>> bn-matrix[label^="${caption}"]`);

/** What the panels say is chosen. */
export const chosen = (page: Page) =>
  page.evaluate(() => {
    (document.querySelector("backnorm-lab") as Lab).session.flush();
    const every = window.everyElement();
    const ringed = every
      .filter((element) => element.localName === "bn-matrix")
      .map((host) => {
        const { shadowRoot, width: columns } = host as Matrix;
        const cells = [...(shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>("[role=gridcell].chosen")];
        const { scrollTop, clientHeight } = (shadowRoot as ShadowRoot).querySelector(".scroll") as Element;
        return {
          label: host.getAttribute("label"),
          rows: (host as Matrix).values.length / columns,
          places: cells.map((cell) => Number(cell.dataset["at"])),
          // of its box; where it was never near the screen, it has no rectangle yet
          inSight: cells.every((cell) => {
            const top = Number.parseFloat((cell.parentElement as HTMLElement).style.top) - scrollTop;
            return top >= 0 && top + 24 <= clientHeight;
          }),
        };
      });
    const attribute = (selector: string, name: string) =>
      every.filter((element) => element.matches(selector)).map((element) => element.getAttribute(name));
    return {
      graph: attribute(".node.selected", "data-node"),
      pressed: attribute('.node[aria-pressed="true"]', "data-node"),
      rings: every.filter((element) => element.matches(".pick")).length,
      steps: attribute('[data-step][aria-pressed="true"]', "data-step"),
      words: every.find((element) => element.matches(".words"))?.textContent?.replace(/\s+/g, " ") ?? "",
      lens: attribute('[role=tab][aria-selected="true"]', "id").join().replace("tab-", ""),
      fragment: location.hash,
      ringed,
    };
  });

/** How many elements of each name the page has. */
export const census = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(() => {
    const counts: Record<string, number> = {};
    for (const { localName } of window.everyElement()) counts[localName] = (counts[localName] ?? 0) + 1;
    return counts;
  });

/** The text of every element with that role, in all shadow roots. */
export const withRole = (page: Page, role: string): Promise<string[]> =>
  page.evaluate(
    (wanted) =>
      window
        .everyElement()
        .filter((element) => element.role === wanted)
        .map((element) => (element.textContent ?? "").replace(/\s+/g, " ").trim()),
    role,
  );

let uploads = 0;

/** Chooses files, by their names, in a field for them. */
export async function choose(page: Page, field: string, files: Record<string, string | Uint8Array>) {
  const own = await mkdtemp(join(folder, `${uploads++}-`));
  const paths = Object.keys(files).map((name) => join(own, name));
  for (const [at, content] of Object.values(files).entries()) await writeFile(paths[at] as string, content);
  const found = await page.$(`>>> ${field}`);
  await (found as ElementHandle<HTMLInputElement>).uploadFile(...paths);
}

/** Gives the page a file through its file field, and waits until it has said something about it. */
export async function upload(page: Page, name: string, content: string | Uint8Array): Promise<string> {
  await choose(page, "input[type=file]", { [name]: content });
  return said(page, name);
}

/** Drops a file on an element. */
export async function drop(
  page: Page,
  name: string,
  content: string | Uint8Array,
  on = "bn-graph",
): Promise<string> {
  const bytes = [...(typeof content === "string" ? new TextEncoder().encode(content) : content)];
  await (await find(page, on)).evaluate(
    (target, fileName, fileBytes) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(fileBytes)], fileName));
      const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
      if (target.dispatchEvent(new DragEvent("dragover", options)))
        throw new Error("the page takes no file here");
      target.dispatchEvent(new DragEvent("drop", options));
    },
    name,
    bytes,
  );
  return said(page, name);
}

async function said(page: Page, name: string): Promise<string> {
  const begins = (start: string) =>
    document.querySelector("backnorm-lab")?.session.message?.text.startsWith(start);
  await page.waitForFunction(begins, {}, `${name}: `);
  await frames(page);
  return page.evaluate(() => document.querySelector("backnorm-lab")?.session.message?.text ?? "");
}

/** The text of everything that a deep selector finds, on one line each. */
export const texts = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(`>>> ${selector}`, (found) =>
    found.map((one) => (one.textContent ?? "").replace(/\s+/g, " ").trim()),
  );
