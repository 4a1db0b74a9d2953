/** The page in a frame of 400×360 on a course's page. */
import assert from "node:assert/strict";
import type { Frame, Page } from "puppeteer-core";
import { elsewhere, frames, pageTest, ready, type Start, url } from "./browser.ts";

interface Told {
  type?: string;
  subject?: string;
  height?: number;
}

declare global {
  interface Window {
    /** What the frame has told. */
    told: Told[];
  }
}

/** Listens as the documentation says; where it obeys, the frame is as tall as it asks to be. */
const kListens = (obeys: boolean) => `
  globalThis.told = [];
  addEventListener("message", ({ data, source }) => {
    const frame = document.querySelector("iframe");
    if (source !== frame.contentWindow) return;
    told.push(data);
    if (${obeys} && data.type === "backnorm:height") frame.style.height = data.height + "px";
  });`;

let courses = 0;

/** A test on a course's page with the lab in a frame of 400×360. */
export function frameTest(
  title: string,
  {
    link = "#v=1&node=x&view=embed",
    sandbox = "",
    obeys = false,
    ...start
  }: Start & { sandbox?: string; obeys?: boolean },
  body: (page: Page, frame: Frame) => Promise<void>,
) {
  const html = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Course</title><link rel="icon" href="data:,"><script>${kListens(obeys)}</script></head>
  <body>
    <button>of the page</button>
    <iframe ${sandbox} title="Batch norm" width="400" height="360" style="border: 0" src="${url}${link}"></iframe>
  </body>
</html>`;
  const address = () => elsewhere(`course-${courses++}.html`, html);
  pageTest(title, { address, fails: true, ...start }, async (page) => {
    const frame = await (await page.waitForSelector("iframe"))?.contentFrame();
    assert.ok(frame);
    await ready(frame);
    await body(page, frame);
  });
}

export const told = (page: Page, type: string) =>
  page.evaluate(
    (wanted) => window.told.filter((message) => message.type === wanted || message.subject === wanted),
    type,
  );

/** The heights, when the last one is how tall the frame's content is, and stays so. */
export async function heights(page: Page, frame: Frame): Promise<number[]> {
  const all = async () => (await told(page, "backnorm:height")).map(({ height }) => height ?? 0);
  const content = () =>
    frame.evaluate(() => {
      const content = window.everyElement().find((element) => element.matches(".page")) as Element;
      return Math.ceil(content.getBoundingClientRect().height);
    });
  for (;;) {
    const before = await all();
    await frames(frame); // in which it is laid out, measured and told
    await frames(page);
    const after = await all();
    if (after.length === before.length && after.at(-1) === (await content())) return after;
  }
}

export const size = (frame: Frame) =>
  frame.evaluate(() => {
    const { scrollHeight, scrollWidth } = document.documentElement;
    return { height: innerHeight, width: innerWidth, scrollHeight, scrollWidth };
  });

export const chosen = (frame: Frame) =>
  frame.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") ?? {};
    return [session?.name, session?.selection.node, session?.lens, session?.language];
  });
