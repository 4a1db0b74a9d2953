/** In WebKit: the page in one file, the element on somebody else's page, and the page in a frame. */
import assert from "node:assert/strict";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Lab } from "../browser.ts";
import type { WebKitPage } from "./driver.ts";
import {
  assertComputed,
  cell,
  click,
  folder,
  frames,
  hold,
  opened,
  otherSite,
  press,
  root,
  shown,
  site,
  state,
  type,
  until,
  webkitTest,
  writePage,
} from "./pages.ts";

const dist = join(root, "dist");
await writePage("one file.html", await readFile(join(dist, "backnorm.html"), "utf8"));
const oneFile = pathToFileURL(join(folder, "one file.html")).href;

for (const name of await readdir(dist))
  if (/^lab.*\.js$/.test(name)) await cp(join(dist, name), join(folder, name));
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
    <backnorm-lab id="a" view="embed" preset="notes" lens="steps" node="var" language="zh"></backnorm-lab>
    <backnorm-lab id="b" height="700"></backnorm-lab>
  </body>
</html>`,
);

await writePage(
  "course.html",
  `<!doctype html>
<html lang="en">
  <head>
    <title>Course</title>
    <script>
      globalThis.told = [];
      addEventListener("message", ({ data, source }) => {
        const frame = document.querySelector("iframe");
        if (source !== frame.contentWindow) return;
        told.push(data);
        if (data.type === "backnorm:height") frame.style.height = data.height + "px";
      });
    </script>
  </head>
  <body><iframe sandbox="allow-scripts" width="400" height="360" style="border: 0" src="${site.url}#v=1&node=x&lens=steps&view=embed"></iframe></body>
</html>`,
);

/** By the button for the other language. */
async function speak(page: WebKitPage, language: string) {
  await click(page, "backnorm-lab >>> [name=language]");
  await until(
    page,
    (wanted) => document.querySelector("backnorm-lab")?.session.language === wanted,
    language,
  );
  await shown(page);
}

webkitTest(
  "one file opens from a folder, all of it works, and its policy, which allows no request, is kept",
  { address: oneFile },
  async (page) => {
    const first = await state(page);
    assert.deepEqual([first.engine, first.name], ["webassembly", "cs231n"]);
    assertComputed(first);
    assert.ok(first.verdicts?.every(({ verdict }) => verdict === "pass"));
    for (const language of ["en", "zh"]) {
      if (language === "zh") await speak(page, language);
      for (const lens of ["steps", "paths", "closed", "graph"]) {
        await click(page, `#tab-${lens}`);
        await shown(page);
        assert.equal((await state(page)).lens, lens);
      }
    }
  },
);

const link = "#v=1&case=randn:7:6x3:2:10&node=x&cell=2,3&lens=paths&mistake=dvar-half&off=throughVar&lang=zh";

webkitTest("a link restores the exact state in one file", { address: oneFile, link }, async (page) => {
  const before = await state(page);
  assert.deepEqual([before.name, before.mistake, before.fragment], ["randn:7:6x3:2:10", "dvar-half", link]);
  await click(page, cell("x", 1));
  await type(page, "0.1");
  await press(page, "Enter");
  const changed = await state(page);
  assert.deepEqual(changed.x, before.x.with(1, 0.1));
  await page.go(site.url);
  await page.go(oneFile + changed.fragment);
  await opened(page);
  assert.deepEqual(await state(page), changed);
});

const shownIn = (page: WebKitPage, id: string) =>
  page.run((wanted) => {
    const lab = document.getElementById(wanted) as Lab;
    const { name, lens, selection, language, computed } = lab.session;
    return { name, lens, node: selection.node, language, x: [...(computed?.kase.x ?? [])].slice(0, 2) };
  }, id);

/** A test on the lecture, when both of its labs are there. */
const lectureTest = (title: string, body: (page: WebKitPage) => Promise<void>) =>
  webkitTest(title, { address: `${otherSite.url}lecture.html` }, async (page) => {
    await until(page, () => (document.getElementById("b") as Lab).session.computed?.report !== undefined);
    await body(page);
  });

lectureTest("elements obey their attributes, and tell their news", async (page) => {
  const { name, lens, node, language } = await shownIn(page, "a");
  assert.deepEqual([name, lens, node, language], ["notes", "steps", "var", "zh"]);
  await page.run(() => {
    const told: unknown[] = [];
    Object.assign(window, { told });
    document.addEventListener("backnorm-select", ({ target, detail }: Event & { detail?: unknown }) =>
      told.push([(target as HTMLElement).id, detail]),
    );
  });
  await click(page, '#b >>> bn-graph >>> [data-node="xc"] .label');
  assert.deepEqual(await page.run(() => (window as unknown as { told: unknown }).told), [
    ["b", { node: "xc", cell: { row: 0, column: 0 } }],
  ]);
});

lectureTest("elements leave each other and the page around alone", async (page) => {
  const first = await shownIn(page, "a");
  await click(page, '#b >>> bn-inputs >>> bn-matrix[input="x"] >>> [data-at="1"]');
  await type(page, "5");
  await press(page, "Enter");
  assert.equal((await shownIn(page, "b")).x[1], 5);
  await page.run(() => document.getElementById("b")?.setAttribute("lens", "closed"));
  await until(page, () => (document.getElementById("b") as Lab).session.lens === "closed");
  assert.equal((await shownIn(page, "b")).x[1], 5, "what was edited outlives another lens");
  await hold(page, ["Control"], "z");
  assert.notEqual((await shownIn(page, "b")).x[1], 5);
  assert.deepEqual(await shownIn(page, "a"), first);
  const around = await page.run(() => [location.hash, document.title, document.documentElement.lang]);
  assert.deepEqual(around, ["", "Lecture 5", "en"]);
});

webkitTest(
  "a frame in a sandbox that allows scripts alone tells its verdict and its height, and settles",
  { address: `${otherSite.url}course.html`, framed: true },
  async (page) => {
    type Told = { type?: string; subject?: string; verdict?: string; height?: number };
    const told = () => page.run(() => (window as unknown as { told: Told[] }).told);
    await until(page, () =>
      (window as unknown as { told: Told[] }).told.some(({ type: kind }) => kind === "backnorm:verdict"),
    );
    let count = -1;
    for (let now = 0; now !== count; now = (await told()).length) {
      count = now;
      await new Promise((done) => setTimeout(done, 500));
      await frames(page);
    }
    const all = await told();
    const heights = all.flatMap(({ type: kind, height }) =>
      kind === "backnorm:height" ? [height ?? 0] : [],
    );
    assert.ok(heights.length > 0 && heights.length < 10, `${heights}`);
    assert.ok((heights.at(-1) ?? 0) > 400, `${heights}`);
    assert.equal(await page.run(() => document.querySelector("iframe")?.clientHeight), heights.at(-1));
    assert.ok(all.some(({ subject, height }) => subject === "lti.frameResize" && height === heights.at(-1)));
    assert.deepEqual(
      all.filter(({ type: kind }) => kind === "backnorm:verdict").map(({ verdict }) => verdict),
      ["pass"],
    );
  },
);
