/** What a link opens on. */
import type { Page } from "puppeteer-core";
import { type Lab, ready, url } from "./browser.ts";

export const shown = (page: Page) =>
  page.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") as Lab;
    const { selection, name, lens, mistake, moment, language, notation, theme, factor, sparing, tour } =
      session;
    const { node, cell } = selection;
    return {
      node,
      cell: `${cell.row + 1},${cell.column + 1}`,
      name,
      lens,
      mistake,
      moment,
      language,
      notation,
      theme: theme ?? "",
      off: [...session.off].join(),
      factor,
      parts: [...session.parts].join(),
      tools: [...session.tools].join(),
      sparing,
      tour,
      fault: session.message?.text ?? "",
    };
  });

/** Opens the page anew by a link. */
export async function openBy(page: Page, link: string) {
  await page.goto("about:blank");
  await page.goto(url + link);
  await ready(page);
}
