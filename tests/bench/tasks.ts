/**
 * How long the page is busy at a stretch with the largest cases: the longest task of its main thread, while a link to a million
 * numbers opens until they are checked, and while 100×500 numbers are diagnosed. A task of over 50 ms delays what a reader does.
 * `npm run bench:tasks` prints the table, in headless Chromium; `-- --write` writes it to tests/bench/TASKS.md.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import puppeteer, { type Page } from "puppeteer-core";
import { diagnosis, kLargest, longestTask } from "./longest-task.ts";
import { spread } from "./quantiles.ts";

const kRounds = 9;

const script = (name: string) => import(new URL(`../../.scripts/${name}`, import.meta.url).href);
const { serve } = (await script("serve.js")) as {
  serve(options: { root: string }): Promise<{ url: string; close(): Promise<void> }>;
};
const { findChromium } = (await script("setup.js")) as { findChromium(): string | undefined };

const executablePath = process.env["CHROMIUM"] || findChromium();
if (!executablePath)
  throw new Error("there is no Chromium: `npm test -- page` installs one, or CHROMIUM names it");
const site = await serve({ root: fileURLToPath(new URL("../../dist/page", import.meta.url)) });
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"] });

interface Lab extends HTMLElement {
  session: { computed?: { report?: object } };
}

async function open(page: Page, link: string) {
  await page.goto("about:blank");
  await page.goto(site.url + link);
  await page.waitForFunction(
    () => (document.querySelector("backnorm-lab") as Element as Lab | null)?.session?.computed?.report,
  );
}

try {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument("globalThis.__name = (f) => f;"); // tsx writes calls of it
  await page.setViewport({ width: 1440, height: 900 });
  const rows: string[] = [];
  const time = async (what: string, act: () => Promise<unknown>) => {
    const rounds: Awaited<ReturnType<typeof longestTask>>[] = [];
    for (let round = 0; round < kRounds; round++) rounds.push(await longestTask(page, act));
    const cells = [rounds.map(({ longest }) => longest), rounds.map(({ all }) => all)].map(spread);
    rows.push(`| ${what} | ${cells.join(" | ")} |`);
    console.error(rows.at(-1));
  };
  for (const link of kLargest) await time(`\`${link}\` opens`, () => open(page, link));
  await open(page, "#v=1");
  await time("a diagnosis of 100×500", await diagnosis(page));
  const [cpu] = cpus();
  const text = `# The page's longest tasks

Written by \`npm run bench:tasks -- --write\`. ${await browser.version()}, headless, 1440×900; ${cpu?.model ?? "an unknown processor"},
${cpus().length} of them shared. Milliseconds of the main thread's own time: medians of ${kRounds} rounds with their quartiles.

| what | longest task | all tasks |
|---|--:|--:|
${rows.join("\n")}
`;
  if (process.argv.includes("--write"))
    writeFileSync(fileURLToPath(new URL("TASKS.md", import.meta.url)), text);
  else console.log(text);
} finally {
  await browser.close();
  await site.close();
}
