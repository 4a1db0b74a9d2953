/** A lesson in eight sites, each built by what courses build theirs with, where the lab has to come up and answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Frame, Page } from "puppeteer-core";
import { open, type Site, visit } from "./sites.ts";

interface Lesson {
  /** Its address below that of the site. */
  lesson: string;
  /** The first page has a link to it, on which a script makes the lab instead of the parser. */
  link?: boolean;
}

const sites: Record<string, Site & Lesson> = {
  "plain HTML under a strict policy": { name: "html", built: "", lesson: "" },
  Jekyll: {
    name: "jekyll",
    command: "npm run build",
    built: "_site",
    lesson: "batch-norm.html",
  },
  "MkDocs Material": {
    name: "mkdocs",
    command: "npm run build",
    built: "site",
    lesson: "batch-norm/",
  },
  "Sphinx with MyST": {
    name: "sphinx",
    command: "npm run build",
    built: "_build",
    lesson: "batch-norm.html",
  },
  VitePress: {
    name: "vitepress",
    command: "npm run build",
    built: ".vitepress/dist",
    lesson: "batch-norm.html",
    link: true,
  },
  Docusaurus: {
    name: "docusaurus",
    command: "npm run build",
    built: "build",
    lesson: "batch-norm",
    link: true,
  },
};

for (const [title, { lesson, link, ...site }] of Object.entries(sites))
  test(`a page of ${title} has a working lab`, () =>
    visit(site, async (url) => {
      await open(url + lesson, async (page) => {
        await answers(page);
        await looks(page, 600);
      });
      if (link)
        await open(url, async (page) => {
          await page.click('a[href*="batch-norm"]');
          await answers(page);
          await looks(page, 600);
        });
    }));

const slides: Site = { name: "reveal", command: "npm run build", built: "dist" };

test("a slide of reveal.js has a lab that works, fits, and handles its own keys", () =>
  visit(slides, async (url) => {
    const fits = async (page: Page) => {
      const { top, bottom } = await page.$eval("backnorm-lab", (lab) => lab.getBoundingClientRect().toJSON());
      assert.ok(top >= 0 && bottom <= 900, `from ${top} to ${bottom} of 900 px`);
    };
    // the deck is laid out before the lab has its height
    await open(`${url}#/1`, async (page) => {
      await answers(page);
      await looks(page, 560);
      await fits(page);
    });
    // the lab is made on a slide that is hidden
    await open(url, async (page) => {
      const at = (slide: string) => page.waitForFunction((hash) => location.hash === hash, {}, slide);
      await page.waitForFunction(() => window.reported.length > 0);
      await page.keyboard.press("ArrowRight");
      await at("#/1");
      await answers(page);
      await fits(page);

      await page.keyboard.press("ArrowLeft"); // in the matrix that was clicked
      await page.waitForFunction(() => window.reported.length > 2);
      assert.deepEqual(await page.evaluate(() => window.reported.at(-1)), selects(1));
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await page.keyboard.press("ArrowRight");
      await at("#/2"); // and not 1, from where the other key would have gone
    });
  }));

const notebook: Site = {
  name: "notebook",
  pageIn: "",
  command: "jupyter nbconvert --config nbconvert_config.py --to html --execute batch-norm.ipynb",
  built: "",
};

test("a notebook has a working frame that reports its verdict to the notebook", () =>
  visit(notebook, (url) =>
    open(`${url}batch-norm.html`, async (page) => {
      const frame = await (await page.waitForSelector("iframe"))?.contentFrame();
      assert.ok(frame);
      await answers(frame);
      const verdict = await page.evaluate(() =>
        window.reported.find(({ type }) => type === "backnorm:verdict"),
      );
      assert.deepEqual(verdict?.detail, kPass.detail);
    }),
  ));

const kPass = {
  type: "backnorm-verdict",
  detail: { source: "check", verdict: "pass", firstWrong: null, right: 12, given: 12 },
};
const selects = (column: number) => ({
  type: "backnorm-select",
  detail: { node: "var", cell: { row: 0, column } },
});

/** The lab has a verdict on the case that it was asked for, shows the step that it was asked for, and takes a click. */
async function answers(view: Page | Frame) {
  const reported = () => view.evaluate(() => window.reported);
  await view.waitForFunction(() => window.reported.length > 0);
  assert.deepEqual(await reported(), [kPass]);
  await view.waitForSelector(`backnorm-lab >>> [data-step="var"][aria-pressed="true"]`, { visible: true });
  const inspector = await view.waitForSelector("backnorm-lab >>> bn-inspector", { visible: true });
  const text = await inspector?.evaluate(({ shadowRoot }) => shadowRoot?.textContent);
  assert.match(text ?? "", /the variance of each column\s+· shape \(4\)/);
  await view.waitForSelector("backnorm-lab >>> .aim"); // comes last, and moves what is below it
  await view.locator(`backnorm-lab >>> bn-inspector >>> [role="gridcell"][data-at="2"]`).click();
  await view.waitForFunction(() => window.reported.length > 1);
  assert.deepEqual(await reported(), [kPass, selects(2)]);
}

/** The lab is as tall as it was asked to be, and readers of the screen hear its name. */
async function looks(page: Page, height: number) {
  const lab = await page.waitForSelector(`aria/Batch norm's backward pass: iris[role="region"]`);
  assert.equal(await lab?.evaluate((element) => element.localName), "backnorm-lab");
  assert.equal(await lab?.evaluate((element) => (element as HTMLElement).offsetHeight), height);
}
