/** The texts that put the lab into other pages: they are those of the sites that the slow tests build. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { type Embedding, kPlaces, kSnippets } from "../../../web/lab/share/snippets.ts";
import { appears, click, find, inFirefox, pageTest, root } from "../../page/browser.ts";

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const iris: Embedding = {
  fragment: "#v=1&case=iris&node=var&cell=1,1&lens=steps",
  title: "Batch norm's backward pass: iris",
  height: 600,
  brief: false,
  version,
  page: "https://example.org/backnorm/",
};

const texts = (page: Page) =>
  page.evaluate(() =>
    [...(window.everyElement() as HTMLElement[])]
      .filter(
        (element) =>
          element.matches("textarea") && (element.getRootNode() as ShadowRoot).host?.matches("bn-embed"),
      )
      .map((element) => (element as HTMLTextAreaElement).value),
  );

/** Opens the sheet and gives what its part about embedding says. */
async function sheet(page: Page) {
  await click(page, '[name="share"]');
  await appears(page, 'textarea[translate="no"]');
  return texts(page);
}

const field = (page: Page, name: string) => find(page, `bn-embed >>> [name="${name}"]`);

pageTest(
  "the sheet has the snippet for every place, for the current state and this version",
  { link: "#v=1&case=iris&node=xhat&lens=paths&names=kratzert" },
  async (page) => {
    const [first] = await sheet(page);
    assert.equal(
      first,
      `<script type="module" src="backnorm-${version}/lab.js"></script>\n<backnorm-lab preset="iris" lens="paths" node="xhat" notation="kratzert" height="600" role="region" aria-label="Batch norm’s backward pass: iris"></backnorm-lab>`,
    );
    for (const place of kPlaces) {
      await (await field(page, "place")).select(place);
      const found = await texts(page);
      assert.equal(found.length, kSnippets[place].parts(iris).length, place);
      assert.ok(
        found.some((text) => text.includes("iris") && text.includes("600")),
        `${place}: ${found}`,
      );
    }
    const [frame] = await texts(page);
    assert.match(
      frame as string,
      /^<iframe src="http:\/\/localhost:\d+\/#v=1&amp;case=iris&amp;.*&amp;view=embed" title=/,
    );
  },
);

pageTest(
  "title, height and the small view appear in the snippet",
  { link: "#v=1&case=cs231n" },
  async (page) => {
    await sheet(page);
    const title = await field(page, "title");
    await title.click({ count: 3 });
    await title.type('Week "3"');
    const height = await field(page, "height");
    await height.click({ count: 3 });
    await height.type("20");
    await page.keyboard.press("Tab");
    await (await field(page, "small")).click();
    const [text] = await texts(page);
    assert.match(text as string, /view="embed" height="360" role="region" aria-label="Week &#34;3&#34;"/);
  },
);

pageTest(
  "a snippet is copied, or selected if the browser does not allow copying",
  {
    ...(inFirefox && { notInFirefox: "its clipboard can't be read by a driver" }),
    before: `navigator.clipboard.writeText = async (text) => { if (window.forbidden) throw new Error("no"); window.copied = text; };`,
  },
  async (page) => {
    const [text] = await sheet(page);
    const copy = await find(page, "bn-embed >>> button");
    await copy.click();
    assert.equal(await page.evaluate(() => (window as { copied?: string }).copied), text);
    await page.evaluate(() => Object.assign(window, { forbidden: true }));
    await copy.click();
    await page.waitForFunction(() => {
      const deep = (root: Document | ShadowRoot | null | undefined): Element | null | undefined =>
        root?.activeElement?.shadowRoot ? deep(root.activeElement.shadowRoot) : root?.activeElement;
      const active = deep(document) as HTMLTextAreaElement | undefined;
      return active?.localName === "textarea" && active.selectionEnd === active.value.length;
    });
  },
);
