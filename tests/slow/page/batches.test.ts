/** Train and eval: the numbers are the package's, and every control works by keyboard. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { train } from "../../../web/lab/train/training.ts";
import { assertIs, type Batches, inTraining, kPyTorch, open, settings } from "../../page/batches.ts";
import {
  caseOf,
  click,
  find,
  focused,
  frames,
  kPhone,
  type Lab,
  matrix,
  pageTest,
  press,
  state,
  withRole,
} from "../../page/browser.ts";
import { clocks, kClocks } from "../../page/held.ts";

const bn = await load();

pageTest(
  "with momentum 1 the running values are the last batch's, with 0 the initial ones",
  {},
  async (page) => {
    await open(page);
    await click(page, '[name="ten"]');
    const type = async (text: string) => {
      await click(page, '[name="momentum"]', 3);
      await page.keyboard.type(text);
      await press(page, "Enter");
    };
    await type("1");
    const kase = caseOf(await state(page));
    const { batches } = train(bn, kase, kPyTorch, 4, inTraining(10));
    const shown = async (label: string) =>
      (await matrix(page, `bn-batches >>> bn-matrix[label="${label}"]`)).values;
    for (const [of, word] of [
      ["mean", "mean"],
      ["variance", "variance"],
    ] as const)
      (await shown(`${word}, running`)).forEach((value, at) => {
        const own = batches.at(-1)?.[of][at] as number;
        assert.ok(Math.abs(value - own) <= 4e-16 * own, `${word} ${at}: ${value}, of the batch ${own}`); // two ways to sum
      });
    await type("0");
    assert.deepEqual(await shown("mean, running"), [0, 0, 0, 0, 0]);
    assert.deepEqual(await shown("variance, running"), [1, 1, 1, 1, 1]);
    await type("1.5");
    const alerts = await withRole(page, "alert");
    assert.deepEqual(alerts, ["Expected a number from 0 to 1. The old value is kept for now."]);
    assert.equal((await settings(page)).convention.momentum, 0);
    await click(page, '[name="momentum"]');
    await press(page, "Escape");
    assert.deepEqual(await withRole(page, "alert"), []);
  },
);

pageTest("the divisor and the batch size affect every number", {}, async (page) => {
  await open(page);
  await click(page, "bn-batches >>> button[name=step]");
  await assertIs(page, kPyTorch, 4, inTraining(1));
  await click(page, "bn-batches >>> input[name=unbiased]"); // the first of the two: n
  await assertIs(page, { momentum: 0.1, unbiased: false }, 4, inTraining(1));
  await (await find(page, "bn-batches >>> select[name=size]")).select("8");
  await frames(page);
  const { size, modes } = await settings(page);
  assert.equal(size, 8);
  await assertIs(page, { momentum: 0.1, unbiased: false }, 8, modes);
});

pageTest("every convention matches its framework", {}, async (page) => {
  await open(page);
  await click(page, '[name="ten"]');
  const list = await find(page, '[name="convention"]');
  for (const [name, momentum, unbiased] of [
    ["cs231n", 0.1, false],
    ["keras", 0.01, false],
    ["fused", 0.01, true],
    ["pytorch", 0.1, true],
  ] as const) {
    await list.select(name);
    await frames(page);
    await assertIs(page, { momentum, unbiased }, 4, inTraining(10));
  }
});

pageTest("in eval mode batches do not change the running statistics", {}, async (page) => {
  await open(page);
  await click(page, '[name="step"]');
  await click(page, '[name="mode"]');
  await press(page, "ArrowRight");
  assert.equal(await page.$$eval(">>> .now figcaption", (found) => found.length), 2);
  await click(page, '[name="step"]');
  await click(page, '[name="step"]');
  await assertIs(page, kPyTorch, 4, [true, false, false]);
  assert.deepEqual(await page.$$eval(">>> .chart .passed", (dots) => dots.length), 4);
});

pageTest("the panel works by keyboard alone", { before: kClocks }, async (page) => {
  await open(page);
  const order: (string | null | undefined)[] = [];
  for (let presses = 0; presses < 11; presses++) {
    await press(page, "Tab");
    order.push(await focused(page));
  }
  assert.deepEqual(
    order.map((name) => name ?? ""),
    [
      "play", "step", "ten", "reset", "mode", "convention", "momentum", "momentum", "unbiased", "size", "eps",
    ], // biome-ignore format: a list
  );
  await (await find(page, '[type="range"][aria-label="momentum"]')).focus();
  await press(page, "ArrowRight", "ArrowRight");
  assert.equal((await settings(page)).convention.momentum, 0.12);
  assert.equal(
    await (await find(page, '[name="convention"]')).evaluate(
      (list) => (list as HTMLSelectElement).selectedOptions[0]?.text,
    ),
    "your own",
  );
  await (await find(page, '[name="play"]')).focus();
  await press(page, " ");
  await page.waitForFunction(() => {
    const found = window.everyElement().find((element) => element.localName === "bn-batches") as Batches;
    return found.modes.length >= 3;
  });
  assert.equal(await clocks(page), 1);
  await press(page, " ");
  assert.equal(await clocks(page), 0, "it plays on");
});

pageTest(
  "closing the panel stops the player, and a new shape restarts it",
  { before: kClocks },
  async (page) => {
    await open(page);
    await click(page, '[name="play"]');
    assert.equal(await clocks(page), 1);
    assert.ok((await settings(page)).modes.length > 0, "it never played");
    await click(page, "details#batches > summary");
    await page.waitForFunction(() => window.clocks.size === 0);
    await (await find(page, 'select[aria-label="Case"]')).select("twoRows");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.name === "twoRows");
    await frames(page);
    const { modes, size } = await settings(page);
    assert.deepEqual([modes, size], [[], 2]);
  },
);

const undoable = (page: Page) =>
  page.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") as Lab & {
      session: { history: { can(step: string): boolean } };
    };
    return session.history.can("undo");
  });

pageTest("dragging ε changes the case continuously, and is one step to undo", {}, async (page) => {
  const slider = await find(page, 'bn-inputs >>> [type="range"]');
  await slider.scrollIntoView();
  await frames(page);
  const box = await slider.boundingBox();
  assert.ok(box, "the slider has no place");
  const [left, middle] = [box.x + 8, box.y + box.height / 2];
  await page.mouse.move(box.x + box.width / 2, middle);
  await page.mouse.down();
  const seen = new Set<number>();
  for (const share of [0.6, 0.7, 0.8, 0.9]) {
    await page.mouse.move(left + share * (box.width - 16), middle);
    await frames(page);
    seen.add((await state(page)).eps as number);
  }
  await page.mouse.up();
  assert.equal(seen.size, 4, `the case followed to ${[...seen]}`);
  const after = await state(page);
  assert.ok((after.eps as number) > 0.1, `ε is ${after.eps}`);
  assert.deepEqual(after.grads["x"], [...(bn.trace(caseOf(after)).nodes[0]?.grad ?? [])]);
  await click(page, '[name="undo"]');
  assert.equal((await state(page)).eps, 1e-5);
  assert.equal((await state(page)).name, "cs231n");
  assert.equal(await undoable(page), false);
  await click(page, '[name="redo"]');
  assert.equal((await state(page)).eps, after.eps);
  await (await find(page, 'bn-inputs >>> [type="range"]')).focus();
  await press(page, "ArrowLeft", "ArrowLeft"); // each a step of its own
  await click(page, '[name="undo"]');
  await click(page, '[name="undo"]');
  assert.equal((await state(page)).eps, after.eps);
});

pageTest("N − 1 can be chosen by keyboard, affects every number, and can be undone", {}, async (page) => {
  await (await find(page, 'bn-inputs >>> [name="ddof"]:checked')).focus();
  await press(page, "ArrowRight");
  const after = await state(page);
  assert.equal(after.ddof, 1);
  const { nodes } = bn.trace(caseOf(after));
  for (const { id, value, grad } of nodes) {
    assert.deepEqual(after.values[id], [...value], id);
    assert.deepEqual(after.grads[id], [...grad], `d${id}`);
  }
  assert.ok(
    after.report?.every(({ verdict }) => verdict === "pass"),
    "the check fails",
  );
  await click(page, '[name="undo"]');
  assert.equal((await state(page)).ddof, 0);
});

pageTest("with one row, N − 1 can't be chosen", {}, async (page) => {
  await page.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") as Lab & {
      session: { change(part: object): void };
    };
    const one = (...values: number[]) => Float64Array.from(values);
    session.change({ x: one(1, 2), dy: one(1, 1), gamma: one(1, 1), beta: one(0, 0), shape: [1, 2] });
  });
  await frames(page);
  const disabled = await page.$$eval(">>> bn-inputs >>> [name=ddof]", (found) =>
    found.map((radio) => (radio as HTMLInputElement).disabled),
  );
  assert.deepEqual(disabled, [false, true]);
  await open(page);
  await click(page, '[name="ten"]');
  await assertIs(page, kPyTorch, 2, inTraining(10));
});

pageTest("the panel fits a phone", { view: kPhone, touch: true }, async (page) => {
  await open(page);
  await click(page, '[name="ten"]');
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 360);
});
