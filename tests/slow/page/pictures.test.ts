/** A picture that is saved looks as the page does: block by block, in the colours of the screen. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Page } from "puppeteer-core";
import { find, frames, pageTest, type Start } from "../../page/browser.ts";
import { act, kWatched, openShare } from "../../page/sharing.ts";

/** The side of a block, in pixels of CSS: letters a little aside change its mean by little. */
const kBlock = 8;

/** How far from the lens a picture begins. */
const kMargin = 12;

interface Block {
  /** Its row and column. */
  at: string;
  /** The mean of its red, green and blue. */
  colour: number[];
}

/** The blocks of an image that is `scale` times finer than the page, without its margin, which shows what is around. */
const blocksOf = (page: Page, image: string, scale: number): Promise<Block[]> =>
  page.evaluate(
    async (base64, side) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const { width, height } = bitmap;
      const pen = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      pen.drawImage(bitmap, 0, 0);
      const { data } = pen.getImageData(0, 0, width, height);
      const mean = (row: number, column: number) => {
        const sums = [0, 0, 0];
        for (let y = row * side; y < (row + 1) * side; y++)
          for (let x = column * side; x < (column + 1) * side; x++)
            for (let i = 0; i < 3; i++) sums[i] = (sums[i] ?? 0) + (data[4 * (y * width + x) + i] ?? 0);
        return sums.map((sum) => Math.round(sum / side ** 2));
      };
      const blocks: Block[] = [];
      for (let row = 2; row < Math.floor(height / side) - 2; row++)
        for (let column = 2; column < Math.floor(width / side) - 2; column++)
          blocks.push({ at: `${row}, ${column}`, colour: mean(row, column) });
      return blocks;
    },
    image,
    kBlock * scale,
  );

const savedText = (page: Page) =>
  page.evaluate(async () => (await window.given.saved.at(-1)?.blob.text()) ?? "");

const savedBytes = (page: Page) =>
  page.evaluate(async () => {
    const bytes = new Uint8Array((await window.given.saved.at(-1)?.blob.arrayBuffer()) ?? new ArrayBuffer(0));
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });

const first = "#v=1&case=cs231n&node=x&cell=1,1";

// dy is finite, and four times dy is not
const kOverflow =
  "#v=1&case=own&x=1,2;2,3;4,5;4,8&dy=1e308,-1e308;-1e308,1e308;1e308,-1e308;-1e308,1e308" +
  "&gamma=0.01,0.01&beta=0,0&lens=closed&factor=dy";

const kHatch = / fill="url\(#bn-\d+\)"/;
const view = { width: 1440, height: 1400 };

const states: Record<string, Start & { has?: RegExp }> = {
  "the graph": { link: first },
  "the graph where nothing is yet": { link: `${first}&moment=f3`, has: /stroke-dasharray="[\d. ]+"/ },
  "a step with a mistake, in Chinese": { link: `${first}&lens=steps&lang=zh&mistake=dvar-half` },
  "a step of a long batch": { link: "#v=1&case=iris&node=x&cell=1,1&lens=steps", has: /<clipPath / },
  "the paths, one of them switched off, by night": {
    link: `${first}&lens=paths&off=throughMean`,
    dark: true,
  },
  "the closed form": { link: `${first}&lens=closed` },
  "the graph with a gradient of another shape": { link: `${first}&mistake=transposed`, has: kHatch },
  "the closed form where a factor overflows": { link: kOverflow, has: kHatch },
};

/** The lens on the screen, and where that is: taken until it is twice the same, since some of it is drawn late. */
async function screenOf(page: Page) {
  const place = async () =>
    (await find(page, "#lens")).evaluate((lens, margin) => {
      const { left, top, width, height } = lens.getBoundingClientRect();
      const [x, y] = [Math.floor(left) - margin, Math.floor(top) - margin];
      return { x, y, width: Math.ceil(width + 2 * margin), height: Math.ceil(height + 2 * margin) };
    }, kMargin);
  await page.mouse.move(2, 2); // nothing is pointed at
  await page.waitForNetworkIdle({ idleTime: 200 });
  for (let before: unknown; ; ) {
    await frames(page);
    const clip = await place();
    const now = { clip, image: await page.screenshot({ encoding: "base64", clip }) };
    if (isDeepStrictEqual(now, before)) return now;
    before = now;
  }
}

for (const [what, { has = /<path /, ...start }] of Object.entries(states))
  pageTest(
    `a picture looks as the page does: ${what}`,
    { view, ...start, before: kWatched },
    async (page) => {
      const { clip, image } = await screenOf(page);
      const screen = await blocksOf(page, image, 1);
      await openShare(page);
      await act(page, "svg");
      const svg = await savedText(page);
      assert.match(svg, has);
      assertAlike(await blocksOf(page, await drawn(page, svg, clip), 1), screen, "SVG");
      await act(page, "png");
      await page.waitForFunction(() => window.given.saved.length === 2);
      assertAlike(await blocksOf(page, await savedBytes(page), 2), screen, "PNG");
    },
  );

// the mean of a block is nearly the same without them
pageTest(
  "the lines of an infinite cell are in the PNG",
  { view, link: kOverflow, before: kWatched },
  async (page) => {
    const lens = await (await find(page, "#lens")).boundingBox();
    const cell = await (await find(page, "bn-closed-form >>> bn-matrix >>> .pinf")).boundingBox();
    assert.ok(lens && cell);
    await openShare(page);
    await act(page, "svg");
    const lines = [...(await savedText(page)).matchAll(/<rect width="1.5" height="5" fill="#(\w+)"\/>/g)];
    assert.equal(lines.length, 2, "of either sign");
    await act(page, "png");
    await page.waitForFunction(() => window.given.saved.length === 2);
    const share = await page.evaluate(
      async (x, y, width, height, colours) => {
        const bitmap = await createImageBitmap(window.given.saved.at(-1)?.blob as Blob);
        const pen = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
        pen.drawImage(bitmap, -x, -y);
        const pixels = pen.getImageData(0, 0, width, height).data;
        let drawn = 0;
        for (let at = 0; at < pixels.length; at += 4)
          if (
            colours.some((colour) =>
              colour.every((part, i) => Math.abs(part - (pixels[at + i] as number)) <= 1),
            )
          )
            drawn++;
        return drawn / (width * height);
      },
      2 * (cell.x - Math.floor(lens.x) + kMargin),
      2 * (cell.y - Math.floor(lens.y) + kMargin),
      Math.floor(2 * cell.width),
      Math.floor(2 * cell.height),
      lines.map(([, hex = ""]) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))),
    );
    assert.ok(share > 0.1 && share < 0.4, `${share} of the cell is of the lines' colour`); // 1.5 of 5, less the edges
  },
);

/** An SVG as the browser draws it by itself. */
async function drawn(page: Page, svg: string, size: { width: number; height: number }): Promise<string> {
  const beside = await page.browser().newPage();
  try {
    await beside.setViewport(size);
    await beside.setContent(`<body style="margin: 0">${svg}`);
    return await beside.screenshot({ encoding: "base64" });
  } finally {
    await beside.close();
  }
}

/** Letters are drawn by other means, and a little aside: some 20 of 13,000 blocks show it. */
function assertAlike(picture: Block[], screen: Block[], kind: string) {
  assert.ok(
    screen.length > 5000 && picture.length === screen.length,
    `${picture.length} of ${screen.length}`,
  );
  const unlike = screen.filter(({ colour }, i) =>
    colour.some((part, of) => Math.abs(part - (picture[i]?.colour[of] ?? 0)) > 24),
  );
  const places = unlike.map(({ at }) => at).join("; ");
  assert.ok(unlike.length <= screen.length / 200, `the ${kind} is unlike in block ${places}`);
}
