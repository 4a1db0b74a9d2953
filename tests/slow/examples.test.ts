/** The examples as their readers run them: a copy of web/examples, the packed package, and `npm start` in a folder. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import puppeteer from "puppeteer-core";
import { env, folder, kFirstRow, lay, root, run, tarball } from "./packed.ts";

const browser = await puppeteer.launch({
  executablePath: process.env["CHROMIUM"] as string,
  args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
after(() => browser.close());

/** A checkout in which the page was built. */
const clone = join(folder, "clone");
await mkdir(clone);
await symlink(join(root, "dist"), join(clone, "dist"));

const quiet = ["--silent", "start"];

/** Lays an example as it lies in a checkout, and the package, which npm may not have yet. */
async function take(example: string): Promise<string> {
  const project = join(clone, "web/examples", example);
  await lay(example, project);
  await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", tarball], project);
  return project;
}

test("npm start in node prints the engine, the verdict and the first row of dx", async () => {
  const printed = await run("npm", quiet, await take("node"));
  assert.equal(printed.trim(), `webassembly pass ${kFirstRow}`);
});

test("npm start in training prints losses that fall to a fifth, and how many new points are right", async () => {
  const lines = (await run("npm", quiet, await take("training"))).trim().split("\n");
  const losses = lines.slice(0, -1).map((line, at) => {
    const [, step, loss] = line.match(/^step (\d+): loss (\d\.\d{4})$/) ?? [];
    assert.equal(Number(step), 25 * at, line);
    return Number(loss);
  });
  assert.equal(losses.length, 8);
  // every step sees other points, so two neighbours tell less than the first and the last
  assert.ok((losses.at(-1) as number) < (losses[0] as number) / 5, losses.join());
  assert.match(lines.at(-1) as string, /^(14[5-9]|150) of 150 new points are right$/);
});

for (const [example, page] of [
  ["notebook", "backnorm.html"],
  ["sites/notebook", "backnorm-0.1.0.html"],
] as const) {
  test(`npm start in ${example} first lays the page of the checkout beside the notebook`, async () => {
    const project = join(clone, "web/examples", example);
    await lay(example, project);
    await run("npm", ["run", "prestart"], project);
    const read = (path: string) => run("head", ["-c", "15", path], clone);
    assert.equal(await read(join(project, page)), await read("dist/backnorm.html"));
  });
}

/** What each serves: a page with a result of its own, or with the element. */
interface Served {
  example: string;
  page?: string;
  /** The lesson, below the URL that the server says. */
  at?: string;
}
const served: Served[] = [
  { example: "workers" },
  { example: "bundlers/vite" },
  { example: "bundlers/vite", page: "worker" },
  { example: "bundlers/vite", page: "element" },
  { example: "bundlers/vite-7" },
  { example: "bundlers/webpack", page: "element" },
  { example: "bundlers/esbuild", page: "worker" },
  { example: "bundlers/rollup" },
  { example: "frameworks/react" },
  { example: "frameworks/vue" },
  { example: "sites/html" },
  { example: "sites/jekyll", at: "batch-norm.html" },
  { example: "sites/mkdocs", at: "batch-norm/" },
  { example: "sites/sphinx", at: "batch-norm.html" },
  { example: "sites/vitepress", at: "batch-norm.html" },
  { example: "sites/docusaurus", at: "batch-norm" },
  { example: "sites/reveal", at: "#/1" },
];

for (const { example, page: name, at = "" } of served) {
  test(`npm start in ${example}${name ? ` with PAGE=${name}` : ""} serves a page that works`, async () => {
    for (const folder of ["page", "worker", "element"])
      await lay(`bundlers/${folder}`, join(clone, "web/examples/bundlers", folder));
    const server = await start(await take(example), name ? { PAGE: name } : {});
    const page = await browser.newPage();
    try {
      await page.goto(new URL(at, server.url).href, { timeout: 60_000 });
      const done = await page.waitForFunction(
        () => {
          const text = document.querySelector("#result")?.textContent ?? "";
          const lab = document.querySelector("backnorm-lab") as { verdict?: { verdict: string } } | null;
          return lab ? lab.verdict?.verdict : /^[\w{]/.test(text) && text !== "working …" && text;
        },
        { timeout: 60_000 },
      );
      const shown = (await done.jsonValue()) as string;
      const isLab = await page.evaluate(() => document.querySelector("backnorm-lab") !== null);
      const wanted = isLab ? /^pass$/ : example === "workers" ? /^\{"y":/ : /^webassembly pass -0\.00310319/;
      assert.match(shown, wanted);
    } finally {
      await page.close();
      await server.stop();
    }
  });
}

/** Runs `npm start` until it says where it serves. */
async function start(project: string, variables: Record<string, string>) {
  const child = spawn("npm", ["start"], {
    cwd: project,
    env: { ...env, ...variables, NO_COLOR: "1", BROWSER: "none", PYTHONUNBUFFERED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // so that the server ends with npm
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    if (child.exitCode === null) process.kill(-(child.pid as number), "SIGKILL");
    await ended;
  };
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    const late = globalThis.setTimeout(
      () => reject(new Error(`npm start says no URL:\n${printed}`)),
      300_000,
    );
    const read = (chunk: Buffer) => {
      printed += stripVTControlCharacters(chunk.toString());
      const [found] = printed.match(/http:\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0):\d+[^\s)]*(?=[\s)])/) ?? [];
      if (!found) return;
      clearTimeout(late);
      resolve(found.replace("0.0.0.0", "localhost"));
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${printed}`)));
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  // Docusaurus says its URL before it listens
  for (let tries = 0; tries < 120 && !(await fetch(url).catch(() => undefined)); tries++)
    await setTimeout(1000);
  return { url, stop };
}
