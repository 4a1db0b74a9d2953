/**
 * How long an edit takes at 64×16: trace and check in the kernels, and what the page then does in elements, styles and
 * layout, and in paint from the next animation frame on until that frame is over. The wait for that frame is not in it.
 * `npm run bench:edit` prints the table, in headless Chromium; `-- --write` writes it to tests/bench/EDIT.md.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { Backnorm, Case } from "backnorm";
import puppeteer from "puppeteer-core";
import { spread } from "./quantiles.ts";

const kRows = 64;
const kColumns = 16;
const kEdits = 200;

const script = (name: string) => import(new URL(`../../.scripts/${name}`, import.meta.url).href);
const { serve } = (await script("serve.js")) as {
  serve(options: { root: string }): Promise<{ url: string; close(): Promise<void> }>;
};
const { findChromium } = (await script("setup.js")) as { findChromium(): string | undefined };

interface Lab extends HTMLElement {
  session: {
    bn: Backnorm;
    computed: {
      kase: Case<Float64Array>;
      layout: { sheets: { elements: { rows: number } } };
      report: unknown;
    };
    edit(input: string, changes: { at: number; value: number }[]): void;
    select(node: string, cell: { row: number; column: number }): void;
  };
}

const kTimes = ["trace", "check", "elements", "layout", "paint", "whole edit"] as const;
type Times = Record<(typeof kTimes)[number], number>;

/** Runs in the page: one edit after the other, each once the frame of the one before is over. */
async function edit(edits: number): Promise<Times[]> {
  const lab = document.querySelector("backnorm-lab") as Element as Lab;
  const time = (body: () => void) => {
    const begun = performance.now();
    body();
    return performance.now() - begun;
  };
  /** From the next animation frame on until it is painted. */
  const frame = () =>
    new Promise<number>((done) => {
      requestAnimationFrame(() => {
        const begun = performance.now();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - begun); // a task of its own, after the paint
        port2.postMessage(null);
      });
    });
  const found: Times[] = [];
  for (let i = 0; i < edits; i++) {
    const { kase } = lab.session.computed;
    const trace = time(() => lab.session.bn.trace(kase));
    const check = time(() => lab.session.bn.gradcheck(kase));
    const at = (i * 37) % kase.x.length;
    const value = (kase.x[at] as number) + 0.5;
    await frame();
    const begun = performance.now();
    lab.session.edit("x", [{ at, value }]);
    for (let j = 0; j < 100; j++) await undefined; // elements update in microtasks that queue further ones
    const updated = performance.now();
    document.body.getBoundingClientRect();
    const laidOut = performance.now();
    const paint = await frame();
    if (lab.session.computed.kase.x[at] !== value) throw new Error("the edit did not arrive");
    found.push({
      trace,
      check,
      elements: updated - begun - trace - check,
      layout: laidOut - updated,
      paint,
      "whole edit": laidOut - begun + paint,
    });
  }
  return found;
}

/** What is on the page meanwhile. */
const kViews = [
  ["graph", "var", "bn-graph"],
  ["graph", "x", "bn-graph"],
  ["graph", "x", "bn-inputs"],
  ["steps", "x", "bn-steps"],
  ["paths", "x", "bn-paths"],
  ["closed", "x", "bn-closed-form"],
] as const;

async function main() {
  const executablePath = process.env["CHROMIUM"] || findChromium();
  if (!executablePath)
    throw new Error("there is no Chromium: `npm test -- page` installs one, or CHROMIUM names it");
  const site = await serve({ root: fileURLToPath(new URL("../../dist/page", import.meta.url)) });
  const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument("globalThis.__name = (f) => f;"); // tsx writes calls of it
    await page.setViewport({ width: 1440, height: 900 });
    await page.goto(`${site.url}#v=1`);
    await page.waitForFunction(
      () => (document.querySelector("backnorm-lab") as Element as Lab | null)?.session.computed?.report,
    );
    await page.evaluate(
      (rows, columns) => {
        const text = Array.from({ length: rows }, (_, row) =>
          Array.from({ length: columns }, (_, column) =>
            (Math.sin(row * 1.7 + column ** 2) * 3).toFixed(4),
          ).join(),
        ).join("\n");
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], "edit.csv"));
        document.querySelector("backnorm-lab")?.dispatchEvent(new DragEvent("drop", { dataTransfer }));
      },
      kRows,
      kColumns,
    );
    await page.waitForFunction(
      (rows) => {
        const { computed } = (document.querySelector("backnorm-lab") as Element as Lab).session;
        return computed.layout.sheets.elements.rows === rows && computed.report;
      },
      {},
      kRows,
    );
    const rows: string[] = [];
    for (const [lens, node, inSight] of kViews) {
      await page.evaluate(
        (id, tab) => {
          const lab = document.querySelector("backnorm-lab");
          (lab as Element as Lab).session.select(id, { row: 0, column: 0 });
          lab?.shadowRoot?.querySelector<HTMLElement>(`#tab-${tab}`)?.click();
        },
        node,
        lens,
      );
      await page.waitForFunction(
        (element) => document.querySelector("backnorm-lab")?.shadowRoot?.querySelector(element),
        {},
        inSight,
      );
      await page.evaluate((element) => {
        document.querySelector("backnorm-lab")?.shadowRoot?.querySelector(element)?.scrollIntoView();
      }, inSight);
      await page.evaluate(edit, kEdits / 4); // until the engine has compiled what it runs
      const found = await page.evaluate(edit, kEdits);
      const cells = kTimes.map((name) => spread(found.map((times) => times[name])));
      rows.push(`| ${lens}, ${node} chosen, ${inSight} in sight | ${cells.join(" | ")} |`);
      console.error(rows.at(-1));
    }
    const [cpu] = cpus();
    const text = `# An edit on the page, timed

Written by \`npm run bench:edit -- --write\`. ${await browser.version()}, headless, 1440×900; ${cpu?.model ?? "an unknown processor"},
${cpus().length} of them shared. Milliseconds from the event of an edit at ${kRows}×${kColumns} until its frame is painted, without the wait for
that frame: medians of ${kEdits} edits with their quartiles. A frame lasts 16.7.

| lens | ${kTimes.join(" | ")} |
|---|${"--:|".repeat(kTimes.length)}
${rows.join("\n")}
`;
    if (process.argv.includes("--write"))
      writeFileSync(fileURLToPath(new URL("EDIT.md", import.meta.url)), text);
    else console.log(text);
  } finally {
    await browser.close();
    await site.close();
  }
}

await main();
