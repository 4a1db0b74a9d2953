/** What can be taken along: a link, the case as a text or a file, the graph as a picture, a print. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { kLenses } from "../../../web/lab/model/choices.ts";
import { caseAsJson } from "../../../web/lab/share/case-text.ts";
import { assertAccessible } from "../../page/accessible.ts";
import {
  appears,
  find,
  focused,
  frames,
  kDesk,
  kLab,
  kPhone,
  pageTest,
  press,
  state,
  upload,
  url,
} from "../../page/browser.ts";
import { faulty } from "../../page/faulty.ts";
import { act, kWatched, lastCopied, numbersOf, openShare, status } from "../../page/sharing.ts";

const bn = await load();

pageTest(
  "a case too large for a link is offered as a file, which restores it",
  { before: kWatched },
  async (page) => {
    const [x, gamma, beta, dy] = bn.randn(7, [1600, 40, 40, 1600]) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    await upload(page, "large.json", caseAsJson({ x, gamma, beta, dy, shape: [40, 40], ddof: 1 }));
    const before = numbersOf(await state(page));
    await openShare(page);
    assert.equal(await page.$(">>> bn-share >>> input"), null);
    const text = await (await find(page, "bn-share >>> dialog")).evaluate(({ textContent }) => textContent);
    const [, size] = /would have (\d+) characters\. Links of more than 16384/.exec(text ?? "") ?? [];
    assert.ok(Number(size) > 40_000, `${size}`);
    await act(page, "download");
    assert.equal(await status(page), "Saving backnorm-large.json.json.");
    const file = await page.evaluate(() => window.given.saved.at(-1)?.blob.text());
    await press(page, "Escape");
    await upload(page, "other.json", caseAsJson(bn.presets.notes));
    await upload(page, "again.json", file as string);
    assert.deepEqual(numbersOf(await state(page)), before);
  },
);

pageTest(
  "programs are copied in the names of the notation",
  { before: kWatched, link: "#v=1&names=pytorch" },
  async (page) => {
    await openShare(page);
    await act(page, "copy-NumPy");
    assert.match(
      await lastCopied(page),
      /^# cs231n, 4×5\nimport numpy as np\n\ninput = np\.array\(\[\[14\.08/,
    );
    await act(page, "copy-PyTorch");
    assert.match(await lastCopied(page), /grad_input, grad_weight, grad_bias = input\.grad, weight\.grad/);
  },
);

pageTest(
  "if the browser does not allow copying, the text is selected instead",
  {
    before: `Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error()) } });`,
  },
  async (page) => {
    await openShare(page);
    await act(page, "copy-NumPy");
    await appears(page, "textarea");
    const chosen = await (await find(page, "bn-share >>> textarea")).evaluate((element) => {
      const { value, selectionStart, selectionEnd } = element as HTMLTextAreaElement;
      return value.slice(selectionStart, selectionEnd);
    });
    assert.match(chosen, /^# cs231n, 4×5[\s\S]*ddof = 0/);
    assert.match((await status(page)) ?? "", /does not allow copying/);
    await act(page, "copy-link");
    assert.equal(await focused(page), "input");
  },
);

/** What the SVG is, as a document of its own. */
const lookAt = (page: Page) =>
  page.evaluate(async () => {
    const { name, blob } = window.given.saved.at(-1) as { name: string; blob: Blob };
    const picture = new DOMParser().parseFromString(await blob.text(), "image/svg+xml");
    const all = [...picture.querySelectorAll("*")];
    const { documentElement: root } = picture;
    return {
      name,
      type: blob.type,
      language: root.getAttribute("lang"),
      names: [...new Set(all.map(({ localName }) => localName))].sort(),
      attributes: [...new Set(all.flatMap((element) => element.getAttributeNames()))].sort(),
      colours: [...new Set(all.flatMap((element) => element.getAttribute("fill") ?? []))],
      texts: [...picture.querySelectorAll("text")].map(({ textContent }) => textContent ?? ""),
      title: picture.querySelector("title")?.textContent,
      about: picture.querySelector("desc")?.textContent,
      ground: picture.querySelector("rect[x^='-']")?.getAttribute("fill"),
      width: Number(root.getAttribute("width")),
      height: Number(root.getAttribute("height")),
      paths: picture.querySelectorAll("path").length,
    };
  });

/** How large the PNG is, and how much of it is not of the colour of its corner. */
const lookAtPng = (page: Page) =>
  page.evaluate(async () => {
    const { name, blob } = window.given.saved.at(-1) as { name: string; blob: Blob };
    const bitmap = await createImageBitmap(blob);
    const { width, height } = bitmap;
    const pen = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
    pen.drawImage(bitmap, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
    const drawn = pixels.filter((pixel) => pixel !== pixels[0]).length / pixels.length;
    return { name, type: blob.type, width, height, drawn, colours: new Set(pixels).size };
  });

pageTest(
  "a picture of the graph contains only visible shapes and text",
  { before: kWatched },
  async (page) => {
    const shown = await page.evaluate(() =>
      window
        .everyElement()
        .filter((element) => element.matches("bn-graph svg.picture text, svg.picture text"))
        .map(({ textContent }) => textContent?.trim() ?? ""),
    );
    await openShare(page);
    await act(page, "svg");
    const svg = await lookAt(page);
    assert.deepEqual([svg.name, svg.type], ["backnorm-cs231n-graph.svg", "image/svg+xml"]);
    const allowed = "circle defs desc g line marker path pattern rect svg text title tspan".split(" ");
    assert.deepEqual(
      svg.names.filter((name) => !allowed.includes(name)),
      [],
    );
    assert.deepEqual(
      svg.attributes.filter((name) => /^(?:on|aria|data|class|style|tabindex)|href|src/.test(name)),
      [],
    );
    assert.deepEqual(
      svg.colours.filter((colour) => !/^(?:none|#[0-9a-f]{6}|url\(#\w+\))$/.test(colour)),
      [],
    );
    assert.ok(shown.length > 50, `${shown}`);
    const flat = (text: string) => text.replace(/\s+/g, "");
    const heading = [
      "cs231n, 4×5",
      "In each box: the value above the line, ∂L/∂(it) below.",
      "negative",
      "positive",
    ];
    assert.deepEqual(svg.texts.map(flat).sort(), [...shown, ...heading].map(flat).sort());
    assert.equal(svg.title, "backnorm: Graph, cs231n");
    assert.match(svg.about ?? "", new RegExp(`4×5.*${url}#v=1&case=cs231n`));
    assert.equal(svg.ground, "#ffffff");
    assert.ok(svg.paths > 30, `${svg.paths}`);
    assert.equal(
      await page.$('>>> bn-graph >>> [fill="var(--ink)"]'),
      null,
      "the legend stays in the picture",
    );
    await act(page, "png");
    await page.waitForFunction(() => window.given.saved.length === 2);
    const png = await lookAtPng(page);
    assert.deepEqual([png.name, png.type], ["backnorm-cs231n-graph.png", "image/png"]);
    assert.deepEqual([png.width, png.height], [2 * svg.width, 2 * svg.height]);
    assert.ok(png.drawn > 0.02 && png.drawn < 0.6 && png.colours > 100, JSON.stringify(png));
  },
);

pageTest(
  "a picture has the page's colours and language",
  { before: kWatched, dark: true, link: "#v=1&lang=zh" },
  async (page) => {
    await openShare(page);
    await act(page, "svg");
    const { ground, language, texts } = await lookAt(page);
    assert.deepEqual([ground, language], ["#1f1f1e", "zh-Hans"]);
    assert.ok(texts.includes("每个框中，横线上方是值，下方是 ∂L/∂（该值）。"), `${texts}`);
  },
);

pageTest(
  "a name with characters that XML forbids still makes a picture",
  { before: kWatched },
  async (page) => {
    await upload(page, 'a\u0001<b>&".csv', "1,2\n3,5\n7,4\n");
    await openShare(page);
    await act(page, "svg");
    assert.match((await lookAt(page)).title ?? "", /^backnorm: Graph, a <b>&"/);
  },
);

pageTest(
  "if the page's policy forbids images, the sheet says so, and the SVG can be saved",
  {
    before: kWatched,
    link: kLab,
    address: async () => {
      const site = await faulty();
      site.policy = (policy) => policy.replace(/img-src[^;]*;/, "");
      return site.url;
    },
    expected: /img-src|favicon/,
  },
  async (page) => {
    await openShare(page);
    await act(page, "png");
    await page.waitForFunction(() =>
      window.everyElement().some(({ textContent }) => /^The security policy.*SVG\.$/.test(textContent ?? "")),
    );
    await act(page, "svg");
    assert.equal((await lookAt(page)).name, "backnorm-cs231n-graph.svg");
  },
);

for (const lens of kLenses.filter((one) => one !== "graph"))
  pageTest(
    `the lens ${lens} can only be printed, and the sheet says so`,
    { link: `#v=1&lens=${lens}` },
    async (page) => {
      await openShare(page);
      const section = await (await find(page, "bn-share >>> section:has([name=print])")).evaluate(
        (element) => ({
          buttons: [...element.querySelectorAll("button")].map(({ name }) => name),
          words: element.querySelector("p")?.textContent,
        }),
      );
      assert.deepEqual(section.buttons, ["print"]);
      assert.match(section.words ?? "", /^Only the graph can be saved/);
    },
  );

pageTest(
  "the sheet works by keyboard, and closing it restores the focus",
  { before: kWatched },
  async (page) => {
    await (await find(page, '[name="share"]')).focus();
    await press(page, "Enter");
    await appears(page, "dialog[open]");
    await frames(page);
    assert.equal(await focused(page), "input");
    await press(page, "Tab");
    assert.equal(await focused(page), "copy-link");
    await press(page, "Enter");
    assert.equal((await lastCopied(page)).length > 20, true);
    await press(page, "Tab", "Tab");
    assert.equal(await focused(page), "copy-PyTorch");
    await press(page, "Escape");
    assert.equal(await page.$(">>> dialog[open]"), null);
    assert.equal(await focused(page), "share");
    await press(page, "Enter");
    await appears(page, "dialog[open]");
    await act(page, "print");
    assert.equal(await page.evaluate(() => window.given.printed), 1);
    assert.equal(await page.$(">>> dialog[open]"), null, "the sheet would be printed");
  },
);

for (const [name, start] of Object.entries({
  "on a desk": { view: kDesk },
  "on a phone, dark, in Chinese": { view: kPhone, touch: true, dark: true, link: "#v=1&lang=zh" },
}))
  pageTest(`the sheet fits and is accessible ${name}`, start, async (page) => {
    await openShare(page);
    const { outside, small } = await (await find(page, "bn-share >>> dialog")).evaluate((dialog) => {
      const { left, right } = dialog.getBoundingClientRect();
      const all = [...dialog.querySelectorAll("button, input, p, h3")];
      const boxes = all.map((element) => ({ element, box: element.getBoundingClientRect() }));
      return {
        outside: boxes
          .filter(({ box }) => box.left < left || box.right > right || left < 0 || right > innerWidth)
          .map(({ element }) => element.textContent),
        small: boxes
          .filter(({ element, box }) => element.matches("button, input") && box.height < 36)
          .map(({ element }) => element.textContent),
      };
    });
    assert.deepEqual([outside, small], [[], []]);
    await assertAccessible(page);
  });

pageTest(
  "files are really saved under the page's policy",
  { notInFirefox: "WebDriver BiDi of this version cannot say where downloads go" },
  async (page) => {
    const folder = await mkdtemp(join(tmpdir(), "backnorm-share-"));
    try {
      const session = await page.createCDPSession();
      await session.send("Browser.setDownloadBehavior", {
        behavior: "allow",
        downloadPath: folder,
        eventsEnabled: true,
      });
      /** Presses a button, and waits until its file is there. */
      const save = async (name: string) => {
        const saved = new Promise<void>((done) => {
          session.on("Browser.downloadProgress", ({ state }) => state === "completed" && done());
        });
        await act(page, name);
        await saved;
      };
      await openShare(page);
      const wanted = ["backnorm-cs231n-graph.png", "backnorm-cs231n-graph.svg", "backnorm-cs231n.json"];
      for (const button of ["download", "svg", "png"]) await save(button);
      assert.deepEqual((await readdir(folder)).sort(), wanted);
      assert.deepEqual(JSON.parse(await readFile(join(folder, wanted[2] as string), "utf8")).x[0], [
        ...bn.presets.cs231n.x.subarray(0, 5),
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

/** How many pages a print has. */
const pagesOf = (pdf: Uint8Array) =>
  Buffer.from(pdf)
    .toString("latin1")
    .match(/\/Type\s*\/Page[^s]/g)?.length;

for (const lens of kLenses)
  pageTest(
    `the page prints on one sheet of A4 and of Letter, on two that lie, in light colours: ${lens}`,
    {
      link: `#v=1&lens=${lens}`,
      dark: true,
      notInFirefox: "its print by WebDriver has no size of paper of its own",
    },
    async (page) => {
      for (const format of ["A4", "Letter"] as const) {
        assert.equal(pagesOf(await page.pdf({ format, preferCSSPageSize: true })), 1, format);
        const lying = await page.pdf({ format, landscape: true, preferCSSPageSize: true });
        assert.equal(pagesOf(lying), 2, `${format}, lying`);
      }
      await page.emulateMediaType("print");
      await frames(page);
      const { scheme, shown } = await page.evaluate(() => ({
        scheme: getComputedStyle(document.documentElement).colorScheme,
        shown: window
          .everyElement()
          .filter((element) => element.matches(".top button, bn-player, .acts"))
          .filter((element) => element.getClientRects().length > 0)
          .map(({ outerHTML }) => outerHTML.slice(0, 80)),
      }));
      assert.equal(scheme, "light");
      assert.deepEqual(shown, []);
    },
  );
