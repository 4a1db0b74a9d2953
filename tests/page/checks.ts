import type { NodeId, NodeReport } from "backnorm";
import type { Page } from "puppeteer-core";
import { find, frames } from "./browser.ts";

/** The order in which a backward pass reaches the gradients. */
export const order: NodeId[] = [
  "y",
  "beta",
  "scaled",
  "gamma",
  "xhat",
  "invstd",
  "std",
  "var",
  "sq",
  "xc",
  "mean",
  "x",
];

/** Every row as it stands there, by the words of its cells. */
export const rows = (page: Page) =>
  page.evaluate(() =>
    window
      .everyElement()
      .filter((element) => element.matches("[data-gradient]"))
      .map((row) => {
        const text = (selector: string) =>
          [...row.querySelectorAll(selector)].map((cell) => (cell.textContent ?? "").trim());
        return {
          id: (row as HTMLElement).dataset["gradient"],
          size: text(".size").join(),
          figures: text(".figure"),
          verdict: text(".chip").join(),
          first: text("em").join(),
          chosen: row.ariaPressed === "true",
          inTabOrder: (row as HTMLElement).tabIndex === 0,
          label: (row.textContent ?? "").replace(/\s+/g, " ").trim(),
        };
      }),
  );

/** The text of the first match below the panel, without line breaks. */
export const text = async (page: Page, selector: string) =>
  (await find(page, `bn-checks >>> ${selector}`)).evaluate((element) =>
    (element.textContent ?? "").replace(/\s+/g, " ").trim(),
  );

export const summary = (page: Page) => text(page, "header .chip");

const most = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));

/** The largest distance and what is allowed there, over the largest of the gradient. */
export function distance({ analytic, exact, bound }: NodeReport<Float64Array> | NodeReport<Float32Array>) {
  const off = Array.from(exact, (wanted, at) => Math.abs((analytic[at] as number) - wanted));
  const at = off.indexOf(Math.max(...off));
  return [off[at] as number, bound[at] as number].map((value) => value / most(exact)) as [number, number];
}

/** Until the last step of the sweep was taken. */
export const swept = async (page: Page) => {
  await page.waitForFunction(() => {
    const sweep = window.everyElement().find(({ localName }) => localName === "bn-sweep");
    const text = sweep?.shadowRoot?.textContent ?? "";
    return text.includes("At h =") && !/step \d+ of \d+ …|not computed yet/.test(text);
  });
  await frames(page);
};

export const csv = (count: number, columns: number) =>
  Array.from({ length: count }, (_, row) =>
    Array.from({ length: columns }, (_, column) => Math.sin(row * 1.7 + column ** 2).toFixed(3)).join(","),
  ).join("\n");
