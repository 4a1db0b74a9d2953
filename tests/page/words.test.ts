/** Languages and notations: nothing is half translated, and a notation renames everything. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import { Locale } from "../../web/lab/locale.ts";
import { kNotations } from "../../web/lab/notations.ts";
import { kPresets } from "../../web/lab/presets.ts";
import { appears, click, kPhone, pageTest, ready, root, type Start, upload, url } from "./browser.ts";
import { openShare } from "./sharing.ts";

/** The texts of every template of a source, without its tags and without what is filled in. */
function textsOf(source: string): string[] {
  const texts: string[] = [];
  /** Reads a template from behind its first backtick; gives the place behind its last one. */
  function template(from: number, isMarkup: boolean): number {
    let text = "";
    let at = from;
    while (source[at] !== "`") {
      assert.ok(at < source.length, `a template ends: ${source.slice(from - 200, from + 100)}`);
      if (source[at] === "\\") at += 2;
      else if (source.startsWith("${", at)) {
        at = code(at + 2);
        text += "\u0000";
      } else text += source[at++];
    }
    if (isMarkup) texts.push(text);
    return at + 1;
  }
  /** Behind a string, a comment or a regular expression that begins at a place; the same place, if none does. */
  function skipped(at: number): number {
    const before = /[^\s]?(?=\s*$)/.exec(source.slice(Math.max(0, at - 40), at))?.[0] ?? "";
    const patterns = [/"(?:\\.|[^"\\])*"/y, /'(?:\\.|[^'\\\n])*'/y, /\/\/[^\n]*/y, /\/\*[\s\S]*?\*\//y];
    if (/^[(,=:[!&|?{};>]?$/.test(before))
      patterns.push(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/[\\\n])+\/[a-z]*/y);
    for (const pattern of patterns) {
      pattern.lastIndex = at;
      if (pattern.test(source)) return pattern.lastIndex;
    }
    return at;
  }
  /** Reads code up to the brace that ends it. */
  function code(from: number): number {
    let depth = 0;
    for (let at = from; at < source.length; at++) {
      const sign = source[at];
      if (sign === "{") depth += 1;
      else if (sign === "}" && depth-- === 0) return at + 1;
      else if (sign === "`")
        at = template(at + 1, /(?:html|svg)$/.test(source.slice(Math.max(0, at - 4), at))) - 1;
      else if (/["'/]/.test(sign as string)) at = Math.max(at, skipped(at) - 1);
    }
    return source.length;
  }
  code(0);
  return texts;
}

/** What is a name in every language: the page's own, a product, a key, a sign of mathematics. */
const names = /^(?:backnorm|NumPy|PyTorch|SVG|PNG|JSON|npy|N|L|x|y)$/;

test("no template of the page has words of its own: they stand in web/lab/words, in every language", () => {
  const folder = new URL("web/lab/", `file://${root}`);
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length > 40);
  let templates = 0;
  for (const file of files) {
    for (const text of textsOf(readFileSync(new URL(file, folder), "utf8"))) {
      templates += 1;
      const said = [
        ...text.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]*)"/g),
        ...text.matchAll(/(?:^|>)([^<>]*)(?=<|$)/g),
      ].flatMap(([, part = ""]) => part.match(/\p{L}{2,}/gu) ?? []);
      // a template may begin or end within a tag, as a list of attributes
      const words = said.filter((word) => !names.test(word) && !/^(?:nbsp|amp|lt|gt)$/.test(word));
      assert.deepEqual(words, [], `${file} says ${words.join(" ")}`);
    }
  }
  assert.ok(templates > 100, `${templates} templates were found`);
});

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

/** Changes language and names on the open page. */
async function speak(page: Page, language: string, names: string) {
  await page.evaluate(
    async (...wanted) => {
      const { session } = document.querySelector("backnorm-lab") as unknown as {
        session: { speak(language: string, names: string): Promise<void> };
      };
      await session.speak(...wanted);
    },
    language,
    names,
  );
  await ready(page);
}

const mine = async (page: Page) => {
  await appears(page, "bn-mine");
  await click(page, "bn-mine >>> .actions button");
  for (let hints = 0; hints < 2; hints++) await click(page, "bn-mine >>> .next");
};
const parts = async (page: Page) => {
  await appears(page, "[role=slider]");
  await appears(page, ".float32");
};
const trained = async (page: Page) => {
  await appears(page, ".chart");
  await click(page, '[name="ten"]');
};

/** Each state says something that the others don't. The link lacks its language and its names. */
const states: readonly (readonly [
  name: string,
  link: string,
  act?: ((page: Page) => Promise<unknown>) | undefined,
  start?: Start,
])[] = [
  ["the graph", "case=cs231n&node=var"],
  ["the graph in the middle of the backward pass", "case=cs231n&node=xc&moment=b10"],
  ["the graph on a phone", "case=iris&node=mean&moment=f1", undefined, { view: kPhone }],
  ["a mistake", "case=cs231n&node=x&cell=1,2&mistake=no-mean-path"],
  ["a mistake of the forward pass", "case=twoRows&node=std&mistake=eps-outside"],
  ["the steps", "case=cs231n&node=x&cell=2,3&lens=steps"],
  ["the paths", "case=cs231n&node=x&lens=paths&off=throughMean"],
  ["the closed form", "case=cs231n&node=x&lens=closed&ddof=1"],
  ["the sweep and float32", "case=cs231n&node=x&check=float32,sweep", parts],
  ["find my mistake", "case=notes&node=x&open=mine", mine],
  ["the bank", "case=cs231n&node=x&open=bank", (page) => appears(page, "bn-bank")],
  ["training", "case=iris&node=x&open=batches", trained],
  ["an assignment", "case=randn:7:6x3&node=x&mode=no-spoiler", (page) => appears(page, "bn-mine")],
  ["what is shared", "case=cs231n&node=x", openShare],
  ["a refused link", "case=nowhere&node=none&cell=0,0&x=1,a&off=none"],
];

/** Words of English that stand in a Chinese view by right. */
const international =
  /\b(?:backnorm|English|NumPy|PyTorch|TensorFlow|TF|Keras|ONNX|JSON|CSV|Ctrl|WebAssembly|JavaScript|SVG|PNG|CS231n|Kratzert|makemore|Ioffe|Szegedy|Iris|UCI|NaN|Taylor|Ridders|allclose|np|torch|Home|End|Space|float32|float64|ulps?|https?|rel_error|gradcheck|rtol|atol)\b/g;

/** Code, ids, file names and numbers are the same everywhere. */
function foreignIn(text: string): string[] {
  if (/[=]|\b(?:array|tensor)\(/.test(text) && !/\p{Script=Han}/u.test(text)) return []; // a formula or a line of code
  const rest = text
    .replace(/[“"][^”"]*[”"]/g, " ") // what the reader typed
    .replace(/[\w.]*[_.][\w.]*|\b\w+(?:-[\w/]+)+\b|\b[a-z]+\d+\w*\b/g, " ")
    .replace(international, " ");
  return (rest.match(/[A-Za-z]{3,}/g) ?? []).filter((word) => !codeNames.has(word));
}
const codeNames = new Set([
  ...kPresets,
  ...kNotations.flatMap((id) => {
    const { labels, code } = new Locale("en", id);
    return [...Object.values(labels), ...Object.values(code)].flatMap((name) => name.match(/[A-Za-z]+/g) ?? []);
  }),
  ...["eps", "ddof", "momentum", "cell", "node", "case", "off", "spoiler", "import", "print", "randn", "own"],
  ...["direct", "throughVar", "throughMean"], // as a link says them
  "swapped", "averaged", "unsummed", "broadcast", "accumulate", // ids of mistakes
]); // biome-ignore format: a list

for (const [name, link, act, start = {}] of states)
  pageTest(
    `${name} in Chinese has no English left, and in English by Kratzert's names no Chinese and no Greek of the paper`,
    { ...start, link: `#v=1&${link}&lang=zh` },
    async (page) => {
      await act?.(page);
      const chinese = await everyText(page);
      const found = chinese.flatMap((text) => foreignIn(text).map((word) => `${word} in: ${text}`));
      assert.deepEqual(found.slice(0, 12), []);
      assert.ok(chinese.some((text) => /\p{Script=Han}/u.test(text)));
      await speak(page, "en", "kratzert");
      for (const text of await everyText(page)) {
        assert.doesNotMatch(text, /\p{Script=Han}/u);
        // a slope is ∂a/∂b by any names
        assert.doesNotMatch(text.replace(/∂[^/]+\/∂/g, ""), /[γβμσ]|x̂|∂[\p{L}(]/u, text);
      }
    },
  );

pageTest(
  "a change of names or language renames what is there, and changes no number",
  { link: "#v=1&case=cs231n&node=var&lens=steps" },
  async (page) => {
    const numbers = async () => (await everyText(page)).filter((text) => /^−?\d+\.\d+$/.test(text)).sort();
    const before = await numbers();
    for (const id of kNotations) {
      await speak(page, "zh", id);
      assert.deepEqual(await numbers(), before);
    }
    assert.equal(await page.title(), "backnorm：批量归一化的反向传播，每个梯度都摊开来看");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
  },
);

pageTest("a sentence about a refused file is said in the language that is on", {}, async (page) => {
  await upload(page, "marks.csv", "a,b\n1,2\n3,oops\n");
  const message = () =>
    page.evaluate(() => document.querySelector("backnorm-lab")?.session.message?.text ?? "");
  assert.match(await message(), /expected .*What was here stays\.$/s);
  await click(page, "button[name=language]");
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
  assert.match(await message(), /^marks\.csv/);
  assert.deepEqual(foreignIn((await message()).replace("marks.csv", "")), []);
});

pageTest(
  "a browser that prefers Chinese opens on it where the address says nothing, and on what the address says",
  { before: 'Object.defineProperty(Navigator.prototype, "language", { get: () => "zh-CN" })' },
  async (page) => {
    const language = () => page.evaluate(() => document.querySelector("backnorm-lab")?.session.language);
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    const steps = await page.evaluate(() => history.length);
    await page.evaluate(() => document.querySelector("backnorm-lab")?.session.flush());
    assert.match(await page.evaluate(() => location.hash), /&lang=zh$/);
    assert.equal(await page.evaluate(() => history.length), steps, "it is no step to go back from");
    await page.goto("about:blank");
    await page.goto(`${url}#v=1&case=cs231n&node=x`);
    await ready(page);
    assert.equal(await language(), "en");
  },
);
