/** For everybody: by keyboard alone, with a finger, by ear, from right to left, and on paper. */
import assert from "node:assert/strict";
import { appears, follow, frames, kPhone, pageTest } from "../../page/browser.ts";

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
  "in a right-to-left document the page keeps its left-to-right layout",
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
