/** Languages and notations: nothing is half translated, and a notation renames everything. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { kNotations } from "../../../web/lab/maths/notations.ts";
import { kPresets } from "../../../web/lab/model/presets.ts";
import { Locale } from "../../../web/lab/words/locale.ts";
import { appears, click, kPhone, pageTest, ready, type Start, upload } from "../../page/browser.ts";
import { openShare } from "../../page/sharing.ts";
import { everyText } from "../../page/texts.ts";

const bn = await load();
const { graph } = bn;

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
  ["group norm, with arrays", "case=groupnorm&open=mine&example=2", (page) => appears(page, ".next")],
  ["RMS norm, with arrays", "case=tokens&open=mine&example=1", (page) => appears(page, ".next")],
  ["a refused link", "case=nowhere&node=none&cell=0,0&x=1,a&off=none"],
];

/** Words of English that stand in a Chinese view by right. */
const international =
  /\b(?:backnorm|English|HTML|iframe|Jekyll|MkDocs|Material|Sphinx|MyST|Docusaurus|VitePress|Jupyter|NumPy|PyTorch|TensorFlow|JAX|Paddle|MXNet|pandas|MATLAB|Octave|Julia|TF|Keras|ONNX|JSON|CSV|Ctrl|WebAssembly|JavaScript|RMS|SVG|PNG|CS231n|Kratzert|makemore|Ioffe|Szegedy|Iris|UCI|NaN|Taylor|Ridders|allclose|np|torch|Home|End|Space|float32|float64|ulps?|https?|rel_error|gradcheck|rtol|atol)\b/g;

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
    const locales = [graph, bn.graphOf("rms") as typeof graph].map((one) => new Locale("en", id, one));
    return locales
      .flatMap(({ labels, code }) => [...Object.values(labels), ...Object.values(code)])
      .flatMap((name) => name.match(/[A-Za-z]+/g) ?? []);
  }),
  ...["eps", "ddof", "momentum", "cell", "node", "case", "off", "spoiler", "import", "print", "randn", "own", "dist"],
  ...["direct", "throughVar", "throughMean", "throughRms"], // as a link says them
  "swapped", "averaged", "unsummed", "broadcast", "accumulate", // ids of mistakes
]); // biome-ignore format: a list

for (const [name, link, act, start = {}] of states)
  pageTest(
    `${name} has no English left in Chinese, and with Kratzert's names no Chinese or Greek left in English`,
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
        assert.doesNotMatch(text.replace(/∂.+?\/∂/g, ""), /[γβμσ]|x̂|∂[\p{L}(]/u, text);
      }
    },
  );

pageTest("a message about a refused file follows the current language", {}, async (page) => {
  await upload(page, "marks.csv", "a,b\n1,2\n3,oops\n");
  const message = () =>
    page.evaluate(() => document.querySelector("backnorm-lab")?.session.message?.text ?? "");
  assert.match(await message(), /expected .*Nothing was changed\.$/s);
  await click(page, "button[name=language]");
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
  assert.match(await message(), /^marks\.csv/);
  assert.deepEqual(foreignIn((await message()).replace("marks.csv", "")), []);
});
