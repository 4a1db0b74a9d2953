/** Train and eval: the numbers are the package's, and every control works by keyboard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { type Convention, type Moments, train } from "../../web/lab/training.ts";
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
} from "./browser.ts";

const bn = await load();
const kPyTorch = { momentum: 0.1, unbiased: true };

interface Batches extends HTMLElement {
  convention: Convention;
  size: number;
  modes: readonly boolean[];
}

async function open(page: Page) {
  await (await find(page, "details#batches > summary")).focus();
  await press(page, "Enter");
  await page.waitForFunction(() => window.everyElement().some((element) => element.matches(".chart")));
  await frames(page);
}

const settings = (page: Page) =>
  page.evaluate(() => {
    const found = window.everyElement().find((element) => element.localName === "bn-batches") as Batches;
    const { convention, size, modes } = found;
    return { convention, size, modes: [...modes] };
  });

/** What the panel's matrices have to hold, by the package. */
async function expected(page: Page, want: Convention, size: number, modes: readonly boolean[]) {
  const kase = caseOf(await state(page));
  const { batches, running } = train(bn, kase, want, size, modes);
  const last = running.at(-1) as Moments;
  const fixed = { ...kase, runningMean: last.mean, runningVar: last.variance };
  const { y, cache } = bn.forward(kase.x, kase);
  return {
    "mean, running": last.mean,
    "variance, running": last.variance,
    ...(batches.length > 0 && {
      "mean, last batch": batches.at(-1)?.mean,
      "variance, last batch": batches.at(-1)?.variance,
    }),
    "y, training mode, by the batch’s μ and σ²": y,
    "y, eval mode, by the running ones": bn.infer(kase.x, fixed),
    "∂x, training mode, by three paths": bn.backward(kase.dy, cache).dx,
    "∂x, eval mode, by one": bn.inferBackward(kase.dy, fixed).dx,
  };
}

async function assertIs(page: Page, want: Convention, size: number, modes: readonly boolean[]) {
  assert.deepEqual(await settings(page), { convention: want, size, modes: [...modes] });
  for (const [label, values] of Object.entries(await expected(page, want, size, modes)))
    assert.deepEqual(
      (await matrix(page, `bn-batches >>> bn-matrix[label="${label}"]`)).values,
      [...(values ?? [])],
      label,
    );
}

test("running values follow from the batches, and the batches from the rows of x", () => {
  const kase = bn.presets.cs231n;
  const modes = [true, true, false, true, true];
  const { batches, running } = train(bn, kase, { momentum: 0.3, unbiased: false }, 3, modes);
  let [mean, variance] = [0, 1]; // of column 2
  const rows = [1, 6, 11, 16].map((at) => kase.x[at] as number);
  const possible = new Set<string>();
  for (const a of rows)
    for (const b of rows) for (const c of rows) possible.add(((a + b + c) / 3).toPrecision(9));
  modes.forEach((isTraining, step) => {
    const own = batches[step] as Moments;
    assert.ok(possible.has((own.mean[1] as number).toPrecision(9)), `batch ${step} is not of rows of x`);
    if (isTraining) {
      mean = 0.7 * mean + 0.3 * (own.mean[1] as number);
      variance = 0.7 * variance + 0.3 * (own.variance[1] as number);
    }
    // a few roundings of numbers up to 100
    assert.ok(Math.abs((running[step + 1]?.mean[1] as number) - mean) < 1e-13, `mean after ${step}`);
    assert.ok(
      Math.abs((running[step + 1]?.variance[1] as number) - variance) < 1e-13,
      `variance after ${step}`,
    );
  });
  assert.notDeepEqual(batches[0], batches[1]);
});

const steps = (count: number) => Array.from({ length: count }, () => true);

pageTest(
  "the running statistics and both modes are the package's, at first and after 1, 10 and 200 batches",
  {},
  async (page) => {
    await open(page);
    await assertIs(page, kPyTorch, 4, []);
    await click(page, '[name="step"]');
    await assertIs(page, kPyTorch, 4, steps(1));
    await click(page, '[name="reset"]');
    await click(page, '[name="ten"]');
    await assertIs(page, kPyTorch, 4, steps(10));
    for (let tens = 1; tens < 21; tens++) await click(page, '[name="ten"]');
    await assertIs(page, kPyTorch, 4, steps(200));
    const full = await (await find(page, '[name="step"]')).evaluate((button) => button.ariaDisabled);
    assert.equal(full, "true");
  },
);

pageTest(
  "with momentum 1 the running values are the last batch's, with 0 the first ones",
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
    const { batches } = train(bn, kase, kPyTorch, 4, steps(10));
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
    assert.deepEqual(alerts, ["Expected a number from 0 to 1. The old value stays until then."]);
    assert.equal((await settings(page)).convention.momentum, 0);
    await click(page, '[name="momentum"]');
    await press(page, "Escape");
    assert.deepEqual(await withRole(page, "alert"), []);
  },
);

pageTest("the divisor and the size of a batch are chosen, and go into every number", {}, async (page) => {
  await open(page);
  await click(page, "bn-batches >>> button[name=step]");
  await assertIs(page, kPyTorch, 4, steps(1));
  await click(page, "bn-batches >>> input[name=unbiased]"); // the first of the two: n
  await assertIs(page, { momentum: 0.1, unbiased: false }, 4, steps(1));
  await (await find(page, "bn-batches >>> select[name=size]")).select("8");
  await frames(page);
  const { size, modes } = await settings(page);
  assert.equal(size, 8);
  await assertIs(page, { momentum: 0.1, unbiased: false }, 8, modes);
});

pageTest("every convention is what its framework does", {}, async (page) => {
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
    await assertIs(page, { momentum, unbiased }, 4, steps(10));
  }
});

pageTest(
  "in Chinese and by the names of PyTorch the panel says the same of the same numbers",
  { link: "#v=1&case=cs231n&lang=zh&names=pytorch" },
  async (page) => {
    await open(page);
    await click(page, '[name="ten"]');
    const kase = caseOf(await state(page));
    const last = train(bn, kase, kPyTorch, 4, steps(10)).running.at(-1) as Moments;
    const fixed = { ...kase, runningMean: last.mean, runningVar: last.variance };
    const wanted = {
      "均值，滑动值": last.mean,
      "方差，滑动值": last.variance,
      "output，评估模式，用滑动值": bn.infer(kase.x, fixed),
      "grad_input，评估模式，只经一条": bn.inferBackward(kase.dy, fixed).dx,
    };
    for (const [label, values] of Object.entries(wanted))
      assert.deepEqual(
        (await matrix(page, `bn-batches >>> bn-matrix[label="${label}"]`)).values,
        [...values],
        label,
      );
    const said = await (await find(page, "bn-batches")).evaluate((host) =>
      (host.shadowRoot?.textContent ?? "").replace(/\s+/g, " "),
    );
    assert.match(said, /10 批/);
    assert.match(said, /PyTorch：momentum 默认为 0\.1，是新一批所占的权重；计入的方差除以 n − 1。/);
    assert.match(said, /grad_input=weightrunning_var\+ε·grad_output/);
    const chart = await (await find(page, "bn-batches >>> .chart")).evaluate((one) => one.ariaLabel);
    assert.match(chart ?? "", /^10 批之后第 1 列的滑动均值：[\d.]+；整个 input 的均值：[\d.]+$/);
    await click(page, '[name="momentum"]', 3);
    await page.keyboard.type("2");
    await press(page, "Enter");
    assert.deepEqual(await withRole(page, "alert"), ["应为 0 到 1 之间的数，改正之前沿用原值。"]);
  },
);

pageTest("in eval mode batches pass and the running statistics stay", {}, async (page) => {
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

pageTest("the panel works by keyboard alone", {}, async (page) => {
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
  await press(page, " ");
  const { length } = (await settings(page)).modes;
  await new Promise((settle) => setTimeout(settle, 500));
  assert.equal((await settings(page)).modes.length, length, "it plays on");
});

pageTest("a folded panel stops playing, and another shape begins anew", {}, async (page) => {
  await open(page);
  await click(page, '[name="play"]');
  await click(page, "details#batches > summary");
  await new Promise((settle) => setTimeout(settle, 400));
  const before = (await settings(page)).modes.length;
  await new Promise((settle) => setTimeout(settle, 400));
  assert.equal((await settings(page)).modes.length, before);
  assert.ok(before > 0, "it never played");
  await (await find(page, 'select[aria-label="Case"]')).select("twoRows");
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.name === "twoRows");
  await frames(page);
  const { modes, size } = await settings(page);
  assert.deepEqual([modes, size], [[], 2]);
});

const undoable = (page: Page) =>
  page.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") as Lab & {
      session: { history: { can(step: string): boolean } };
    };
    return session.history.can("undo");
  });

pageTest("dragging ε changes the case all along, and is one step to undo", {}, async (page) => {
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

pageTest("N − 1 is a choice by keyboard, goes into every number, and can be undone", {}, async (page) => {
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

pageTest("one row has no N − 1", {}, async (page) => {
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
  await assertIs(page, kPyTorch, 2, steps(10));
});

pageTest("the panel fits a phone", { view: kPhone, touch: true }, async (page) => {
  await open(page);
  await click(page, '[name="ten"]');
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 360);
});
