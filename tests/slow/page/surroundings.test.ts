/** <backnorm-lab> on somebody else's page: what it leaves alone, what it takes over, and how it can be treated. */
import assert from "node:assert/strict";
import { assertAccessible } from "../../page/accessible.ts";
import { appears, click, drop, find, hold, type Lab } from "../../page/browser.ts";
import {
  type Asked,
  ask,
  cell,
  edit,
  heard,
  kFirst,
  kHeard,
  kLarge,
  lectureTest,
  settled,
  shown,
  valuesOf,
} from "../../page/lecture.ts";

lectureTest(
  "without attributes, the language and the theme are those of the host page",
  {
    body: `<backnorm-lab id="plain"></backnorm-lab>
        <section lang="zh-CN"><div class="night"><backnorm-lab id="lab"></backnorm-lab></div></section>`,
    css: ".night { color-scheme: dark }",
  },
  async (page) => {
    await settled(page);
    const night = { ...kFirst, language: "zh-Hans", ground: "rgb(23, 23, 22)" };
    assert.deepEqual(await shown(page, "plain"), kFirst);
    assert.deepEqual(await shown(page), night);
    await ask(page, { lens: "steps" });
    assert.deepEqual(await shown(page), { ...night, lens: "steps" });
    await ask(page, { lens: null, language: "en", theme: "light" });
    assert.deepEqual(await shown(page), kFirst);
    await ask(page, { language: null, theme: null });
    assert.deepEqual(await shown(page), night);
    await click(page, "#lab >>> [name=language]");
    await settled(page);
    await ask(page, { node: "x" });
    assert.equal((await shown(page)).language, "en", "what the reader has chosen stays");
  },
);

lectureTest(
  "its colours and fonts are custom properties, and its panels are parts",
  {
    body: `<backnorm-lab id="lab" page="https://example.org/backnorm/"></backnorm-lab>`,
    css: `#lab {
          --backnorm-accent: rgb(1, 2, 3); --backnorm-paper: rgb(4, 5, 6); --backnorm-ink: rgb(7, 8, 9); --backnorm-card: rgb(10, 11, 12);
          --backnorm-muted: rgb(13, 14, 15); --backnorm-hairline: rgb(16, 17, 18); --backnorm-wash: rgb(19, 20, 21);
          --backnorm-accent-wash: rgb(22, 23, 24); --backnorm-sans: cursive; --backnorm-serif: fantasy; --backnorm-mono: fangsong;
        }
        ${["stage", "header", "check", "inspector", "inputs", "tool", "whole"].map((part, at) => `#lab::part(${part}) { outline-offset: ${at + 1}px }`).join("\n")}`,
  },
  async (page) => {
    const look = (selector: string, ...names: string[]) =>
      find(page, selector).then((found) =>
        found.evaluate(
          (element, wanted) => wanted.map((name) => getComputedStyle(element).getPropertyValue(name)),
          names,
        ),
      );
    assert.deepEqual(await look("#lab", "background-color", "color"), ["rgb(4, 5, 6)", "rgb(7, 8, 9)"]);
    assert.match((await look("#lab", "font-family")).join(), /^cursive/);
    assert.match((await look("#lab >>> .name", "font-family")).join(), /^fantasy/);
    assert.match(
      (await look("#lab >>> bn-checks >>> button.line .figure", "font-family")).join(),
      /^fangsong/,
    );
    assert.deepEqual(await look("#lab >>> .stage", "background-color", "border-top-color"), [
      "rgb(10, 11, 12)",
      "rgb(16, 17, 18)",
    ]);
    assert.deepEqual(await look("#lab >>> .tagline", "color"), ["rgb(13, 14, 15)"]);
    assert.deepEqual(
      await look(
        '#lab >>> bn-checks >>> .line[aria-pressed="true"]',
        "background-color",
        "border-left-color",
      ),
      ["rgb(22, 23, 24)", "rgb(1, 2, 3)"],
    );
    const parts = () =>
      page.evaluate(() =>
        [...(document.getElementById("lab")?.shadowRoot?.querySelectorAll("[part]") ?? [])].map((element) => [
          element.getAttribute("part"),
          getComputedStyle(element).outlineOffset,
        ]),
      );
    assert.deepEqual(await parts(), [
      ["header", "2px"],
      ["stage", "1px"],
      ["check", "3px"],
      ["inspector", "4px"],
      ["inputs", "5px"],
      ["tool", "6px"],
      ["tool", "6px"],
      ["tool", "6px"],
    ]);
    await ask(page, { view: "embed" });
    assert.deepEqual(await parts(), [
      ["stage", "1px"],
      ["whole", "7px"],
      ["inspector", "4px"],
    ]);
  },
);

lectureTest(
  "an element that is removed and inserted again keeps its state, and resumes its check",
  {
    body: '<backnorm-lab id="lab" preset="notes"></backnorm-lab><main></main>',
    before: kHeard,
  },
  async (page) => {
    const move = () =>
      page.evaluate(async () => {
        const lab = document.getElementById("lab") as Lab;
        const wasChecking = lab.session.progress !== undefined;
        lab.remove();
        await new Promise(requestAnimationFrame); // the page goes on without it
        document.querySelector("main")?.append(lab);
        return wasChecking;
      });
    await click(page, "#lab >>> [id=tab-steps]");
    await edit(page, "x", 1, "6.25");
    const [before, x] = [await shown(page), await valuesOf(page, "x")];
    await heard(page);
    assert.equal(await move(), false);
    await settled(page);
    assert.deepEqual(await shown(page), before);
    assert.deepEqual(await valuesOf(page, "x"), x);
    assert.deepEqual(await heard(page), []);
    await click(page, cell("x", 1));
    await hold(page, ["Control"], "z");
    assert.notDeepEqual(await valuesOf(page, "x"), x);

    await drop(page, "large.csv", kLarge, "bn-steps");
    await settled(page);
    const name = await page.evaluate(() => {
      const file = new File(
        [Array.from({ length: 1200 }, (_, row) => `${row % 7},${row % 11}`).join("\n")],
        "tall.csv",
      );
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(file);
      const lab = document.getElementById("lab") as Lab;
      lab.dispatchEvent(new DragEvent("drop", { dataTransfer }));
      return file.name;
    });
    await page.waitForFunction(
      (wanted) => (document.getElementById("lab") as Lab).session.name === wanted,
      {},
      name,
    );
    assert.equal(await move(), true, "it checked when it was taken out");
    await settled(page);
    assert.equal((await heard(page)).at(-1)?.[1], "verdict");
    assert.equal((await shown(page)).name, name);
  },
);

lectureTest(
  "in a column of 360 pixels nothing is cut off, and axe finds no violation of WCAG",
  {
    body: '<div class="column"><backnorm-lab id="lab" link="#v=1&node=x&open=mine,bank,batches"></backnorm-lab></div>',
    css: ".column { width: 360px }",
  },
  async (page) => {
    for (const tool of ["bn-mine", "bn-bank", "bn-batches"]) await appears(page, tool);
    for (const asked of [
      { language: "zh", lens: "steps" },
      { lens: "paths", theme: "dark" },
      { language: "en", theme: null, lens: "closed" },
      { lens: "graph", height: 600 },
    ] satisfies Asked[]) {
      await ask(page, asked);
      await page.waitForFunction(
        () => !window.everyElement().some((element) => element.matches(".lens .wait")),
      );
      const [wide, room] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.getElementById("lab") as Lab;
        return [scrollWidth, clientWidth] as const;
      });
      assert.ok(room > 340 && wide <= room, `${JSON.stringify(asked)}: ${wide} in ${room}`);
    }
    await ask(page, { height: null, lens: "closed", language: "zh", theme: "dark" });
    await assertAccessible(page);
  },
);

lectureTest(
  "a second copy of the package on the page does no harm",
  {
    body: '<backnorm-lab id="lab"></backnorm-lab><script type="module" src="copy/lab.js"></script>',
  },
  async (page) => {
    await page.evaluate(() => import(new URL("copy/lab.js?once-more", location.href).href));
    await click(page, "#lab >>> [id=tab-steps]");
    await appears(page, "bn-steps");
    assert.deepEqual(await shown(page), { ...kFirst, lens: "steps" });
  },
);
