/** The whole page in one file, alone in a folder and opened from there. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { linkOf, load } from "backnorm";
import type { Page } from "puppeteer-core";
import {
  address,
  appears,
  caseOf,
  click,
  follow,
  inSight,
  look,
  makeMistake,
  openTool,
  pageTest,
  press,
  ready,
  root,
  state,
  upload,
  withRole,
} from "./browser.ts";

import { act, kWatched, lastSaved, openShare } from "./sharing.ts";

const bn = await load();
const folder = await mkdtemp(join(tmpdir(), "backnorm-file-"));
const path = join(folder, "Lecture 5 – batch norm.html");

await cp(join(root, "dist/backnorm.html"), path);

after(() => rm(folder, { recursive: true }));

const file = pathToFileURL(path).href;

/** A test of the file; it fails as well where the page asks for anything but the file. */
function fileTest(title: string, link: string, body: (page: Page) => Promise<void>) {
  pageTest(title, { address: async () => "about:blank", fails: true }, async (page) => {
    const asked = new Set<string>();
    page.on("request", (request) => asked.add(request.url().replace(/#.*/, "").slice(0, 200)));
    await page.goto(file + link);
    await ready(page);
    await body(page);
    asked.delete(file); // which Firefox does not report
    assert.deepEqual(
      [...asked].filter((url) => !url.startsWith("data:")),
      [],
    );
  });
}

fileTest(
  "one file opens from a folder, computes the same as Node, and everything passes",
  "#v=1",
  async (page) => {
    const opened = await state(page);
    assert.equal(opened.name, "cs231n");
    const kase = caseOf(opened);
    assert.deepEqual(
      opened.grads,
      Object.fromEntries(bn.trace(kase).nodes.map(({ id, grad }) => [id, [...grad]])),
    );
    assert.deepEqual(
      opened.report?.map(({ id, verdict, numeric }) => ({ id, verdict, numeric })),
      bn.gradcheck(kase).nodes.map(({ id, numeric }) => ({ id, verdict: "pass", numeric: [...numeric] })),
    );
    const engine = await page.evaluate(() => document.querySelector("backnorm-lab")?.session.bn?.engine);
    assert.equal(engine, "webassembly");
  },
);

pageTest(
  "one file without WebAssembly shows a message, because it does not contain the fallback",
  {
    address: async () => "about:blank",
    fails: true,
    before: "delete globalThis.WebAssembly",
    expected: /fallback\.js|violates|Content.Security.Policy/,
  },
  async (page) => {
    await page.goto(`${file}#v=1&eps=0.25`);
    await appears(page, "[role=alert]");
    const [said = "", ...others] = await withRole(page, "alert");
    assert.match(
      said,
      /^WebAssembly is switched off in this browser.* Open the file in another browser, or .* on a web server/,
    );
    assert.deepEqual(others, []);
    assert.equal((await page.$$(">>> .wait button")).length, 0, "trying again would not help");
    assert.ok(page.url().endsWith("#v=1&eps=0.25"));
  },
);

fileTest(
  "in one file all lenses and tools work, in Chinese too, and a mistake can be switched on and a file opened",
  "",
  async (page) => {
    await click(page, "[name=skip]"); // the tour
    await ready(page);
    for (const lens of ["steps", "paths", "closed", "graph"]) await look(page, lens);
    await makeMistake(page, "dvar-half");
    assert.equal((await state(page)).report?.find(({ id }) => id === "var")?.verdict, "fail");
    await makeMistake(page, "");
    await openTool(page, "mine");
    await click(page, "[name=language]");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    await ready(page);
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
    for (const lens of ["steps", "paths", "closed", "graph"]) await look(page, lens);
    await upload(page, "own.csv", "1,2\n3,5\n7,4\n");
    const second = 'bn-matrix[input="x"] >>> [data-at="1"]';
    await inSight(page, second); // it has another place by now, which is drawn when it is seen
    await click(page, second);
    await page.keyboard.type("0.1");
    await press(page, "Enter");
    const own = await state(page);
    assert.deepEqual(own.x, [1, 0.1, 3, 5, 7, 4]);
    assert.ok(own.report?.every(({ verdict }) => verdict === "pass"));
  },
);

pageTest(
  "one file saves itself with the case and the learner's arrays, and opens on them where a fragment gets lost",
  { address: async () => "about:blank", fails: true, before: kWatched },
  async (page) => {
    const { x } = bn.presets.cs231n;
    const mine = { dx: Float64Array.from(x, () => 0.5), dbeta: Float64Array.of(1, 2, 3, 4, 5) };
    await page.goto(file + linkOf(bn.presets.cs231n, { mine, notation: "cs231n" }));
    await ready(page);
    const before = await state(page);
    await openShare(page);
    await act(page, "page");
    const own = join(folder, "carries.html");
    await writeFile(own, (await lastSaved(page)).text);
    await page.goto("about:blank");
    await page.goto(pathToFileURL(own).href);
    await ready(page);
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.verdict?.source === "mine");
    assert.deepEqual(await state(page), before);
    assert.equal(await page.$eval("backnorm-lab", (lab) => lab.verdict?.given), 2);
    // a case too large for a link stays in the file
    const large = linkOf(bn.presets.iris, { mine: { dx: bn.presets.iris.dy } });
    const html = (await readFile(path, "utf8")).replace(
      "<backnorm-lab linked>",
      `<backnorm-lab linked link="${large.replaceAll("&", "&amp;")}">`,
    );
    assert.ok(large.length > 16 * 1024);
    await writeFile(own, html);
    await page.goto("about:blank");
    await page.goto(pathToFileURL(own).href);
    await ready(page);
    await click(page, '[data-node="xc"] .label'); // which writes the address
    const sign = await address(page);
    assert.ok(sign.length < 16 * 1024 && sign.includes("case=own&"), sign.slice(0, 100));
    await page.goto("about:blank");
    await page.goto(pathToFileURL(own).href + sign);
    await ready(page);
    assert.deepEqual((await state(page)).x, [...bn.presets.iris.x]);
    assert.equal((await state(page)).selection.node, "xc");
  },
);

const link =
  "#v=1&case=randn:7:6x3:2:10&node=x&cell=2,3&lens=paths&mistake=dvar-half&off=throughVar&lang=zh&names=cs231n";

fileTest("a link of the page's shape restores the exact state in one file", link, async (page) => {
  assert.equal(
    await address(page),
    link.replace("&lens=paths&mistake=dvar-half", "&lens=paths&mistake=dvar-half"),
  );
  const before = await state(page);
  assert.equal(before.name, "randn:7:6x3:2:10");
  assert.equal(before.message, undefined);
  await click(page, 'bn-matrix[input="x"] >>> [data-at="1"]');
  await page.keyboard.type("0.1");
  await press(page, "Enter");
  const changed = await state(page);
  assert.notDeepEqual(changed.x, before.x);
  const written = await address(page);
  await page.goto("about:blank");
  await page.goto(file + written);
  await ready(page);
  assert.deepEqual(await state(page), changed);
  await follow(page, link);
  assert.deepEqual(await state(page), before);
});

fileTest("its policy lists the hashes of its script and style, and allows nothing else", "", async (page) => {
  const policy = await page.evaluate(
    () => document.querySelector<HTMLMetaElement>("meta[http-equiv=Content-Security-Policy]")?.content,
  );
  assert.match(
    policy ?? "",
    /^default-src 'none'; script-src 'sha256-[\w+/=]{44}' 'wasm-unsafe-eval'; style-src 'sha256-[\w+/=]{44}'; img-src data:; base-uri 'none'; form-action 'none'$/,
  );
  const html = await readFile(path, "utf8");
  assert.ok(html.indexOf("Content-Security-Policy") < html.indexOf("<script"));
  assert.doesNotMatch(html.replace(/<script[\s\S]*<\/script>/, ""), /(src|href)="(?!data:)/);
});
