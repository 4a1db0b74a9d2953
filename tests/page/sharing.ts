/** The sheet of what can be taken along, and what the page gives to the browser there. */
import type { Page } from "puppeteer-core";
import { appears, click, find, type State } from "./browser.ts";

declare global {
  interface Window {
    /** What the page has given to the browser. */
    given: { copied: string[]; saved: { name: string; blob: Blob }[]; printed: number };
  }
}

/** For the start of a page. */
// a browser without a screen keeps to itself what it is given
export const kWatched = `
  globalThis.given = { copied: [], saved: [], printed: 0 };
  Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => void given.copied.push(text) } });
  const blobs = new Map();
  const create = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    const href = create.call(URL, blob);
    blobs.set(href, blob);
    return href;
  };
  HTMLAnchorElement.prototype.click = function () {
    given.saved.push({ name: this.download, blob: blobs.get(this.href) });
  };
  globalThis.print = () => void given.printed++;
`;

export const openShare = async (page: Page) => {
  await click(page, '[name="share"]');
  await appears(page, "dialog[open]");
};
export const act = (page: Page, name: string) => click(page, `bn-share >>> [name="${name}"]`);

export const lastCopied = (page: Page) => page.evaluate(() => window.given.copied.at(-1) ?? "");

export const lastSaved = (page: Page) =>
  page.evaluate(async () => {
    const { name = "", blob } = window.given.saved.at(-1) ?? {};
    return { file: name, text: (await blob?.text()) ?? "" };
  });

export const status = async (page: Page) =>
  (await find(page, "bn-share >>> [role=status]")).evaluate(({ textContent }) => textContent?.trim());

/** All that makes up the case. */
export const numbersOf = ({ x, gamma, beta, dy, eps, ddof, rows, columns }: State) => ({
  x,
  gamma,
  beta,
  dy,
  eps,
  ddof,
  rows,
  columns,
});
