/**
 * How long the page takes to its first verdict on a slow phone: 1.6 Mbit/s, 150 ms a round trip, a processor a quarter as
 * fast. Everything comes compressed by brotli, as most hosts send it, and nothing from a cache.
 * `npm run bench:opening` prints the table, in headless Chromium; `-- --write` writes it to tests/bench/OPENING.md.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { cpus } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import puppeteer, { type Browser } from "puppeteer-core";
import { spread } from "./quantiles.ts";

const kRounds = 15;
const kProcessor = 4;
const kNetwork = { upload: 750_000 / 8, download: 1_600_000 / 8, latency: 150 };

/** Where the page is asked to begin, and what is there to be seen. */
const kLinks = {
  "the lab": "#v=1",
  "CS231n's case": "#v=1&case=cs231n",
  "a mistake": "#v=1&case=cs231n&mistake=dvar-half",
};
const kSeen = {
  frame: ".stage",
  inputs: "bn-inputs",
  picture: ".lens bn-graph",
  verdict: ".bar .chip",
} as const;
type Seen = keyof typeof kSeen;

const script = (name: string) => import(new URL(`../../.scripts/${name}`, import.meta.url).href);
const { serve } = (await script("serve.js")) as {
  serve(options: {
    root: string;
    answer(request: IncomingMessage, response: ServerResponse): boolean;
  }): Promise<{ url: string; close(): Promise<void> }>;
};
const { findChromium } = (await script("setup.js")) as { findChromium(): string | undefined };

const kTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
const root = fileURLToPath(new URL("../../dist/page", import.meta.url));
const files = new Map(
  readdirSync(root).map((name) => [`/${name}`, brotliCompressSync(readFileSync(`${root}/${name}`))]),
);

let sent = 0;
function answer({ url = "/" }: IncomingMessage, response: ServerResponse): boolean {
  const path = url === "/" ? "/index.html" : url;
  const bytes = files.get(path);
  if (!bytes) return false;
  sent += bytes.length;
  response.setHeader("Content-Type", kTypes[extname(path)] ?? "");
  response.setHeader("Content-Encoding", "br");
  response.end(bytes);
  return true;
}

/** Milliseconds from the navigation until each is painted: until the frame after the one in which it is first there. */
async function open(browser: Browser, address: string): Promise<Record<Seen, number>> {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setViewport({ width: 412, height: 915 });
    await page.emulateNetworkConditions(kNetwork);
    await page.emulateCPUThrottling(kProcessor);
    await page.evaluateOnNewDocument("globalThis.__name = (f) => f;"); // tsx writes calls of it
    await page.evaluateOnNewDocument((seen: Record<string, string>) => {
      const times: Record<string, number> = {};
      Object.assign(globalThis, { times });
      const look = () => {
        const { shadowRoot } = document.querySelector("backnorm-lab") ?? {};
        for (const [name, selector] of Object.entries(seen))
          if (shadowRoot?.querySelector(selector))
            requestAnimationFrame(() => {
              times[name] ??= performance.now();
            });
        if (Object.keys(times).length < Object.keys(seen).length) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, kSeen);
    await page.goto(address, { waitUntil: "domcontentloaded" });
    const found = await page.waitForFunction(
      (count) => {
        const { times } = globalThis as unknown as { times: Record<Seen, number> };
        return Object.keys(times).length === count && times;
      },
      { polling: 100, timeout: 60_000 },
      Object.keys(kSeen).length,
    );
    return (await found.jsonValue()) as Record<Seen, number>;
  } finally {
    await context.close();
  }
}

const executablePath = process.env["CHROMIUM"] || findChromium();
if (!executablePath)
  throw new Error("there is no Chromium: `npm test -- page` installs one, or CHROMIUM names it");
const site = await serve({ root, answer });
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const rows: string[] = [];
  for (const [name, link] of Object.entries(kLinks)) {
    const rounds: Record<Seen, number>[] = [];
    sent = 0;
    for (let round = 0; round < kRounds; round++) rounds.push(await open(browser, site.url + link));
    const cells = (Object.keys(kSeen) as Seen[]).map((what) => spread(rounds.map((times) => times[what])));
    rows.push(`| ${name} | ${cells.join(" | ")} | ${(sent / kRounds / 1000).toFixed(0)} |`);
    console.error(rows.at(-1));
  }
  const [cpu] = cpus();
  const text = `# The page's first verdict on a slow phone, timed

Written by \`npm run bench:opening -- --write\`. ${await browser.version()}, headless, 412×915; ${cpu?.model ?? "an unknown processor"},
${cpus().length} of them shared, throttled to a quarter; 1.6 Mbit/s, 150 ms a round trip, everything sent by brotli and nothing cached.
Milliseconds from the navigation until each is painted: medians of ${kRounds} loads with their quartiles. The sum of what
is sent has the font of formulas in it, which comes after the verdict.

| link | ${Object.keys(kSeen).join(" | ")} | KB sent |
|---|${"--:|".repeat(Object.keys(kSeen).length + 1)}
${rows.join("\n")}
`;
  if (process.argv.includes("--write"))
    writeFileSync(fileURLToPath(new URL("OPENING.md", import.meta.url)), text);
  else console.log(text);
} finally {
  await browser.close();
  await site.close();
}
