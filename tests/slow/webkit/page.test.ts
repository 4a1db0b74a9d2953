/** The page in WebKit: what a reader does first, on our site, on another's, in a frame and in one file. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Case, load } from "backnorm";
import { By, Key, type WebDriver, type WebElement } from "selenium-webdriver";
import type { Lab } from "../../page/browser.ts";
import { inBrowser } from "./driver.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { serve } = (await import(join(root, ".scripts/serve.js"))) as {
  serve(options: { root: string; hasPolicy?: boolean }): Promise<{ url: string; close(): Promise<void> }>;
};

declare global {
  interface Window {
    faults: string[];
    saved: Blob[];
    first(path: string): HTMLElement | undefined;
  }
}

const bn = await load();
const axe = await readFile(join(root, "node_modules/axe-core/axe.min.js"), "utf8");

/** A copy of what is published, and somebody else's pages; watch.js runs before all else in each. */
const folder = await mkdtemp(join(tmpdir(), "backnorm-webkit-"));
await cp(join(root, "dist"), folder, { recursive: true });
await cp(new URL("watch.js", import.meta.url), join(folder, "watch.js"));
async function writePage(name: string, html: string) {
  const watch = `<head><script src="${name.includes("/") ? "../" : ""}watch.js"></script>`;
  await writeFile(join(folder, name), html.replace("<head>", watch));
}
for (const name of ["page/index.html", "backnorm.html"])
  await writePage(name, await readFile(join(folder, name), "utf8"));

const site = await serve({ root: folder });
const ownPage = `${site.url}page/`;
/** Without a fragment, the tour would open. */
const lab = "#v=1";
const oneFile = pathToFileURL(join(folder, "backnorm.html")).href;
const otherSite = await serve({ root: folder, hasPolicy: false });
after(async () => {
  await Promise.all([site.close(), otherSite.close()]);
  await rm(folder, { recursive: true });
});

/** A test in a browser of its own. It fails as well where the page throws, complains, or violates its policy. */
function webkitTest(title: string, { dark = false }, body: (page: WebDriver) => Promise<void>) {
  test(title, { timeout: 300_000 }, () =>
    inBrowser({ dark, patience: 100_000 }, async (page) => {
      await page.manage().window().setRect({ width: 1440, height: 940 });
      await body(page);
      await frames(page);
      assert.deepEqual(await run(page, () => window.faults), [], "the page");
    }),
  );
}

/** What a function gives that runs in the page; its arguments and its result are plain data. */
const run = <Args extends unknown[], Found>(page: WebDriver, look: (...args: Args) => Found, ...args: Args) =>
  page.executeScript<Awaited<Found>>(look, ...args);

const until = <Args extends unknown[]>(page: WebDriver, holds: (...args: Args) => unknown, ...args: Args) =>
  page.wait(() => run(page, holds, ...args), 60_000, `${holds}`);

/** Two frames: whatever an event has changed is drawn. */
const frames = (page: WebDriver) =>
  run(page, () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Opens an address, until a case is on the page with its verdicts, and the lens that shows it. */
async function go(page: WebDriver, address: string) {
  await page.get("about:blank"); // a link on the open page would open nothing anew
  await page.get(address);
  await until(page, () => document.querySelector("backnorm-lab")?.session?.computed?.report !== undefined);
  await shown(page);
}

/** Until the lens is there, which may have to be fetched. */
const shown = (page: WebDriver) =>
  until(page, () => {
    const lens = window.first("backnorm-lab >>> [role=tabpanel]");
    return lens?.firstElementChild && !lens.querySelector("[role=status]");
  });

/** Clicks in the middle of what a path leads to. */
async function click(page: WebDriver, path: string) {
  const look = (to: string) => {
    window.first(to)?.scrollIntoView({ block: "center" });
    return window.first(to) as unknown as WebElement;
  };
  const element = await run(page, look, path);
  await frames(page);
  await page.actions().move({ origin: element }).click().perform();
  await frames(page);
}

/** Presses keys one after another; of a list, the last while the others are held. */
async function press(page: WebDriver, ...keys: (string | string[])[]) {
  for (const held of keys.map((key) => [key].flat())) {
    const actions = page.actions();
    for (const key of held) actions.keyDown(key);
    for (const key of held.toReversed()) actions.keyUp(key);
    await actions.perform();
    await frames(page);
  }
}

const cell = (input: string, at: number) => `bn-matrix[input="${input}"] >>> [data-at="${at}"]`;

/** The case and what is computed of it. */
const state = (page: WebDriver) =>
  run(page, () => {
    const { session } = document.querySelector("backnorm-lab") as Lab;
    if (!session.computed) throw new Error("there is no case on the page");
    session.flush();
    const { kase, trace, report } = session.computed;
    return {
      engine: session.bn?.engine,
      name: session.name,
      lens: session.lens,
      language: session.language,
      mistake: session.mistake,
      fragment: location.hash,
      kase: { ...kase, x: [...kase.x], gamma: [...kase.gamma], beta: [...kase.beta], dy: [...kase.dy] },
      passes: trace.nodes.flatMap(({ value, grad }) => [...value, ...grad]),
      verdicts: report?.nodes.map(({ verdict }) => verdict),
    };
  });

/** The same C++ on the same numbers, here in Node: equal in every digit. */
function assertComputed({ kase, passes, verdicts }: Awaited<ReturnType<typeof state>>) {
  const [x, gamma, beta, dy] = [kase.x, kase.gamma, kase.beta, kase.dy].map((all) => Float64Array.from(all));
  const same = { ...kase, x, gamma, beta, dy } as Case<Float64Array>;
  const here = bn.trace(same).nodes.flatMap(({ value, grad }) => [...value, ...grad]);
  assert.deepEqual(passes, here);
  for (const [at, node] of bn.gradcheck(same).nodes.entries()) assert.equal(verdicts?.[at], node.verdict);
}

async function assertAccessible(page: WebDriver) {
  await page.executeScript(axe);
  const { found, looked } = await run(page, async () => {
    const { axe: checker } = window as unknown as { axe: typeof import("axe-core") };
    const runOnly = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
    const { violations, passes } = await checker.run(document, { runOnly, resultTypes: ["violations"] });
    const faults = violations.map(({ help, nodes }) => `${help}: ${nodes.map(({ target }) => target)}`);
    return { found: faults, looked: passes.some(({ id }) => id === "color-contrast") };
  });
  assert.deepEqual({ found, looked }, { found: [], looked: true });
}

for (const dark of [false, true])
  webkitTest(
    `it opens ${dark ? "dark" : "light"} as the system is, and passes axe`,
    { dark },
    async (page) => {
      await go(page, ownPage + lab);
      const opened = await state(page);
      assert.deepEqual([opened.engine, opened.name], ["webassembly", "cs231n"]);
      assertComputed(opened);
      assert.ok(opened.verdicts?.every((verdict) => verdict === "pass"));
      const ground = await page.findElement(By.css("backnorm-lab")).getCssValue("background-color");
      assert.match(ground, dark ? /23, 23, 22/ : /251, 250, 246/);
      await assertAccessible(page);
    },
  );

webkitTest("without WebAssembly, JavaScript gives the same numbers", {}, async (page) => {
  await go(page, `${ownPage}?without-webassembly${lab}`);
  const opened = await state(page);
  assert.equal(opened.engine, "javascript");
  assertComputed(opened);
});

webkitTest("a cell is edited by keyboard, a block is pasted, and undo reverts both", {}, async (page) => {
  await go(page, ownPage + lab);
  const { kase } = await state(page);
  await run(page, (path) => window.first(path)?.focus(), cell("x", 0));
  await press(page, Key.ARROW_DOWN, Key.ARROW_RIGHT, ..."-3.25", Key.ENTER);
  const edited = await state(page);
  assert.deepEqual(edited.kase.x, kase.x.with(6, -3.25));
  assertComputed(edited);
  await press(page, Key.F2, ..."abc", Key.ENTER);
  await until(page, () => window.everyElement().some(({ role }) => role === "alert"));
  await press(page, Key.ESCAPE);

  await click(page, cell("x", 7));
  await press(page, [Key.SHIFT, Key.ARROW_RIGHT], [Key.CONTROL, "c"]);
  await click(page, cell("dy", 8));
  await press(page, [Key.CONTROL, "v"]);
  const [first, second] = kase.x.slice(7, 9) as [number, number];
  await page.wait(async () => (await state(page)).kase.dy[9] === second, 60_000);
  assert.deepEqual((await state(page)).kase.dy, kase.dy.with(8, first).with(9, second));
  await press(page, [Key.CONTROL, "z"], [Key.CONTROL, "z"]);
  assert.deepEqual((await state(page)).kase, kase);
});

const link = "#v=1&case=randn:7:6x3:2:10&node=x&cell=2,3&lens=paths&mistake=dvar-half&off=throughVar&lang=zh";

for (const [where, address] of Object.entries({ "on the site": ownPage, "in one file": oneFile }))
  webkitTest(
    `${where} every lens is shown in both languages, and a link restores the state`,
    {},
    async (page) => {
      await go(page, address + lab);
      for (const language of ["en", "zh"]) {
        if (language === "zh") await click(page, "backnorm-lab >>> [name=language]");
        for (const lens of ["steps", "paths", "closed", "graph"]) {
          await click(page, `#tab-${lens}`);
          await shown(page);
          const { lens: found, language: spoken } = await state(page);
          assert.deepEqual([found, spoken], [lens, language]);
        }
      }
      await go(page, address + link);
      const linked = await state(page);
      assert.deepEqual(
        [linked.name, linked.mistake, linked.fragment],
        ["randn:7:6x3:2:10", "dvar-half", link],
      );
      assert.ok(linked.verdicts?.includes("fail"));
      await click(page, cell("x", 1));
      await press(page, ..."0.1", Key.ENTER);
      const changed = await state(page);
      assert.deepEqual(changed.kase.x, linked.kase.x.with(1, 0.1));
      await go(page, address + changed.fragment);
      assert.deepEqual(await state(page), changed);
    },
  );

webkitTest("the graph is saved as an SVG and as a PNG of twice its size", {}, async (page) => {
  await go(page, `${ownPage}#v=1&mistake=dvar-half`);
  await run(page, () => {
    window.saved = [];
    URL.createObjectURL = (blob) => `blob:${window.saved.push(blob as Blob)}`;
    HTMLAnchorElement.prototype.click = () => {};
  });
  await click(page, "[name=share]");
  await until(page, () => window.first("bn-share >>> dialog[open]"));
  for (const kind of ["svg", "png"]) {
    await click(page, `bn-share >>> [name=${kind}]`);
    await until(page, (wanted) => window.saved.at(-1)?.type.includes(wanted), kind);
  }
  const { svg, width, height, drawn } = await run(page, async () => {
    const [first, second] = window.saved as [Blob, Blob];
    const bitmap = await createImageBitmap(second);
    const canvas = document.createElement("canvas");
    const { width, height } = Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
    const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
    pen.drawImage(bitmap, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
    const drawn = pixels.filter((pixel) => pixel !== pixels[0]).length / pixels.length;
    return { svg: await first.text(), width, height, drawn };
  });
  assert.match(svg, />dvar-half</);
  assert.ok(
    svg.startsWith(`<svg xmlns="http://www.w3.org/2000/svg" width="${width / 2}" height="${height / 2}"`),
  );
  assert.ok(drawn > 0.05 && drawn < 0.5, `${drawn}`);
});

webkitTest(
  "under a strict policy, elements follow their attributes and don't change the page",
  {},
  async (page) => {
    await writePage(
      "lecture.html",
      `<!doctype html>
<html lang="en">
  <head>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'">
    <title>Lecture 5</title>
    <script type="module" src="lab.js"></script>
  </head>
  <body>
    <backnorm-lab id="b" height="700"></backnorm-lab>
    <backnorm-lab id="a" preset="notes" lens="steps" node="var" language="zh"></backnorm-lab>
  </body>
</html>`,
    );
    await go(page, `${otherSite.url}lecture.html`);
    await until(page, () => (document.getElementById("a") as Lab).session.computed?.report);
    const told = () =>
      run(page, () => {
        const { name, lens, selection, language, computed } = (document.getElementById("a") as Lab).session;
        return [name, lens, selection.node, language, computed?.kase.x[1]];
      });
    const first = await told();
    assert.deepEqual(first.slice(0, 4), ["notes", "steps", "var", "zh"]);
    await click(page, `#b >>> bn-inputs >>> ${cell("x", 1)}`);
    await press(page, "5", Key.ENTER);
    const edited = await state(page);
    assert.equal(edited.kase.x[1], 5);
    assertComputed(edited);
    assert.deepEqual(await told(), first);
    assert.deepEqual(await run(page, () => [location.hash, document.title]), ["", "Lecture 5"]);
  },
);

webkitTest("a sandboxed frame reports its verdict, and its height until it fits", {}, async (page) => {
  await writePage(
    "course.html",
    `<!doctype html>
<html lang="en">
  <head>
    <title>Course</title>
    <script>
      globalThis.told = {};
      addEventListener("message", ({ data, source }) => {
        const frame = document.querySelector("iframe");
        if (source !== frame.contentWindow) return;
        told[data.type ?? data.subject] = data;
        if (data.type === "backnorm:height") frame.style.height = data.height + "px";
      });
    </script>
  </head>
  <body><iframe sandbox="allow-scripts" width="400" height="360" style="border: 0" src="${ownPage}#v=1&node=x&lens=steps&view=embed"></iframe></body>
</html>`,
  );
  await page.get(`${otherSite.url}course.html`);
  await until(page, () => {
    const { told } = window as unknown as { told?: Record<string, { verdict?: string; height: number }> };
    const height = told?.["lti.frameResize"]?.height ?? 0;
    const fits = height > 400 && document.querySelector("iframe")?.clientHeight === height;
    return fits && told?.["backnorm:verdict"]?.verdict === "pass";
  });
});
