/** The sites of web/examples/sites: built as their authors build them, served below /course/, opened in Chromium. */
import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after } from "node:test";
import puppeteer, { type Page } from "puppeteer-core";
import sirv from "sirv";
import { folder, install, lay, root, run } from "./packed.ts";

export interface Site {
  /** Its folder. */
  name: string;
  /** Where its author puts the page in one file. Any other site installs the package. */
  pageIn?: string;
  /** What builds it, as its files say. */
  command?: string;
  /** Where that puts it. */
  built: string;
}

const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

/** Builds a site and serves it while `body` looks at it. What is put into it has the version in its name. */
export async function visit({ name, pageIn, command, built }: Site, body: (url: string) => Promise<void>) {
  const example = `sites/${name}`;
  let project = join(folder, name);
  if (pageIn === undefined) {
    project = await install([example]);
    await run("npm", ["install", "--no-audit", "--no-fund"], project); // runs their postinstall, which a named package doesn't
  } else {
    await lay(example, project);
    await cp(join(root, "dist/backnorm.html"), join(project, pageIn, `backnorm-${version}.html`));
  }
  const [program, ...args] = command?.split(" ") ?? [];
  if (program) await run(program, args, project);
  const served = await serve(join(project, built));
  try {
    await body(served.url);
  } finally {
    await served.close();
  }
}

/** Serves a folder as /course/, since most courses have no host of their own. */
async function serve(built: string) {
  const base = "/course/";
  const files = sirv(built, { dev: true });
  const server = createServer((request, response) => {
    const { url = "" } = request;
    if (!url.startsWith(base)) {
      response.writeHead(url === "/favicon.ico" ? 204 : 404).end(); // browsers ask every host for that one
      return;
    }
    request.url = url.slice(base.length - 1);
    files(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://localhost:${(server.address() as AddressInfo).port}${base}`, close };
}

const browser = await puppeteer.launch({
  executablePath: process.env["CHROMIUM"] as string,
  args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
after(() => browser.close());

declare global {
  interface Window {
    /** What the element has told the page, and what a frame has told it. */
    reported: { type: string; detail: unknown }[];
  }
}

// Runs in the page, and in each of its frames, before their own scripts.
const kInPage = `
  globalThis.__name = (f) => f; // tsx writes calls of it into every function that is sent to the page
  globalThis.reported = [];
  for (const name of ["backnorm-verdict", "backnorm-select"])
    addEventListener(name, ({ type, detail }) => reported.push({ type, detail }));
  addEventListener("message", ({ data: { type, ...detail } }) => reported.push({ type, detail }));
  addEventListener("securitypolicyviolation", (event) =>
    console.error("violates the policy: " + event.violatedDirective + " " + event.blockedURI));
`;

/** A page of a site. Fails if it throws, writes an error, violates its policy, or asks another host for anything. */
export async function open(url: string, body: (page: Page) => Promise<void>) {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`throws ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`writes ${message.text()} ${message.location().url ?? ""}`);
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== "data:" && asked.origin !== new URL(url).origin) faults.push(`asks for ${asked}`);
  });
  try {
    await page.setViewport({ width: 1280, height: 900 });
    await page.evaluateOnNewDocument(kInPage);
    await page.goto(url);
    await body(page).catch((error) => faults.push(`${error.stack}`));
    assert.deepEqual(faults, [], url);
  } finally {
    await page.close();
  }
}
