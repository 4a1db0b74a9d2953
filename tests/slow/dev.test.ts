/** `npm run dev` in a copy of the checkout: what changes there shows on the open page. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import type { Page } from "puppeteer-core";
import { pageTest, root } from "../page/browser.ts";

const folder = await mkdtemp(join(tmpdir(), "backnorm-dev-"));
const leftOut = [".git", "node_modules", "build", "dist", "screenshots"];
await cp(root, folder, { recursive: true, filter: (path) => !leftOut.includes(basename(path)) });
await symlink(join(root, "node_modules"), join(folder, "node_modules"));

const dev = spawn(process.execPath, [".scripts/dev.js"], {
  cwd: folder,
  env: { ...process.env, PORT: "0" },
  stdio: ["ignore", "pipe", "pipe"],
});
const ended = once(dev, "close");
let output = "";
for (const stream of [dev.stdout, dev.stderr])
  stream.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
after(async () => {
  dev.kill();
  await ended;
  await rm(folder, { recursive: true });
});

/** Waits until dev says it, after what it was last heard to say. */
async function said(words: RegExp): Promise<string> {
  for (;;) {
    const found = words.exec(output);
    if (found) {
      output = output.slice(found.index + found[0].length);
      return found[1] ?? "";
    }
    const more = ["data", "end"].map((event) => once(dev.stdout, event));
    await Promise.race([...more, once(dev.stderr, "data")]);
    assert.equal(dev.exitCode, null, output);
  }
}

async function edited(file: string, from: string, to: string): Promise<string> {
  const text = await readFile(join(folder, file), "utf8");
  assert.equal(text.split(from).length, 2, `${file} has ${from} once`);
  return text.replace(from, to);
}
const edit = async (file: string, from: string, to: string) =>
  writeFile(join(folder, file), await edited(file, from, to));

/** As many editors save: another file takes the place of the old one. */
async function replace(file: string, from: string, to: string) {
  await writeFile(join(folder, "new"), await edited(file, from, to));
  await rename(join(folder, "new"), join(folder, file));
}

const words = "web/lab/words/en/page.ts";
const random = "cpp/src/numpy_random.cpp";
const button = (page: Page, label: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector("backnorm-lab")?.shadowRoot?.textContent?.includes(wanted),
    {},
    label,
  );
const firstX = (page: Page) =>
  page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.computed?.kase.x[0]);

/** Until the page has loaded what was built last: it may show that already, and yet load once more. */
async function upToDate(page: Page) {
  for (;;) {
    const [, built] = /dev-reload\.js\?([^"]+)"/.exec(await (await fetch(url)).text()) ?? [];
    const asked = page.evaluate(
      () => document.querySelector<HTMLScriptElement>("script[src*=dev-reload]")?.src,
    );
    const late = new Promise<undefined>((resume) => setTimeout(resume, 1000)); // an answer is lost with its page
    const shown = await Promise.race([asked.catch(() => undefined), late]);
    if (built && shown?.endsWith(`?${built}`)) return;
  }
}

let url = "";

pageTest(
  "dev rebuilds after a change, reports errors, and reloads the page in its state",
  {
    link: "#v=1&case=randn:7:6x3:2:10&node=var", // x = 2·randn + 10
    address: async () => {
      url = await said(/Backnorm is at (\S+)/);
      return url;
    },
    minutes: 20, // all of the C++ is compiled
  },
  async (page) => {
    page.setDefaultTimeout(0); // a build takes as long as it takes; the test's own limit holds
    const link = page.url();
    await replace(words, 'findMine: "Find my mistake"', 'findMine: "Find a first one"');
    await button(page, "Find a first one");
    await replace(words, "Find a first one", "Find a second one"); // the watch outlives the file that was there
    await button(page, "Find a second one");
    await said(/(?:page\.ts has changed.*?Built.*?){2}/s);

    const before = (await (await firstX(page)).jsonValue()) as number;
    await edit(random, "std::sqrt(-2.0", "std::sqrt(-8.0");
    await said(/numpy_random\.cpp has changed/);
    await edit(words, "Find a second one", "Find a third one");
    await button(page, "Find a third one");
    await said(/Built.*?page\.ts has changed.*?Built/s);
    await upToDate(page);
    const after = (await (await firstX(page)).jsonValue()) as number;
    assert.ok(Math.abs(after - 10 - 2 * (before - 10)) < 1e-9, `${before}, then ${after}`); // some roundings of 10

    await page.evaluate("globalThis.stays = true");
    await edit(words, '"Find a third one"', '"Find a third one');
    await said(/Unterminated string literal.*?page\.ts:\d+:\d+.*?Not built/s);
    assert.equal(await page.evaluate("globalThis.stays"), true);
    const index = await fetch(new URL("index.js", url));
    assert.ok(index.ok, "the last good page is still served");
    await edit(random, "std::sqrt(-8.0", "std::sqrt(-8.0 -");
    await said(/numpy_random\.cpp:\d+:\d+: error.*?Not built/s);
    await edit(random, "std::sqrt(-8.0 -", "std::sqrt(-2.0");
    await edit(words, '"Find a third one', '"Find a fourth one"');
    await button(page, "Find a fourth one");
    assert.equal(await (await firstX(page)).jsonValue(), before);
    assert.equal(page.url(), link);
  },
);

test("Ctrl+C ends dev and its build", { timeout: 60_000 }, async () => {
  await appendFile(join(folder, random), "\n");
  await said(/numpy_random\.cpp has changed/);
  dev.kill("SIGINT");
  await ended;
  await assert.rejects(fetch(url), "nobody listens");
});
