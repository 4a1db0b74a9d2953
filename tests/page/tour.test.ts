/** The tour: its scenes, the ways to and from them, and that its numbers are the engine's. */
import assert from "node:assert/strict";
import { type Case, load, type NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { read } from "../lab/numbers.ts";
import { assertAccessible } from "./accessible.ts";
import {
  address,
  appears,
  click,
  drop,
  find,
  follow,
  frames,
  kPhone,
  type Lab,
  looked,
  pageTest,
  press,
  state,
  texts,
} from "./browser.ts";

const bn = await load();
const kScenes = ["claim", "column", "sum", "mean", "paths", "nudge", "code"];

/** The scene on the screen, and where the keyboard is in it. */
const scene = (page: Page) =>
  page.evaluate(() => {
    const root = document.querySelector("backnorm-lab")?.shadowRoot?.querySelector("bn-tour")?.shadowRoot;
    return {
      id: root?.querySelector<HTMLElement>("[data-scene]")?.dataset["scene"],
      focused: root?.activeElement?.localName,
    };
  });

/** Until that scene is there. */
async function at(page: Page, id: string) {
  await appears(page, `[data-scene="${id}"]`);
  await frames(page);
}

/** Until the lab is there. */
async function inLab(page: Page) {
  await page.waitForFunction(() => {
    const lab = document.querySelector<Lab>("backnorm-lab");
    return lab?.session.tour === 0 && lab.session.following === 0;
  });
  await looked(page);
}

/** The numbers of a column, or one number. */
const shown = async (page: Page, name: string) =>
  (await texts(page, `:is([data-array="${name}"] .cell, [data-number="${name}"])`)).map((text) =>
    read(text.replace("= ", "")),
  );

/** The first column of an array. */
const column = ({ shape }: Case, values: ArrayLike<number>) =>
  Array.from(values).filter((_, place) => place % (shape[1] as number) === 0);

/** Three decimals are shown. */
function assertClose(got: readonly number[], wanted: readonly number[], what: string) {
  assert.equal(got.length, wanted.length, what);
  for (const [place, value] of wanted.entries())
    assert.ok(Math.abs((got[place] as number) - value) <= 5.1e-4, `${what}: ${got} and not ${wanted}`);
}

pageTest(
  "an empty fragment opens the tour, which the keyboard alone walks through",
  { link: "" },
  async (page) => {
    assert.equal((await scene(page)).id, "claim");
    for (const [place, id] of kScenes.slice(1).entries()) {
      await press(page, place % 2 ? "PageDown" : "ArrowRight");
      await at(page, id);
      assert.equal((await scene(page)).focused, "h2", id);
      assert.match(await address(page), new RegExp(`&tour=${place + 2}(&|$)`));
    }
    await press(page, "ArrowRight");
    assert.equal((await scene(page)).id, "code", "there is none after the last");
    await press(page, "PageUp", "ArrowLeft");
    await at(page, "paths");
    await page.goBack();
    await at(page, "nudge");
    await press(page, "Tab", "Tab");
    await press(page, "ArrowLeft");
    await at(page, "paths");
  },
);

pageTest(
  "each scene has a link and fits on the screen, and axe finds nothing in it",
  { link: "" },
  async (page) => {
    await page.setViewport({ width: 1280, height: 720 });
    for (const [place, id] of kScenes.entries()) {
      await follow(page, `#v=1&tour=${place + 1}`);
      await at(page, id);
      const { scrollHeight, scrollWidth } = await page.evaluate(() => {
        const { scrollHeight, scrollWidth } = document.documentElement;
        return { scrollHeight, scrollWidth };
      });
      assert.ok(scrollHeight <= 720 && scrollWidth <= 1280, `${id}: ${scrollWidth}×${scrollHeight}`);
      await assertAccessible(page, id);
      if (["claim", "sum", "nudge"].includes(id)) {
        await click(page, '[name="act"]');
        await assertAccessible(page, `${id}, answered`);
      }
    }
  },
);

pageTest("the tour's numbers are the engine's", { link: "" }, async (page) => {
  const { notes } = bn.presets;
  const trace = bn.trace(notes);
  const of = (id: NodeId, which: "value" | "grad" = "value") =>
    column(notes, trace.nodes.find((node) => node.id === id)?.[which] as Float64Array);
  await follow(page, "#v=1&tour=2");
  await at(page, "column");
  for (const id of ["x", "mean", "xc", "std", "xhat"] as const) {
    const wanted = of(id);
    assertClose((await shown(page, id)).slice(0, wanted.length), wanted, id);
  }
  await click(page, '[name="act"]');
  const x = notes.x.slice();
  x[0] = (x[0] as number) + 1;
  const moved = bn.trace({ ...notes, x }).nodes.find(({ id }) => id === "xhat")?.value as Float64Array;
  const xhat = await shown(page, "xhat");
  for (const [row, value] of column(notes, moved).entries())
    assert.ok(Math.abs((xhat[row] as number) - value) <= 0.0051, "two decimals are shown");

  await follow(page, "#v=1&tour=3");
  await at(page, "sum");
  await click(page, '[name="act"]');
  assertClose(await shown(page, "dy"), of("y", "grad"), "dy");
  assertClose((await shown(page, "dbeta")).slice(0, 1), of("beta", "grad"), "dbeta");

  await follow(page, "#v=1&tour=4");
  await at(page, "mean");
  const { direct, throughVar } = trace.paths.mean;
  assertClose(await shown(page, "direct"), column(notes, direct), "the direct path to the mean");
  assertClose(await shown(page, "throughVar"), column(notes, throughVar), "the path through the variance");
  assertClose(await shown(page, "distances"), [0], "the distances");
  await (await find(page, '[name="act"]')).focus();
  await press(page, "ArrowRight", "ArrowRight"); // the slider's own keys
  assertClose(await shown(page, "distances"), [-8], "around 12");
  assert.equal((await scene(page)).id, "mean");

  await follow(page, "#v=1&tour=5");
  await at(page, "paths");
  for (const path of ["direct", "throughVar", "throughMean"] as const)
    assertClose(await shown(page, path), column(notes, trace.paths.x[path]), path);
  assertClose(await shown(page, "dx"), of("x", "grad"), "dx");
  assertClose(await shown(page, "sum"), [0], "Σ dx");
  await click(page, '[name="act"]');
  assertClose(await shown(page, "sum"), [8], "Σ dx without the mean's path");
  assert.equal((await texts(page, "bn-tour >>> .chip.fail")).length, 1);

  await follow(page, "#v=1&tour=6");
  await at(page, "nudge");
  await click(page, '[name="act"]');
  const [loss] = await shown(page, "moved");
  assert.ok(Math.abs((loss as number) - 0.001 * (of("x", "grad")[0] as number)) < 1e-6, `L moved by ${loss}`);

  await follow(page, "#v=1&tour=7");
  await at(page, "code");
  assert.deepEqual(
    await page.$$eval(">>> .program .wrong", (found) => found.map((one) => one.getAttribute("data-array"))),
    ["dx"],
  );
});

pageTest(
  "the tour leads to the lab with its case, and the lab's door leads back",
  { link: "" },
  async (page) => {
    await click(page, '[name="skip"]');
    await inLab(page);
    const { name, x } = await state(page);
    assert.equal(name, "notes");
    assert.deepEqual(x, [...bn.presets.notes.x]);
    await click(page, '[name="why"]');
    await at(page, "claim");
    await page.goBack();
    await inLab(page);
    await follow(page, "#v=1&tour=7");
    await at(page, "code");
    await click(page, 'bn-tour >>> [name="act"]');
    await inLab(page);
    await appears(page, "bn-mine");
    await follow(page, "#v=1&tour=2");
    await at(page, "column");
    await drop(page, "own.csv", "1,2\n3,5\n7,4\n", "bn-tour");
    await inLab(page);
    assert.equal((await state(page)).name, "own.csv");
  },
);

pageTest(
  "a lab's case stays while the tour shows one that can be done by hand",
  { link: "#v=1&tour=2&case=twoRows" },
  async (page) => {
    assert.deepEqual((await shown(page, "x")).slice(0, 4), column(bn.presets.notes, bn.presets.notes.x));
    await click(page, '[name="skip"]');
    await inLab(page);
    assert.equal((await state(page)).name, "twoRows");
  },
);

pageTest(
  "a scene that doesn't exist is refused, and the lab opens",
  { link: "#v=1&tour=99" },
  async (page) => {
    const { message } = await state(page);
    assert.equal(message?.kind, "fault");
    assert.match(message?.text ?? "", /tour.*1, 2, 3, 4, 5, 6.*7.*99/);
    await inLab(page);
  },
);

pageTest(
  "the tour speaks Chinese, in a narrow window too",
  { link: "#v=1&tour=1&lang=zh", view: kPhone },
  async (page) => {
    for (const [place, id] of kScenes.entries()) {
      if (place > 0) await click(page, 'bn-tour >>> [name="next"]');
      await at(page, id);
      const [title] = await texts(page, "bn-tour >>> h2");
      assert.match(title ?? "", /\p{Script=Han}/u, id);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= kPhone.width, `${id} is ${width} wide`);
      await assertAccessible(page, id);
    }
  },
);

pageTest("the legend stays closed", {}, async (page) => {
  const legends = () => page.$$(">>> .legend").then((found) => found.length);
  assert.equal(await legends(), 1);
  await click(page, '[name="close-legend"]');
  assert.equal(await legends(), 0);
  await follow(page, "#v=1&case=notes");
  assert.equal(await legends(), 0);
});
