/**
 * How long an edit takes at 64×16: trace and check in the kernels, and what the page then does in elements, styles and
 * layout, and in paint from the next animation frame on until that frame is over. The wait for that frame is not in it;
 * `npm run bench:edit` prints medians and quartiles in milliseconds, in headless Chromium.
 */
import { fileURLToPath } from "node:url";
import type { Backnorm, Case } from "backnorm";
import puppeteer from "puppeteer-core";

const kRows = 64;
const kColumns = 16;
const kEdits = 200;

const script = (name: string) => import(new URL(`../../.scripts/${name}`, import.meta.url).href);
const { serve } = (await script("serve.js")) as {
  serve(options: { root: string }): Promise<{ url: string; close(): Promise<void> }>;
};
const { findChromium } = (await script("setup.js")) as { findChromium(): string | undefined };

interface Lab extends HTMLElement {
  bn: Backnorm;
  computed: { kase: Case<Float64Array>; rows: number; report: unknown };
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
    const { kase } = lab.computed;
    const trace = time(() => lab.bn.trace(kase));
    const check = time(() => lab.bn.gradcheck(kase));
    const at = (i * 37) % kase.x.length;
    const value = (kase.x[at] as number) + 0.5;
    const detail = { input: "x", changes: [{ at, value }] };
    await frame();
    const begun = performance.now();
    lab.dispatchEvent(new CustomEvent("bn-edit", { detail }));
    for (let j = 0; j < 100; j++) await undefined; // elements update in microtasks that queue further ones
    const updated = performance.now();
    document.body.getBoundingClientRect();
    const laidOut = performance.now();
    const paint = await frame();
    if (lab.computed.kase.x[at] !== value) throw new Error("the edit did not arrive");
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

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.round(share * (values.length - 1))] as number;

async function main() {
  const executablePath = process.env["CHROMIUM"] || findChromium();
  if (!executablePath) throw new Error("expected CHROMIUM or CHROME_PATH to name a browser");
  const site = await serve({ root: fileURLToPath(new URL("../../dist/page", import.meta.url)) });
  const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument("globalThis.__name = (f) => f;"); // tsx writes calls of it
    await page.setViewport({ width: 1440, height: 900 });
    await page.goto(site.url);
    await page.waitForFunction(
      () => (document.querySelector("backnorm-lab") as Element as Lab | null)?.computed?.report,
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
        const { computed } = document.querySelector("backnorm-lab") as Element as Lab;
        return computed.rows === rows && computed.report;
      },
      {},
      kRows,
    );
    for (const [node, inSight] of [
      ["var", "bn-graph"],
      ["x", "bn-graph"],
      ["x", "bn-inputs"],
    ] as const) {
      await page.evaluate(
        (id, element) => {
          const lab = document.querySelector("backnorm-lab");
          const detail = { node: id, cell: { row: 0, column: 0 } };
          lab?.dispatchEvent(new CustomEvent("bn-select", { detail }));
          lab?.shadowRoot?.querySelector(element)?.scrollIntoView();
        },
        node,
        inSight,
      );
      await page.evaluate(edit, kEdits / 4); // until the engine has compiled what it runs
      const found = await page.evaluate(edit, kEdits);
      console.log(
        `${kRows}×${kColumns}, ${node} chosen, ${inSight} in sight: median (quartiles) of ${kEdits} edits`,
      );
      for (const name of kTimes) {
        const [low, middle, high] = [0.25, 0.5, 0.75].map((share) =>
          quantile(
            found.map((times) => times[name]),
            share,
          ).toFixed(2),
        );
        console.log(`  ${name.padEnd(11)} ${middle} (${low}–${high})`);
      }
    }
  } finally {
    await browser.close();
    await site.close();
  }
}

await main();
