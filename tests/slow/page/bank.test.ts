/** The bank of mistakes: all of them, found by word, each a link that makes it and shows where. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { mistakesIn } from "../../../web/lab/model/mistakes.ts";
import { mistakeText } from "../../../web/src/mistake-words.ts";
import { settingOf } from "../../../web/src/words.ts";
import {
  appears,
  census,
  click,
  find,
  focused,
  frames,
  kPhone,
  makeMistake,
  openTool,
  pageTest,
  press,
  state,
  upload,
  url,
} from "../../page/browser.ts";

const bn = await load();
const mistakes = mistakesIn(bn);

/** The ids of the mistakes under each heading, whether it is unfolded or not. */
const bank = async (page: Page): Promise<[title: string, ids: string[]][]> =>
  (await find(page, "bn-bank")).evaluate((host) =>
    [...(host.shadowRoot as ShadowRoot).querySelectorAll("details")].map((place): [string, string[]] => [
      place.querySelector("h3")?.textContent ?? "",
      [...place.querySelectorAll<HTMLElement>("[data-mistake]")].map(
        ({ dataset }) => dataset["mistake"] as string,
      ),
    ]),
  );

const text = async (page: Page, selector: string) =>
  (await find(page, selector)).evaluate((element) => (element.textContent ?? "").replace(/\s+/g, " ").trim());

const search = async (page: Page, words: string) => {
  const field = await find(page, "bn-bank >>> input");
  await field.evaluate((input) => (input as HTMLInputElement).select());
  await press(page, "Backspace");
  await field.type(words);
  await frames(page);
};

const made = (page: Page) => page.evaluate(() => document.querySelector("backnorm-lab")?.session.mistake);

pageTest("every mistake is listed once, from the loss back to x, with its words", {}, async (page) => {
  await openTool(page, "bank");
  const places = await bank(page);
  assert.deepEqual(
    places.flatMap(([, ids]) => ids),
    mistakes.map(({ id }) => id),
  );
  assert.equal(places.length, 8);
  const place = new Map(places.flatMap(([title, ids]) => ids.map((id) => [id, title])));
  for (const [id, title] of [
    ["divided-by-n-again", "The gradient from the loss"],
    ["dgamma-from-y", "∂β and ∂γ"],
    ["no-gamma", "∂x̂"],
    ["no-eps-dvar", "∂σ² and the steps before it"],
    ["dmean-unsummed", "∂μ"],
    ["other-ddof-backward", "The three paths of ∂x"],
    ["one-pass-variance", "The forward pass"],
    ["momentum", "The calls around the passes"],
  ] as const)
    assert.equal(place.get(id), title);
  const shown = await (await find(page, "bn-bank")).evaluate((host) =>
    Object.fromEntries(
      [...(host.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>("[data-mistake]")].map((row) => [
        row.dataset["mistake"] as string,
        {
          words: (row.textContent ?? "").replace(/\s+/g, " ").trim(),
          links: row.querySelectorAll("a").length,
        },
      ]),
    ),
  );
  for (const { id, title, explanation, hint, switchable } of mistakes) {
    const { words, links } = shown[id] as (typeof shown)[string];
    assert.ok(
      [title.en, id, explanation.en, hint.en].every((one) => words.includes(one)),
      id,
    );
    assert.equal(links, switchable ? 1 : 0, id);
  }
});

pageTest(
  "every link switches its mistake on in a fresh page, and chooses the node where it first shows",
  {},
  async (page) => {
    await openTool(page, "bank");
    const links = await (await find(page, "bn-bank")).evaluate((host) =>
      [...(host.shadowRoot as ShadowRoot).querySelectorAll("a")].map((link) => [
        link.closest<HTMLElement>("[data-mistake]")?.dataset["mistake"],
        link.getAttribute("href"),
      ]),
    );
    assert.equal(links.length, mistakes.filter(({ switchable }) => switchable).length);
    for (const [id, href] of links) {
      const { edges, nodes } = mistakes.find((one) => one.id === id) as (typeof mistakes)[number];
      const node = nodes[0] ?? edges[0]?.from;
      assert.equal(
        href,
        `#v=1&case=cs231n&node=${node}&cell=1,1&mistake=${encodeURIComponent(id as string)}&open=bank`,
      );
    }
    await page.goto("about:blank");
    await page.goto(`${url}${links.at(-1)?.[1]}`);
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.mistake);
    assert.equal(await made(page), links.at(-1)?.[0]);
  },
);

pageTest(
  "the mistake that is on is marked, its edge is drawn and named, and it can be switched off",
  {},
  async (page) => {
    await makeMistake(page, "dvar-half");
    assert.equal(await page.evaluate(() => scrollY), 0, "the graph is out of sight");
    assert.ok((await page.$$(">>> .edge.wrong")).length === 1, "the altered edge is drawn");
    assert.equal((await state(page)).selection.node, "var");
    assert.match(
      await text(page, "bn-bank >>> li.on"),
      /^½ left out of dvar dvar-half Switch it off edge σ² → √\(σ²\+ε\), on the path through the variance dvar lacks/,
    );
    assert.equal((await page.$$(">>> bn-bank >>> li.on")).length, 1);
    await click(page, "bn-bank >>> li.on button");
    assert.equal(await made(page), "");
    assert.equal((await page.$$(">>> bn-bank >>> li.on")).length, 0);
    assert.equal(
      await (await find(page, "bn-bank")).evaluate(
        (host) => (host.shadowRoot as ShadowRoot).activeElement?.textContent,
      ),
      "½ left out of dvar",
    );
    assert.equal((await page.$$(">>> .edge.wrong")).length, 0);
  },
);

pageTest(
  "a link to a mistake opens its place in the bank",
  { link: "#v=1&case=iris&node=x&cell=2,1&mistake=no-mean-path" },
  async (page) => {
    await openTool(page, "bank");
    const open = await (await find(page, "bn-bank")).evaluate((host) =>
      [...(host.shadowRoot as ShadowRoot).querySelectorAll("details[open] h3")].map(
        (title) => title.textContent,
      ),
    );
    assert.deepEqual(open, ["The three paths of ∂x"]);
    const other = await find(page, 'bn-bank >>> [data-mistake="dvar-half"] a');
    assert.equal(
      await other.evaluate((link) => link.getAttribute("href")),
      "#v=1&case=iris&node=var&cell=2,1&mistake=dvar-half&open=bank",
    );
  },
);

pageTest("search finds mistakes by words, in English and Chinese", {}, async (page) => {
  await openTool(page, "bank");
  const found = async () => (await bank(page)).flatMap(([, ids]) => ids);
  const having = (...words: string[]) =>
    mistakes
      .filter(({ id, title, explanation, hint }) => {
        const said = [title, explanation, hint].flatMap(({ en, zh }) => [en, zh]);
        return words.every((word) => `${id} ${said.join(" ")}`.toLowerCase().includes(word));
      })
      .map(({ id }) => id);
  await search(page, "Keras");
  assert.deepEqual(await found(), ["keras-eps"]);
  await search(page, "eps root");
  assert.deepEqual(await found(), having("eps", "root"));
  await search(page, "均值");
  assert.deepEqual(await found(), having("均值"));
  await search(page, "−1/2"); // with a real minus, or a plain one
  const real = await found();
  await search(page, "-1/2");
  assert.deepEqual(await found(), real);
  assert.ok(real.includes("dvar-power-half"), real.join());
  await search(page, "<b>nothing</b>");
  assert.deepEqual(await found(), []);
  assert.equal(
    await text(page, "bn-bank >>> .search [role=status]"),
    "No mistake contains “<b>nothing</b>”.",
  );
  assert.equal((await census(page))["b"], undefined);
  await search(page, " ");
  assert.equal((await found()).length, mistakes.length);
});

pageTest(
  "search finds mistakes by the notation's names and by ours",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&mistake=dvar-half&lang=zh&names=kratzert&open=bank" },
  async (page) => {
    await appears(page, "bn-bank");
    const found = async () => (await bank(page)).flatMap(([, ids]) => ids);
    await search(page, "dsqrtvar"); // by the names of the page, and by ours
    const theirs = await found();
    await search(page, "dstd");
    assert.ok(theirs.length > 1);
    assert.deepEqual(await found(), theirs);
  },
);

for (const [norm, kase] of [
  ["rms", "tokens"],
  ["group", "groupnorm"],
] as const)
  pageTest(
    `the bank of ${norm} norm has its mistakes, in its words`,
    { link: `#v=1&case=${kase}&node=x&cell=1,1&open=bank` },
    async (page) => {
      await appears(page, "bn-bank");
      const own = mistakesIn(bn, norm);
      const ids = (await bank(page)).flatMap(([, its]) => its);
      assert.deepEqual(
        ids,
        own.map(({ id }) => id),
      );
      const said = await (await find(page, "bn-bank")).evaluate((host) =>
        [...(host.shadowRoot as ShadowRoot).querySelectorAll("details")].map((one) => one.textContent).join(),
      );
      const setting = settingOf(norm);
      for (const { id } of own) {
        const { title, explanation } = mistakeText(id, "en", (array) => array, setting);
        assert.ok(said.includes(title), title);
        assert.ok(said.includes(explanation), explanation);
      }
      assert.doesNotMatch(said, /undefined|NaN/);
      await makeMistake(page, "dvar-half");
      assert.equal(await made(page), "dvar-half");
    },
  );

pageTest(
  "a mistake that needs another shape is refused",
  { link: "#v=1&case=layernorm&node=x&cell=1,1&open=bank" },
  async (page) => {
    await appears(page, "bn-bank");
    await search(page, "no-keepdims");
    await click(page, 'bn-bank >>> [data-mistake="no-keepdims"] a');
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.message);
    const { message } = await state(page);
    assert.match(message?.text ?? "", /a mistake that this case of layer norm .*no-keepdims/);
    assert.equal(await made(page), "");
  },
);

pageTest("after a file is opened, a link keeps the file", {}, async (page) => {
  await upload(page, "mine.csv", "1,2\n3,5\n7,4\n");
  await makeMistake(page, "no-mean-path");
  const { name, message, rows } = await state(page);
  assert.deepEqual([name, message?.kind, rows], ["mine.csv", undefined, 3]);
});

pageTest(
  "a mistake can be switched on and off from the top of the page, by keyboard alone",
  {},
  async (page) => {
    await (await find(page, 'button[name="bank"]')).focus();
    await press(page, "Enter");
    await appears(page, "bn-bank");
    await press(page, "Tab");
    assert.equal(await focused(page), "Search the mistakes");
    await page.keyboard.type("keras");
    await frames(page);
    await press(page, "Tab", "Tab", "Enter");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.mistake === "keras-eps");
    await frames(page);
    await press(page, "Tab", "Enter");
    assert.equal(await made(page), "");
  },
);

pageTest("on a phone nothing is wider than the screen", { view: kPhone }, async (page) => {
  await openTool(page, "bank");
  await search(page, "d");
  assert.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    "the page scrolls sideways",
  );
});
