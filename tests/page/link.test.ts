/** Links: what they say is what is shown, in every language and notation, and old ones keep opening. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { kNotations } from "../../web/lab/maths/notations.ts";
import { address, click, find, frames, type Lab, look, pageTest, ready, state, url } from "./browser.ts";
import { openBy, shown } from "./link.ts";
import { everyText } from "./texts.ts";

/** What each link of an earlier version opens on. None is ever taken out. */
const old: readonly (readonly [link: string, shown: Record<string, unknown>])[] = [
  ["", { name: "notes", tour: 1 }],
  ["#v=1", { name: "cs231n", node: "var", cell: "1,1", lens: "graph", tour: 0 }],
  ["#v=1&case=iris&node=var&cell=3,2&lens=steps", { name: "iris", node: "var", cell: "3,2", lens: "steps" }],
  ["#v=1&case=cs231n&node=xc&moment=f2", { name: "cs231n", node: "xc", moment: "f2" }],
  ["#v=1&case=cs231n&node=x&cell=1,2&mistake=no-mean-path", { mistake: "no-mean-path", cell: "1,2" }],
  ["#v=1&case=twoRows&node=x&lens=closed", { name: "twoRows", lens: "closed" }],
  ["#v=1&node=gamma", { name: "cs231n", node: "gamma", language: "en", notation: "paper" }],
];

pageTest("links of earlier versions still open the same state", {}, async (page) => {
  for (const [link, wanted] of old) {
    await openBy(page, link);
    const found = await shown(page);
    for (const [name, value] of Object.entries(wanted))
      assert.equal(found[name as keyof typeof found], value, `${name} of ${link}`);
    assert.equal(found.fault, "", link);
  }
});

pageTest("a link restores the exact state, in both languages and all notations", {}, async (page) => {
  const links = [
    "case=cs231n&node=x&cell=2,3&lens=paths&off=throughVar,throughMean",
    "case=cs231n&node=mean&cell=1,4&lens=closed&factor=xhat",
    "case=randn:7:6x3:2:10&node=var&cell=1,2&mistake=dvar-half",
    "case=iris&eps=0.1&ddof=1&node=xc&cell=120,3&lens=steps&theme=dark",
    "case=own&gamma=1,2&beta=0,1&x=1,2;4,3;5,9&dy=1,0;2,1;0,5&node=x&cell=3,2&moment=b7&check=sweep&open=bank",
  ];
  for (const [at, notation] of kNotations.entries()) {
    const language = at % 2 ? "zh" : "en";
    const tongue = `${language === "en" ? "" : `&lang=${language}`}${notation === "paper" ? "" : `&names=${notation}`}`;
    const link = `#v=1&${links[at]}`.replace(/(&theme=.*)?$/, (theme) => `${tongue}${theme}`);
    await openBy(page, link);
    const before = await shown(page);
    assert.equal(before.fault, "", link);
    assert.deepEqual([before.language, before.notation], [language, notation]);
    const numbers = await state(page);
    const written = await address(page);
    assert.deepEqual(
      [...new URLSearchParams(written.slice(1))].sort(),
      [...new URLSearchParams(link.slice(1))].sort(),
    );
    await openBy(page, written);
    assert.deepEqual(await shown(page), before);
    assert.deepEqual(await state(page), numbers);
  }
});

pageTest(
  "Back and Forward step through the choices, but not through cells",
  { link: "#v=1&node=var" },
  async (page) => {
    const states = [await shown(page)];
    const act = async (deed: () => Promise<unknown>) => {
      await deed();
      await frames(page);
      states.push(await shown(page));
    };
    await act(() => click(page, '[data-node="xc"] .label'));
    await act(() => look(page, "steps"));
    await act(() => click(page, 'bn-steps >>> [data-step="x"] .number'));
    await click(page, 'bn-inspector >>> [data-at="7"]');
    states[states.length - 1] = await shown(page);
    await act(async () => {
      await (await find(page, "button[name=language]")).click();
      await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    });
    const expectAt = async (at: number) => {
      await page.waitForFunction(
        (wanted) => {
          const { session } = document.querySelector("backnorm-lab") as Lab;
          return `${session.language} ${session.lens} ${session.selection.node}` === wanted;
        },
        {},
        `${states[at]?.language} ${states[at]?.lens} ${states[at]?.node}`,
      );
      assert.deepEqual(await shown(page), states[at]);
    };
    for (let at = states.length - 2; at >= 0; at--) {
      await page.evaluate(() => history.back());
      await expectAt(at);
    }
    for (let at = 1; at < states.length; at++) {
      await page.evaluate(() => history.forward());
      await expectAt(at);
    }
  },
);

pageTest(
  "a slip in a link is named, and so is what is missing; the rest of the link opens",
  {},
  async (page) => {
    for (const [link, told, wanted] of [
      ["#v=1&lense=paths&node=x", /expected the key lens, got “lense”/, { node: "x", lens: "graph" }],
      ["#v=1&case=own&gamma=1,2&node=x", /expected x, .* got gamma without x/, { node: "x", name: "cs231n" }],
      ["#v=1&case=own&x=1,2;3", /^The link’s x: expected rows of numbers [^:]*$/, { name: "cs231n" }],
      [
        "#v=1&case=own&x=1,2;3,5",
        /^x, 2×2\. Not given: gamma, beta, .*dy was not given/,
        { name: "own numbers" },
      ],
      ["#v=1&case=own", /too many for a link/, { name: "cs231n" }],
    ] as const) {
      await openBy(page, link);
      const found = await shown(page);
      assert.match(found.fault, told, link);
      assert.deepEqual({ ...found, ...wanted }, found, link);
    }
  },
);

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

pageTest(
  "a change of names or language renames everything, and changes no number",
  { link: "#v=1&case=cs231n&node=var&lens=steps" },
  async (page) => {
    const numbers = async () => (await everyText(page)).filter((text) => /^−?\d+\.\d+$/.test(text)).sort();
    const before = await numbers();
    for (const id of kNotations) {
      await speak(page, "zh", id);
      assert.deepEqual(await numbers(), before);
    }
    assert.equal(await page.title(), "backnorm：批量、层、组、实例与 RMS 归一化的反向传播");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
  },
);

pageTest(
  "the page opens in Chinese in a browser that prefers it, unless the URL sets a language",
  { link: "", before: 'Object.defineProperty(Navigator.prototype, "language", { get: () => "zh-CN" })' },
  async (page) => {
    const language = () => page.evaluate(() => document.querySelector("backnorm-lab")?.session.language);
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    const steps = await page.evaluate(() => history.length);
    await page.evaluate(() => document.querySelector("backnorm-lab")?.session.flush());
    assert.match(await page.evaluate(() => location.hash), /&lang=zh(&|$)/);
    assert.equal(await page.evaluate(() => history.length), steps, "it is no step to go back from");
    await page.goto("about:blank");
    await page.goto(`${url}#v=1&case=cs231n&node=x`);
    await ready(page);
    assert.equal(await language(), "en");
  },
);
