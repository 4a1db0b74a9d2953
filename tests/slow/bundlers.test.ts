/**
 * The packed package through the bundlers that people use, and opened in Chromium: what they build under the page's own
 * policy, and Vite's server for development, whose own scripts that policy would refuse.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import type { Page } from "puppeteer-core";
import { open, serve } from "./opened.ts";
import { env, install, kFirstRow, lay, run } from "./packed.ts";

/** The pages of web/examples/bundlers, the entry that each imports, and what it comes to show. */
const pages = [
  { page: "page", entry: "backnorm", shows: `webassembly pass ${kFirstRow}` },
  { page: "page", entry: "backnorm/streaming", shows: `webassembly pass ${kFirstRow}` },
  { page: "worker", entry: "backnorm", shows: `webassembly pass ${kFirstRow}` },
  { page: "element", entry: "backnorm/lab", shows: "check pass" },
];

/** `streaming`: the script that also puts the .wasm beside the bundle, where the bundler does not do so itself. */
const bundlers: { bundler: string; streaming?: string }[] = [
  { bundler: "vite" },
  { bundler: "vite-7" },
  { bundler: "webpack" },
  { bundler: "esbuild", streaming: "build:streaming" },
  { bundler: "rollup", streaming: "build:streaming" },
];

for (const { bundler, streaming = "build" } of bundlers) {
  describe(bundler, () => {
    let installing: Promise<string> | undefined; // not before a test of it runs: npm may fetch a hundred packages
    const installed = () => {
      installing ??= install([`bundlers/${bundler}`]);
      return installing;
    };

    for (const { page, entry, shows } of pages) {
      test(`the built ${page} works under a strict policy: ${entry}`, async () => {
        const project = await installed();
        await write(project, page, entry);
        await rm(join(project, "dist"), { recursive: true, force: true });
        await run("npm", ["run", entry === "backnorm/streaming" ? streaming : "build"], project);
        const site = await serve({ root: join(project, "dist") });
        try {
          await open(site.url, (opened) => showsIt(opened, page, shows));
          if (page !== "page") return;
          const without = { before: "delete globalThis.WebAssembly;" };
          await open(site.url, (opened) => showsIt(opened, page, `javascript pass ${kFirstRow}`), without);
        } finally {
          await site.close();
        }
      });

      if (!bundler.startsWith("vite")) continue;
      test(`the ${page} works in its development server: ${entry}`, async () => {
        const project = await installed();
        await write(project, page, entry);
        const server = await develop(project);
        try {
          await open(server.url, (opened) => showsIt(opened, page, shows));
        } finally {
          await server.close();
        }
      });
    }
  });
}

/** The page into the project, in place of the one before. */
async function write(project: string, page: string, entry: string) {
  await rm(join(project, "worker.js"), { force: true }); // which only one of them has
  await lay(`bundlers/${page}`, project);
  if (page !== "page") return;
  const main = join(project, "main.js");
  const code = await readFile(main, "utf8");
  assert.ok(code.includes('from "backnorm"'));
  await writeFile(main, code.replace('from "backnorm"', `from "${entry}"`));
}

/** Vite's server for development, at any free port. */
async function develop(project: string) {
  const vite = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "--port", "0"], {
    cwd: project,
    env: { ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(vite, "exit");
  const close = async () => {
    vite.kill();
    await closed;
  };
  for await (const line of createInterface(vite.stdout)) {
    const [url] = line.match(/http:\/\/localhost:\d+\//) ?? [];
    if (url) return { url, close };
  }
  throw new Error("Vite ended without having said where it serves");
}

/** What the page shows when it is done; of an element also its case, its lens, and the engine that it runs on. */
async function showsIt(page: Page, name: string, wanted: string) {
  const filled = () => document.querySelector("#result")?.textContent;
  assert.equal(await (await page.waitForFunction(filled, { timeout: 30_000 })).jsonValue(), wanted);
  if (name !== "element") return;
  await page.waitForSelector("backnorm-lab >>> bn-steps");
  const chosen = await page.$eval("backnorm-lab", (element) => {
    const { session } = element as unknown as {
      session: { name: string; lens: string; bn: { engine: string } };
    };
    return [session.name, session.lens, session.bn.engine];
  });
  assert.deepEqual(chosen, ["iris", "steps", "webassembly"]);
}
