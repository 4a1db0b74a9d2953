/** All that the page says. */
import type { Page } from "puppeteer-core";

/** Every text and every label that someone can see or hear, in all shadow roots, one a line. */
export const everyText = (page: Page) =>
  page.evaluate(() => {
    const texts: string[] = [];
    for (const element of window.everyElement()) {
      if (
        element.matches(
          "script, style, noscript, [lang=en], [lang=zh-Hans]:not(.page), [translate=no], datalist *",
        )
      )
        continue;
      for (const name of ["aria-label", "title", "placeholder", "label", "alttext", "aria-description"]) {
        const text = element.getAttribute(name);
        if (text) texts.push(text);
      }
      for (const node of element.childNodes)
        if (node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim()) texts.push(node.nodeValue.trim());
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)
        texts.push(element.value);
    }
    return texts;
  });
