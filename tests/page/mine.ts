/** Find my mistake, as the tests act on it and read it. */
import type { Page } from "puppeteer-core";
import { find, frames, inSight, openTool } from "./browser.ts";

/** Unfolds the panel, and pastes a text. */
export async function paste(page: Page, text: string) {
  await openTool(page, "mine");
  await give(page, text);
}

/** Puts a text into the field as a paste does, in one step. */
export async function give(page: Page, text: string) {
  const area = await inSight(page, "bn-mine >>> textarea");
  await area.click();
  await read(page, () =>
    page.evaluate((pasted) => {
      document.execCommand("selectAll");
      document.execCommand("insertText", false, pasted);
    }, text),
  );
}

/** Changes what the panel reads, and waits until it has read it. */
export async function read(page: Page, change: () => Promise<unknown>) {
  const panel = await find(page, "bn-mine");
  const given = (host: HTMLElement) => (host as HTMLElement & { given: unknown }).given; // a new list each time
  const before = await panel.evaluateHandle(given);
  await change();
  await page.waitForFunction(
    (host, was) => (host as HTMLElement & { given: unknown }).given !== was,
    {},
    panel,
    before,
  );
  await frames(page);
}

export const within = async (page: Page, selector: string): Promise<string[]> =>
  (await find(page, "bn-mine")).evaluate(
    (host, wanted) =>
      [...(host.shadowRoot as ShadowRoot).querySelectorAll(wanted)].map((element) =>
        (element.textContent ?? "").replace(/\s+/g, " ").trim(),
      ),
    selector,
  );

/** Each array's row: its id, name, what was understood, and the verdict. */
export const rows = async (page: Page) =>
  (await find(page, "bn-mine")).evaluate((host) =>
    [...(host.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>(".pick")].map((row) => {
      const text = (part: string) => row.querySelector(`.${part}`)?.textContent?.trim() ?? "";
      return [row.dataset["array"], text("name"), text("what"), text("judged")];
    }),
  );

export const headline = async (page: Page) => (await within(page, ".headline h3")).join();

export const hint = (page: Page, at: number) => within(page, `[data-hint="${at}"]`);
