/** What axe-core finds in every state of the page, in both themes, both languages, wide and narrow. */
import type { Page } from "puppeteer-core";
import { assertAccessible } from "../../page/accessible.ts";
import { appears, click, follow, kDesk, pageTest } from "../../page/browser.ts";

const kNarrow = { width: 390, height: 844, isMobile: true, hasTouch: true };
const mistaken = "case=cs231n&node=x&cell=1,2&mistake=dvar-half";

async function share(page: Page) {
  await click(page, "[name=share]");
  await appears(page, "dialog[open]");
}

/** A state: its link, and what is on the page when it is there. */
const states: readonly (readonly [link: string, shows: string, act?: (page: Page) => Promise<unknown>])[] = [
  ["node=x", "bn-graph"],
  ["node=xc&moment=b10", "bn-graph"],
  ["node=x&lens=steps", "bn-steps"],
  [`${mistaken}&lens=steps`, "bn-steps"],
  ["node=x&lens=paths&off=throughMean", "bn-paths"],
  ["node=x&lens=closed", "bn-closed-form"],
  [`${mistaken}&lens=closed`, "bn-closed-form"],
  ["node=x&check=sweep", "[role=slider]"],
  ["node=x&check=float32", ".float32 .scale rect"],
  ["open=mine&example=1", "bn-mine"],
  ["open=bank", "bn-bank"],
  [`${mistaken}&open=bank`, "bn-bank"],
  ["open=batches", ".chart", (page) => click(page, "[name=ten]")],
  ["case=layernorm&open=mine&example=1", "bn-mine"],
  ["case=groupnorm", "bn-inputs"],
  ["case=tokens", "bn-inputs"],
  ["case=randn:7:6x3&mode=no-spoiler", "bn-mine"],
  ["view=embed&node=x", "bn-graph"],
  ["view=embed&node=x&lens=steps", "bn-steps"],
  ["view=embed&open=mine&example=1", "bn-mine"],
  ["case=nothing", ".message"],
  ["node=x&lens=paths", "bn-paths", share], // last, since the dialog stays
];

for (const [name, start, settings] of [
  ["in light, in English, on a desk", { view: kDesk }, "lang=en"],
  ["in dark, in Chinese, on a desk", { view: kDesk, dark: true }, "lang=zh&names=pytorch"],
  ["in light, in Chinese, on a phone", { view: kNarrow }, "lang=zh"],
  ["in dark, in English, on a phone", { view: kNarrow, dark: true }, "lang=en&names=cs231n"],
] as const)
  pageTest(`axe finds nothing in any state ${name}`, { ...start, minutes: 10 }, async (page) => {
    for (const [link, shows, act] of states) {
      await follow(page, `#v=1&${link}&${settings}`);
      await appears(page, shows);
      await act?.(page);
      await assertAccessible(page, link);
    }
  });
