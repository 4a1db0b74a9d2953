/** The graph that is saved as a picture looks as it does on the page: block by block, in the colours of the screen. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Page } from "puppeteer-core";
import { find, frames, pageTest, type Start } from "../../page/browser.ts";
import { act, kWatched, openShare } from "../../page/sharing.ts";

/** The side of a block, in pixels of CSS: letters a little aside change its mean by little. */
const kBlock = 8;

/** Of 255: a line of 1.4 pixels that is missing changes a mean by more. */
const kMostAside = 24;

/** The graph, in a picture of it. */
interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Block {
  /** Its row and column. */
  at: string;
  /** The mean of its red, green and blue. */
  colour: number[];
}

/** The blocks of the graph in an image that is `scale` times finer than the page, without those of the legend. */
const blocksOf = (page: Page, image: string, { x, y, width, height }: Place, scale = 1): Promise<Block[]> =>
  page.evaluate(
    async (base64, x, y, width, height, side) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const pen = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      pen.drawImage(bitmap, -x, -y);
      const { data } = pen.getImageData(0, 0, width, height);
      const mean = (row: number, column: number) => {
        const sums = [0, 0, 0];
        for (let y = row * side; y < (row + 1) * side; y++)
          for (let x = column * side; x < (column + 1) * side; x++)
            for (let i = 0; i < 3; i++) sums[i] = (sums[i] ?? 0) + (data[4 * (y * width + x) + i] ?? 0);
        return sums.map((sum) => Math.round(sum / side ** 2));
      };
      const isTall = height > width;
      const blocks: Block[] = [];
      for (let row = 0; row < Math.floor(height / side); row++)
        for (let column = 0; column < Math.floor(width / side); column++)
          if (isTall || row > 8 || column > 40)
            blocks.push({ at: `${row}, ${column}`, colour: mean(row, column) });
      return blocks;
    },
    image,
    ...([x, y, width, height].map((length) => scale * length) as [number, number, number, number]),
    kBlock * scale,
  );

const savedText = (page: Page) =>
  page.evaluate(async () => (await window.given.saved.at(-1)?.blob.text()) ?? "");

const savedBytes = (page: Page) =>
  page.evaluate(async () => {
    const bytes = new Uint8Array((await window.given.saved.at(-1)?.blob.arrayBuffer()) as ArrayBuffer);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });

const first = "#v=1&node=x&cell=1,2";
const view = { width: 1440, height: 1400 };

const states: Record<string, Start & { has: RegExp }> = {
  "after both passes": { link: first, has: /marker-start="url\(#lit\)"/ },
  "where nothing is yet": { link: `${first}&moment=f3`, has: /stroke-dasharray="1px, 3px"/ },
  "with a mistake, by night": {
    link: `${first}&mistake=dvar-half`,
    dark: true,
    has: />dvar-half</,
  },
  "with a gradient of another shape": { link: `${first}&mistake=transposed`, has: /fill="url\(#nan\)"/ },
  "with a thousand cells": { link: "#v=1&case=iris&node=x", has: />150×4</ },
  "on a phone": { view: { width: 400, height: 2600 }, link: first, has: /viewBox="-10 -74 / },
};

/** The graph on the screen in the size of a picture: taken until it is twice the same, since some of it is drawn late. */
async function screenOf(page: Page) {
  const graph = await find(page, "bn-graph >>> svg.picture");
  await page.mouse.move(2, 2); // nothing is pointed at
  const clip = await graph.evaluate((element) => {
    const { style, viewBox, previousElementSibling: caption } = element as unknown as SVGSVGElement;
    const { width, height } = viewBox.baseVal;
    Object.assign(style, { width: `${width}px`, height: `${height}px`, maxWidth: "none" });
    (caption as HTMLElement).style.visibility = "hidden";
    const { left, top } = element.getBoundingClientRect();
    const [x, y] = [Math.ceil(left), Math.ceil(top)];
    style.translate = `${x - left}px ${y - top}px`;
    return { x, y, width, height };
  });
  for (let before: unknown; ; ) {
    await frames(page);
    const image = await page.screenshot({ encoding: "base64", clip });
    if (isDeepStrictEqual(image, before)) return { image, ...clip };
    before = image;
  }
}

for (const [what, { has, ...start }] of Object.entries(states))
  pageTest(
    `a picture of the graph looks like the page: ${what}`,
    { view, ...start, before: kWatched },
    async (page) => {
      await openShare(page);
      await act(page, "svg");
      const svg = await savedText(page);
      assert.match(svg, has);
      await act(page, "png");
      await page.waitForFunction(() => window.given.saved.length === 2);
      const png = await savedBytes(page);
      await act(page, "print"); // closes the sheet
      const { image, width, height } = await screenOf(page);
      const screen = await blocksOf(page, image, { x: 0, y: 0, width, height });
      const [, left = 0, top = 0] = /viewBox="-(\d+) -(\d+) /.exec(svg) ?? [];
      const place = { x: Number(left), y: Number(top), width, height };
      assertAlike(await blocksOf(page, await drawn(page, svg), place), screen, "SVG");
      assertAlike(await blocksOf(page, png, place, 2), screen, "PNG");
    },
  );

/** An SVG as the browser draws it by itself. */
async function drawn(page: Page, svg: string): Promise<string> {
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const beside = await page.browser().newPage();
  try {
    await beside.setViewport({ width: Number(width), height: Number(height) });
    await beside.setContent(`<body style="margin: 0">${svg}`);
    return await beside.screenshot({ encoding: "base64" });
  } finally {
    await beside.close();
  }
}

function assertAlike(picture: Block[], screen: Block[], kind: string) {
  assert.ok(screen.length > 5000, `${screen.length}`);
  assert.equal(picture.length, screen.length);
  const unlike = screen.filter(({ colour }, i) =>
    colour.some((part, of) => Math.abs(part - (picture[i]?.colour[of] ?? 0)) > kMostAside),
  );
  assert.deepEqual(
    unlike.map(({ at }) => at),
    [],
    `the ${kind} is unlike in these blocks`,
  );
}
