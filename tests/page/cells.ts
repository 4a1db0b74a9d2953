/** The cells of the inputs: what they show, and blocks of them on the clipboard. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { caseOf, clipboard, find, frames, type Lab, matrix, type State } from "./browser.ts";

const bn = await load();

/** The same C++ on the same numbers: equal in every digit. */
export function assertComputed(shown: State) {
  const kase = caseOf(shown);
  const trace = bn.trace(kase);
  for (const { id, value, grad } of trace.nodes) {
    assert.deepEqual(shown.values[id], [...value], id);
    assert.deepEqual(shown.grads[id], [...grad], `d${id}`);
  }
  const report = bn.gradcheck(kase).nodes;
  assert.deepEqual(
    shown.report?.map(({ id, verdict, numeric }) => ({ id, verdict, numeric })),
    report.map(({ id, verdict, numeric }) => ({ id, verdict, numeric: [...numeric] })),
  );
}

/** What a cell or a field shows. */
export const textIn = async (page: Page, selector: string) =>
  (await find(page, selector)).evaluate(
    (element) =>
      (element as HTMLInputElement).value ?? element.querySelector("input")?.value ?? element.textContent,
  );

/** Whether a cell is being typed into. */
export const typing = async (page: Page, selector: string) =>
  (await find(page, selector)).evaluate((element) => element.querySelector("input") !== null);

export const invalid = async (page: Page, selector: string) =>
  (await find(page, selector)).evaluate((element) => element.querySelector("input")?.ariaInvalid);

export type Speaking = Lab & {
  session: {
    locale: unknown;
    fetchRest(): Promise<void>;
    speak(language: string, names: string): Promise<void>;
  };
};

/** The places that are chosen in a matrix of the inputs, among those in the document. */
export const block = async (page: Page, input: string) =>
  (await matrix(page, `bn-matrix[input="${input}"]`)).shown.filter((one) => one.chosen).map(({ at }) => at);

/** Pastes a text by way of the clipboard. Where there is none on it, as beside a picture, the page hears of it all the same. */
export async function paste(page: Page, text: string) {
  if (text) {
    await page.evaluate((wanted) => {
      const give = (event: ClipboardEvent) => {
        event.clipboardData?.setData("text/plain", wanted); // after the page has given its own
        event.preventDefault();
      };
      window.addEventListener("copy", give, { once: true });
    }, text);
    await clipboard(page, "Copy");
    await clipboard(page, "Paste");
    return;
  }
  await page.evaluate(() => {
    const options = { clipboardData: new DataTransfer(), bubbles: true, cancelable: true, composed: true };
    document.body.dispatchEvent(new ClipboardEvent("paste", options));
  });
  await frames(page);
}

/** What the first paste fetches, which may take longer than two frames. */
export const fetchRest = (page: Page) =>
  page.evaluate(async () => {
    const { session } = document.querySelector("backnorm-lab") as Speaking;
    await session.fetchRest();
  });

/** What Ctrl+C puts on the clipboard. */
export async function copy(page: Page): Promise<string> {
  await page.evaluate(() => {
    window.addEventListener(
      "copy",
      ({ clipboardData }) => Object.assign(window, { copied: clipboardData?.getData("text/plain") }),
      { once: true },
    );
  });
  await clipboard(page, "Copy");
  return page.evaluate(() => (window as { copied?: string }).copied ?? "nothing");
}

/** How often the page computes from here on. */
export async function countSteps(page: Page) {
  await page.evaluate(() => {
    const counts = { edits: 0 };
    const { session } = document.querySelector("backnorm-lab") as Lab;
    const edit = session.edit.bind(session);
    session.edit = (input, changes) => {
      counts.edits++;
      edit(input, changes);
    };
    Object.assign(window, { counts });
  });
  return () => page.evaluate(() => (window as unknown as { counts: { edits: number } }).counts.edits);
}
