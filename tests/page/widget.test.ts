/**
 * The widget of notebooks, against anywidget's documented interface (https://anywidget.dev/en/afm): a module whose
 * default export has `render({ model, el })`, which may be asynchronous and returns what ends it; `model` has get, set,
 * save_changes, on and off. anywidget itself is not among what these tests install, so that nothing here says that it
 * runs in Jupyter.
 */
import assert from "node:assert/strict";
import type { Frame, Page } from "puppeteer-core";
import { appears, click, elsewhere, frames, type Lab, pageTest, ready } from "./browser.ts";

interface Widgets {
  /** Shows one in a cell of the notebook, as anywidget does: with a module of its own. */
  show(id: string, traits: object): Promise<void>;
  /** As Python sets traits. */
  set(id: string, traits: object): void;
  /** What Python was sent. */
  saved(id: string): object[];
  close(id: string): Promise<void>;
  /** How many listeners there are. */
  listeners(id: string): number;
}

declare global {
  interface Window {
    widgets: Widgets;
  }
}

const kWidgets = `
  class Model {
    #traits; #changed = {}; #heard = new Map(); saved = [];
    constructor(traits) { this.#traits = traits; }
    get(name) { return this.#traits[name]; }
    set(name, value) {
      if (this.#traits[name] === value) return;
      this.#changed[name] = this.#traits[name] = value;
      for (const callback of this.#heard.get("change:" + name) ?? []) callback();
    }
    save_changes() { this.saved.push(this.#changed); this.#changed = {}; }
    on(event, callback) { this.#heard.set(event, [...this.#heard.get(event) ?? [], callback]); }
    off(event, callback) { this.#heard.set(event, this.#heard.get(event).filter((one) => one !== callback)); }
    get listeners() { return [...this.#heard.values()].flat().length; }
  }
  const models = {}, ends = {};
  globalThis.widgets = {
    async show(id, traits) {
      const model = models[id] = new Model(traits);
      const { default: { render } } = await import("./backnorm/anywidget.js?" + id);
      ends[id] = await render({ model, el: (frames[0]?.document ?? document).getElementById(id) });
    },
    set(id, traits) { for (const [name, value] of Object.entries(traits)) models[id].set(name, value); },
    saved: (id) => models[id].saved.splice(0),
    close: async (id) => { await ends[id](); },
    listeners: (id) => models[id].listeners,
  };`;

const kPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'";

async function notebook() {
  await elsewhere("widgets.js", kWidgets);
  return elsewhere(
    "notebook.html",
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8"><title>Notebook</title>
    <meta http-equiv="Content-Security-Policy" content="${kPolicy}">
    <script type="module" src="widgets.js"></script>
  </head>
  <body><div id="one"></div><div id="two"></div></body>
</html>`,
  );
}

const show = (page: Page, id: string, traits: object) =>
  page.evaluate((cell, said) => window.widgets.show(cell, said), id, traits);

const set = (page: Page, id: string, traits: object) =>
  page.evaluate((cell, said) => window.widgets.set(cell, said), id, traits);

const saved = async (page: Page, id: string) => {
  await frames(page);
  return page.evaluate((cell) => window.widgets.saved(cell), id);
};

/** Until what is asked for is shown and judged. */
const settled = async (page: Page) => {
  await frames(page);
  await page.waitForFunction(() =>
    [...document.querySelectorAll("backnorm-lab")].every(
      ({ session }) => session.computed?.report && session.following === 0,
    ),
  );
  await frames(page);
};

const shown = (page: Page, id: string) =>
  page.evaluate((cell) => {
    const lab = document.querySelector(`#${cell} > backnorm-lab`) as Lab;
    const { name, lens, selection, language, theme, message } = lab.session;
    const height = lab.offsetHeight;
    return {
      name,
      lens,
      node: selection.node,
      language,
      theme: theme ?? "",
      height,
      fault: message?.text ?? "",
    };
  }, id);

pageTest(
  "a widget follows the traits of its object, reports selections and verdicts, and leaves nothing behind",
  { address: notebook, fails: true, expected: /favicon\.ico/ },
  async (page) => {
    const traits = {
      preset: "iris",
      lens: "steps",
      node: null,
      height: 700,
      theme: "",
      selection: {},
      verdict: {},
    };
    await show(page, "one", traits);
    await settled(page);
    const first = {
      name: "iris",
      lens: "steps",
      node: "var",
      language: "en",
      theme: "",
      height: 700,
      fault: "",
    };
    assert.deepEqual(await shown(page, "one"), first);
    const passes = { source: "check", verdict: "pass", firstWrong: null, right: 12, given: 12 };
    assert.deepEqual(await saved(page, "one"), [{ verdict: passes }]);

    await set(page, "one", {
      preset: "randn:7:6x3",
      lens: "graph",
      language: "zh",
      theme: "dark",
      height: 640,
    });
    await settled(page);
    assert.deepEqual(await shown(page, "one"), {
      ...first,
      name: "randn:7:6x3",
      lens: "graph",
      language: "zh",
      theme: "dark",
      height: 640,
    });
    const changes = { preset: "randn:7:6x3", lens: "graph", language: "zh", theme: "dark", height: 640 };
    assert.deepEqual(await saved(page, "one"), [{ ...changes, verdict: passes }]);

    await click(page, '#one >>> [data-node="xc"] .label');
    assert.deepEqual(await saved(page, "one"), [{ selection: { node: "xc", cell: { row: 0, column: 0 } } }]);
    await set(page, "one", { lens: "maths" });
    await settled(page);
    assert.match((await shown(page, "one")).fault, /^lens：/);

    await page.evaluate(() => window.widgets.close("one"));
    assert.equal(await page.evaluate(() => document.getElementById("one")?.childNodes.length), 0);
    assert.equal(await page.evaluate(() => window.widgets.listeners("one")), 0);
    await set(page, "one", { preset: "cs231n" });
    assert.deepEqual(await saved(page, "one"), []);
  },
);

pageTest(
  "two widgets with separate modules work side by side, and traits that a class lacks are not set",
  { address: notebook, fails: true, expected: /favicon\.ico/ },
  async (page) => {
    await page.evaluate(() =>
      Promise.all([
        window.widgets.show("one", { preset: "notes", verdict: null }),
        window.widgets.show("two", { link: "#v=1&case=cs231n&node=x&lens=paths" }),
      ]),
    );
    await settled(page);
    await appears(page, "bn-paths");
    assert.deepEqual(
      [await shown(page, "one"), await shown(page, "two")].map(({ name, lens }) => [name, lens]),
      [
        ["notes", "graph"],
        ["cs231n", "paths"],
      ],
    );
    await click(page, '#two >>> bn-paths >>> [data-path="direct"]');
    assert.equal((await saved(page, "one")).length, 1);
    assert.deepEqual(await saved(page, "two"), []);
    await page.evaluate(() => window.widgets.close("two"));
    await set(page, "one", { lens: "closed" });
    await appears(page, "bn-closed-form");
  },
);

pageTest(
  "a widget has its styles in the document of a frame too",
  { address: notebook, fails: true, expected: /favicon\.ico/ },
  async (page) => {
    await page.evaluate(() => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.contentDocument?.write('<!doctype html><html lang="en"><div id="one">');
      frame.contentDocument?.close();
    });
    await show(page, "one", { link: "#v=1&check=float32" });
    const frame = page.frames()[1] as Frame;
    await ready(frame);
    await appears(frame, ".float32");
    const found = await frame.evaluate(() => {
      const roots = (root: ParentNode): ShadowRoot[] =>
        [...root.querySelectorAll("*")].flatMap(({ shadowRoot }) =>
          shadowRoot ? [shadowRoot, ...roots(shadowRoot)] : [],
        );
      const all = roots(document);
      return {
        count: all.length,
        unstyled: all.flatMap(({ adoptedStyleSheets, host }) =>
          adoptedStyleSheets.length === 0 ? host.localName : [],
        ),
      };
    });
    assert.ok(found.count > 5);
    assert.deepEqual(found.unstyled, []);
  },
);
