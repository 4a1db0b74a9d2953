/** For everybody: by keyboard alone, with a finger, by ear, from right to left, and on paper. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import {
  appears,
  click,
  focused,
  follow,
  frames,
  hold,
  kPhone,
  type Lab,
  pageTest,
  press,
  ready,
  state,
} from "./browser.ts";

/** What has the keyboard: whether it can be seen, and whether it says so itself. */
const standing = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body) return undefined;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const isFile = element.matches("input[type=file]"); // its label is what is seen
    const shown = isFile ? (element.parentElement as Element) : element;
    const ring = (one: Element | null): boolean => {
      if (!one) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
    };
    return {
      what: `${element.localName} ${element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 30)}`,
      ringed:
        ring(element) ||
        ring(shown) ||
        ring(element.closest("label")) ||
        element.querySelector(".card, .pick") !== null,
      inSight: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
      width: right - left,
      height: bottom - top,
    };
  });

pageTest(
  "Tab goes through the whole page, each stop in sight with a ring around it, and ends",
  {},
  async (page) => {
    const seen: string[] = [];
    for (let stops = 0; stops < 120; stops++) {
      await page.keyboard.press("Tab");
      const at = await standing(page);
      if (!at) break;
      await frames(page);
      const now = (await standing(page)) ?? at;
      seen.push(now.what);
      assert.ok(now.inSight, `${now.what} is out of sight`);
      assert.ok(now.ringed, `${now.what} has no ring`);
    }
    assert.ok(seen.length > 30 && seen.length < 120, `${seen.length} stops`);
  },
);

pageTest(
  "a whole lesson by keyboard: names, language, a lens, a node, a cell, a number, back again",
  {},
  async (page) => {
    const tabTo = async (name: RegExp) => {
      for (let stops = 0; stops < 120; stops++) {
        await page.keyboard.press("Tab");
        if (name.test((await focused(page)) ?? "")) return frames(page);
      }
      assert.fail(`Tab never comes to ${name}`);
    };
    await tabTo(/^Names$/);
    await page.keyboard.type("K");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.notation === "kratzert");
    await tabTo(/language/);
    await press(page, "Enter");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    await press(page, "Enter");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "en");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.evaluate(() => {
      const { shadowRoot } = document.querySelector("backnorm-lab") as Lab;
      (shadowRoot as ShadowRoot).querySelector<HTMLElement>("#tab-graph")?.focus();
    });
    await press(page, "ArrowRight");
    assert.equal(await page.evaluate(() => document.querySelector("backnorm-lab")?.session.lens), "steps");
    await ready(page);
    await press(page, "ArrowLeft");
    await ready(page);
    await tabTo(/^mu,|^var,/);
    const before = await state(page);
    await press(page, "ArrowDown");
    assert.notEqual((await state(page)).selection.node, before.selection.node);
    await tabTo(/^x: /);
    await press(page, "ArrowRight");
    await page.keyboard.type("2");
    await press(page, "Enter");
    const changed = await state(page);
    assert.equal(changed.x[1], 2);
    assert.notDeepEqual(changed.grads["x"], before.grads["x"]);
    await hold(page, ["Control"], "z");
    assert.deepEqual((await state(page)).x, before.x);
  },
);

for (const [name, link] of [
  ["the graph", "#v=1"],
  ["the steps", "#v=1&node=x&lens=steps"],
  ["the paths", "#v=1&node=x&lens=paths"],
  ["the closed form", "#v=1&node=x&lens=closed"],
  ["the tools", "#v=1&open=mine,bank,batches"],
] as const) {
  pageTest(
    `a finger finds every control of ${name}: 24 by 24 pixels, or as much room around it`,
    { link, view: kPhone, touch: true },
    async (page) => {
      if (link.includes("open"))
        for (const tool of ["bn-mine", "bn-bank", "bn-batches"]) await appears(page, tool);
      const small = await page.evaluate(() => {
        const controls = window
          .everyElement()
          .filter((element) =>
            element.matches(
              "button, a[href], input, select, summary, textarea, [role=button], [role=slider]",
            ),
          )
          .filter((element) => element.checkVisibility() && !element.matches("input[type=file]"))
          .map((element) => {
            const label = element.closest("label");
            const box = (label && element.matches("input, select") ? label : element).getBoundingClientRect();
            return {
              name: element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 24),
              inline: getComputedStyle(element).display === "inline",
              box,
            };
          })
          .filter(({ box }) => box.width > 0 && box.height > 0);
        const middle = ({ box }: (typeof controls)[number]) =>
          [box.x + box.width / 2, box.y + box.height / 2] as const;
        return controls
          .filter(({ box, inline }) => !inline && (box.width < 23.5 || box.height < 23.5))
          .filter((one) => {
            // WCAG 2.5.8: a circle of 24 pixels about a small one touches no other
            const [x, y] = middle(one);
            return controls.some((other) => {
              if (other === one) return false;
              const { left, right, top, bottom } = other.box;
              const away = Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
              return away < 12;
            });
          })
          .map(({ name: of, box }) => `${of}: ${box.width.toFixed(0)}×${box.height.toFixed(0)}`);
      });
      assert.deepEqual(small.slice(0, 10), [], `${small.length} controls are too small`);
    },
  );
}

pageTest(
  "in a document from right to left the page reads from left to right, and nothing is lost",
  { link: "#v=1&node=x" },
  async (page) => {
    const places = () =>
      page.evaluate(() =>
        window
          .everyElement()
          .filter((element) => element.matches("h1, h2, [role=tab], .node, bn-matrix, button"))
          .filter((element) => element.checkVisibility())
          .map((element) => {
            const { left, width } = element.getBoundingClientRect();
            return [element.id || element.localName, Math.round(left), Math.round(width)].join(" ");
          }),
      );
    const before = await places();
    await page.evaluate(() => {
      document.documentElement.dir = "rtl";
    });
    await frames(page);
    assert.deepEqual(await places(), before);
  },
);

pageTest(
  "a verdict that changes is announced once, politely, in the language of the page",
  { link: "#v=1&lang=zh&open=bank" },
  async (page) => {
    await appears(page, "bn-bank");
    const spoken = () =>
      page.evaluate(() =>
        window
          .everyElement()
          .filter(
            (element) =>
              element.matches("bn-checks [role=status], [role=status]") ||
              element.getAttribute("aria-live") === "polite",
          )
          .map((element) => (element.textContent ?? "").replace(/\s+/g, " ").trim())
          .filter(Boolean),
      );
    const before = await spoken();
    assert.ok(
      before.some((text) => /通过/.test(text)),
      before.join(" | "),
    );
    await follow(page, "#v=1&node=x&mistake=no-mean-path&lang=zh");
    const after = await spoken();
    assert.notDeepEqual(after, before);
    assert.ok(
      after.some((text) => /首个|第一个/.test(text)),
      after.join(" | "),
    );
  },
);

pageTest(
  "with reduced motion nothing moves",
  { link: "#v=1&node=x&moment=f1", notInFirefox: "WebDriver BiDi cannot set prefers-reduced-motion" },
  async (page) => {
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    await click(page, "bn-player >>> .step");
    const moving = await page.evaluate(
      () =>
        document.getAnimations().length +
        window.everyElement().filter((element) => element.matches(".pulse")).length,
    );
    assert.equal(moving, 0);
  },
);
