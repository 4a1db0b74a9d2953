/** The check panel: the twelve gradients and the first wrong one, the step sweep, float32, a check that was cancelled, and what it says in either language by any names. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Case, load, type NodeId, type NodeReport } from "backnorm";
import type { Page } from "puppeteer-core";
import { scientific } from "../../../web/lab/base/numbers.ts";
import { switchableIn } from "../../../web/lab/model/mistakes.ts";
import { read } from "../../lab/numbers.ts";
import {
  appears,
  caseOf,
  click,
  find,
  focused,
  follow,
  frames,
  inSight,
  kPhone,
  kUnfetched,
  pageTest,
  press,
  ready,
  root,
  state,
  upload,
} from "../../page/browser.ts";
import { csv, distance, order, rows, summary, swept, text } from "../../page/checks.ts";
import { holdChecks, kHeld } from "../../page/held.ts";

const bn = await load();

const choose = async (page: Page, mistake: string) => {
  const link = new URLSearchParams(new URL(page.url()).hash.slice(1) || "v=1");
  link.set("mistake", mistake);
  await follow(page, `#${link}`);
};

pageTest(
  "with a mistake switched on, the first wrong gradient stands out and the others inherit",
  { link: "#v=1&case=cs231n&node=x&cell=1,1&mistake=dvar-half" },
  async (page) => {
    assert.match(await summary(page), /^first wrong: ∂σ2$/);
    const shown = await rows(page);
    const verdicts = Object.fromEntries(shown.map(({ id, verdict }) => [id, verdict]));
    assert.equal(verdicts["var"], "fail");
    for (const id of ["sq", "xc", "x"]) assert.equal(verdicts[id], "fail, inherited", id);
    for (const id of order.slice(0, 7)) assert.equal(verdicts[id], "pass", id);
    assert.deepEqual(
      shown.filter(({ first }) => first !== "").map(({ id, first }) => [id, first]),
      [["var", "first wrong here"]],
    );
    for (const { id, verdict, figures, label } of shown) {
      const [off, allowed] = figures.map(read) as [number, number];
      assert.equal(off > allowed, verdict !== "pass", `${id}: ${figures} and ${verdict}`);
      assert.ok(label.includes(`off by ${figures[0]} allowed ${figures[1]} ${verdict}`), label);
    }
    const rule = await (await find(page, '[data-gradient="var"]')).evaluate(
      (row) => getComputedStyle(row).boxShadow,
    );
    assert.match(rule, /inset/);
    assert.match(await text(page, ".law:last-child .chip"), /broken/);
  },
);

pageTest("every mistake first shows where diagnose finds it", {}, async (page) => {
  const kase = bn.presets.cs231n;
  for (const { id: mistake } of switchableIn(bn)) {
    await choose(page, mistake);
    const { nodes } = bn.trace(kase, { mistakes: [mistake] });
    const arrays = Object.fromEntries(
      nodes.flatMap(({ id, value, grad, gradShape }) => [
        [id, value],
        [`d${id}`, { data: grad, shape: gradShape }],
      ]),
    );
    const { firstWrong } = bn.diagnose(kase, arrays);
    const marked = await page.evaluate(() =>
      window
        .everyElement()
        .filter((element) => element.matches(".line.first"))
        .map((row) => {
          const { gradient, value } = (row as HTMLElement).dataset;
          return gradient ? `d${gradient}` : value;
        }),
    );
    assert.deepEqual(marked, firstWrong === null ? [] : [firstWrong], mistake);
    assert.equal((await summary(page)).startsWith("first wrong: "), firstWrong !== null, mistake);
  }
});

pageTest(
  "a gradient of the wrong shape and a wrong value are reported as such",
  { link: "#v=1&case=cs231n&node=gamma&cell=1,1&mistake=unsummed" },
  async (page) => {
    const gamma = (await rows(page)).find(({ id }) => id === "gamma");
    assert.deepEqual(gamma?.figures, ["has 4×5"]);
    assert.match(gamma?.label ?? "", / 5 has 4×5 fail$/);
    await choose(page, "eps-outside");
    assert.match(await summary(page), /^first wrong: the value of /);
    await click(page, "[data-value=std]");
    assert.equal((await state(page)).selection.node, "std");
  },
);

pageTest("the rows are one tab stop, and the arrow keys move between them", {}, async (page) => {
  const assertChosen = async (node: NodeId) => {
    const shown = await rows(page);
    assert.equal((await state(page)).selection.node, node);
    assert.deepEqual(
      shown.filter(({ chosen }) => chosen).map(({ id }) => id),
      [node],
    );
    assert.deepEqual(
      shown.filter(({ inTabOrder }) => inTabOrder).map(({ id }) => id),
      [node],
    );
    assert.ok(await page.$(">>> [data-gradient]:focus"), "a row has the keyboard");
  };
  await click(page, "[data-gradient=gamma]");
  await assertChosen("gamma");
  await press(page, "ArrowDown", "ArrowDown");
  await assertChosen("invstd");
  await press(page, "ArrowUp");
  await assertChosen("xhat");
  await press(page, "End", "ArrowDown"); // the last one is the end
  await assertChosen("x");
  await press(page, "Home", "ArrowUp");
  await assertChosen("y");
  await click(page, '.node[data-node="mean"] .label');
  assert.deepEqual(
    (await rows(page)).filter(({ chosen }) => chosen).map(({ id }) => id),
    ["mean"],
  );
});

/** The handle of the sweep, as a screen reader has it. */
const slider = async (page: Page) =>
  (await find(page, "bn-sweep >>> [role=slider]")).evaluate((handle) => ({
    now: Number(handle.ariaValueNow),
    least: Number(handle.ariaValueMin),
    most: Number(handle.ariaValueMax),
    text: handle.ariaValueText ?? "",
  }));

const openSweep = async (page: Page) => {
  await click(page, "bn-checks >>> [name=sweep]");
  await appears(page, "[role=slider]");
  await swept(page);
};

const sweepText = async (page: Page) =>
  (await find(page, "bn-sweep")).evaluate((host) =>
    [...(host.shadowRoot as ShadowRoot).querySelectorAll("h3, p")]
      .map((part) => (part.textContent ?? "").replace(/\s+/g, " ").trim())
      .join(" | "),
  );

/** What is said of a step, from the package in Node. */
function said(kase: Case<Float64Array>, node: NodeId, half: number): RegExp {
  const step = Number((10 ** (half / 2)).toPrecision(half % 2 === 0 ? 1 : 3));
  const { float64, float32 } = bn.stepSweep(kase, node, { steps: [step] });
  const told = (error: number | null | undefined) =>
    error === null || error === undefined ? "is too small to change every value" : `to ${scientific(error)}`;
  return new RegExp(
    `^At h = ${scientific(step, half % 2 === 0 ? 0 : 1)} .*${told(float64[0])}[^;]* in float64; .*${told(float32[0])}`,
  );
}

pageTest(
  "the step sweep loads on demand, and the arrow keys move through its steps",
  { link: "#v=1&case=cs231n&node=x&cell=1,1" },
  async (page) => {
    const fetched = () =>
      page.evaluate(
        () => performance.getEntriesByType("resource").filter(({ name }) => /rest-/.test(name)).length,
      );
    assert.equal(await fetched(), 0);
    await openSweep(page);
    assert.equal(await fetched(), 1);
    const kase = bn.presets.cs231n;
    const start = await slider(page);
    assert.deepEqual([start.least, start.now, start.most], [-28, -10, 0], "half decades from 1e-14 to 1");
    await (await inSight(page, "bn-sweep >>> [role=slider]")).evaluate((handle) => handle.focus());
    await press(page, "Home");
    for (let half = start.least; half <= start.most; half++) {
      const { now, text } = await slider(page);
      assert.equal(now, half);
      assert.match(text, said(kase, "x", half));
      assert.ok((await sweepText(page)).includes(text), "what the slider says is on the page");
      await press(page, half % 2 === 0 ? "ArrowRight" : "ArrowUp");
    }
    assert.equal((await slider(page)).now, 0, "the largest step is the end");
    await press(page, "PageDown", "ArrowLeft", "ArrowDown", "PageUp", "End", "PageDown");
    assert.equal((await slider(page)).now, -2);

    // the V of a double: truncation on the right, rounding on the left
    assert.match(await sweepText(page), /Truncation error dominates here/);
    await press(page, "Home");
    assert.match(await sweepText(page), /Rounding error dominates here/);
    assert.equal((await state(page)).selection.node, "x", "the keys of the plot choose nothing else");
  },
);

pageTest("the sweep follows the chosen gradient, and names the check's own steps", {}, async (page) => {
  await openSweep(page);
  const kase = bn.presets.cs231n;
  const trace = bn.trace(kase);
  const valuesOf = (id: NodeId) => trace.nodes.find((node) => node.id === id)?.value as Float64Array;
  const std = valuesOf("std");
  const step = (value: number, length: number) =>
    (2 ** -53 * Math.max(Math.abs(value), length) * length ** 2) ** (1 / 3);
  const lengths: [NodeId, (s: number) => number][] = [
    ["var", (s) => s * s],
    ["sq", (s) => 4 * s * s],
    ["xc", (s) => s],
    ["x", (s) => s],
    ["mean", (s) => s],
  ];
  for (const [id, length] of lengths) {
    await click(page, `[data-gradient=${id}]`);
    await swept(page);
    const steps = Array.from(valuesOf(id), (value, at) => step(value, length(std[at % 5] as number)));
    const [least, greatest] = [Math.min(...steps), Math.max(...steps)].map((value) => scientific(value));
    const words = await sweepText(page);
    assert.ok(words.includes(`here ${least} to ${greatest}, and agrees to`), `${id}: ${words}`);
    assert.match((await slider(page)).text, said(kase, id, -10));
  }
  await click(page, "[data-gradient=gamma]");
  await swept(page);
  assert.match(await sweepText(page), /The loss is linear here/);
});

pageTest("the step can be dragged along the plot", {}, async (page) => {
  await openSweep(page);
  await inSight(page, "bn-sweep >>> [role=slider]");
  const boxOf = async (selector: string) =>
    (await find(page, `bn-sweep >>> ${selector}`)).evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    });
  const grip = await boxOf(".grip");
  // a decade is as wide as the distance of two points of float64
  const decade = await (await find(page, "bn-sweep >>> [data-kind=float64]")).evaluate((curve) => {
    const at = [...curve.querySelectorAll("circle")].map((point) => point.cx.baseVal.value);
    return (at[0] as number) - (at[2] as number);
  });
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  for (const decades of [0.5, 1, 2, 3]) await page.mouse.move(grip.x + decades * decade, grip.y - 20);
  await frames(page);
  assert.equal((await slider(page)).now, -4);
  const moved = await boxOf(".grip");
  assert.ok(Math.abs(moved.x - grip.x - 3 * decade) < 1, "the grip is under the pointer");
  await page.mouse.move(1, grip.y); // past the end
  await frames(page);
  assert.equal((await slider(page)).now, -28);
  await page.mouse.up();
  await page.mouse.move(grip.x, grip.y);
  await frames(page);
  assert.equal((await slider(page)).now, -28, "a pointer that is up drags nothing");
  await page.mouse.click(grip.x, grip.y - 40);
  await frames(page);
  assert.equal((await slider(page)).now, -10, "a click in the plot takes the step there");
  assert.equal(await focused(page), "Step h");
});

pageTest("a finger can drag the step without scrolling the page", { view: kPhone }, async (page) => {
  await openSweep(page);
  const { x, y } = await (await inSight(page, "bn-sweep >>> .grip")).evaluate((grip) => {
    const box = grip.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  });
  const before = await page.evaluate(() => scrollY);
  await page.touchscreen.touchStart(x, y);
  for (const by of [10, 30, 60]) await page.touchscreen.touchMove(x + by, y);
  await page.touchscreen.touchEnd();
  await frames(page);
  const { now } = await slider(page);
  assert.ok(now > -10, `the step is 10^(${now}/2)`);
  assert.equal(await page.evaluate(() => scrollY), before);
});

pageTest(
  "a case that float32 can't hold is reported there, in both languages, and the rest stays",
  {},
  async (page) => {
    await upload(page, "wide.csv", "1e60,1\n2e60,5\n4e60,2\n");
    await click(page, "bn-checks >>> [name=float32]");
    await click(page, "bn-checks >>> [name=sweep]");
    for (const said of [/^This case can’t be checked in float32\. \S/, /^这个例子无法用 float32 检查。\S/]) {
      await page.waitForFunction(
        (wanted) =>
          window
            .everyElement()
            .some((element) => new RegExp(wanted).test((element.textContent ?? "").trim())),
        {},
        said.source,
      );
      assert.equal((await rows(page)).length, 12);
      await click(page, "[name=language]");
    }
  },
);

pageTest("float32 stands beside float64, row by row", {}, async (page) => {
  const before = await rows(page);
  await click(page, "bn-checks >>> [name=float32]");
  const kase = bn.presets.cs231n;
  const narrow = ({ x, gamma, beta, dy, ...rest }: Case<Float64Array>): Case<Float32Array> => {
    const [a, b, c, d] = [x, gamma, beta, dy].map((values) => Float32Array.from(values)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    return { ...rest, x: a, gamma: b, beta: c, dy: d };
  };
  const assertShown = async (shownCase: Case<Float64Array>) => {
    const [wide, thin] = [bn.gradcheck(shownCase), bn.gradcheck(narrow(shownCase))];
    const last = thin.nodes.find(({ id }) => id === "x") as NodeReport<Float32Array>;
    // the figures of the case before stay until those of this one are there, x's last
    await page.waitForFunction(
      (wanted) =>
        window
          .everyElement()
          .find((element) => element.matches("[data-gradient=x] .figure:last-of-type, [data-gradient=x]"))
          ?.textContent?.includes(wanted) &&
        !window.everyElement().some((element) => element.matches(".figure") && element.textContent === "…"),
      {},
      scientific(distance(last)[0]),
    );
    const shown = await rows(page);
    for (const [at, { id, figures, label }] of shown.entries()) {
      assert.equal(id, order[at]);
      const [of64, of32] = [
        wide.nodes.find((node) => node.id === id) as NodeReport<Float64Array>,
        thin.nodes.find((node) => node.id === id) as NodeReport<Float32Array>,
      ];
      assert.deepEqual(
        figures,
        [of64, of32].map((node) => scientific(distance(node)[0])),
        id,
      );
      assert.ok(label.endsWith(`float32: ${of32.verdict}`), label);
    }
    return thin;
  };
  await assertShown(kase);
  assert.match(await text(page, ".float32 + p"), /float64 keeps 15 digits, float32 6 digits\./);

  // around a mean a hundred thousand times its spread, float32 keeps next to nothing
  const far = Array.from({ length: 12 }, (_, row) =>
    [0, 1, 2].map((column) => (1e5 + Math.sin(row * 1.7 + column)).toFixed(3)).join(","),
  ).join("\n");
  await upload(page, "far.csv", far);
  const thin = await assertShown(caseOf(await state(page)));
  assert.equal(thin.nodes.find(({ id }) => id === "var")?.verdict, "undecidable");
  assert.match(await text(page, ".float32 + p"), /It can’t be judged in float32/);

  await (await find(page, 'select[aria-label="Case"]')).select("cs231n");
  await frames(page);
  await assertShown(kase);
  await click(page, "bn-checks >>> [name=float32]");
  assert.deepEqual(await rows(page), before);
});

pageTest("a new case is checked even if the check before was cancelled", { before: kHeld }, async (page) => {
  await holdChecks(page);
  await upload(page, "large.csv", csv(1500, 4));
  await click(page, ".checking button");
  assert.equal(await summary(page), "not checked");
  await page.select(">>> select", "cs231n");
  await frames(page);
  assert.equal(await summary(page), "12 of 12 gradients pass");
});

pageTest(
  "a large case is swept in the chosen column, and one that is too large says why not",
  { link: "#v=1&case=cs231n&node=x&cell=1,2" },
  async (page) => {
    await upload(page, "columns.csv", csv(300, 12));
    await click(page, "bn-checks >>> [name=sweep]");
    await swept(page);
    const { x, gamma, beta, dy, shape, ...rest } = caseOf(await state(page));
    const cut = (values: Float64Array) => values.filter((_, at) => at % 12 === 1);
    const one = {
      ...rest,
      shape: [shape[0] as number, 1],
      x: cut(x),
      gamma: cut(gamma),
      beta: cut(beta),
      dy: cut(dy),
    };
    assert.match(await sweepText(page), /^Step sweep of .* in column 2, of 12 columns/);
    assert.match((await slider(page)).text, said(one, "x", -10));
    await upload(page, "large.csv", csv(1300, 2));
    assert.match(await sweepText(page), /A sweep moves each of the 1300 values/);
    await click(page, "[data-gradient=var]");
    await swept(page);
    assert.match((await slider(page)).text, said(caseOf(await state(page)), "var", -10));
  },
);

const files = await readdir(join(root, "dist/page"));

pageTest(
  "a part that fails to load is reported, and the table stays",
  { missing: files.filter((name) => /^rest-/.test(name)), expected: kUnfetched },
  async (page) => {
    for (const part of ["sweep", "float32"]) {
      await click(page, `bn-checks >>> [name=${part}]`);
      await appears(page, "[role=alert]");
      assert.match(await text(page, "[role=alert]"), /failed to load/);
      assert.equal(
        await text(page, `[name=${part}][aria-pressed=false]`),
        part === "sweep" ? "Step sweep" : "In float32",
      );
    }
    assert.ok((await rows(page)).every(({ verdict }) => verdict === "pass"));
  },
);

/** Nothing of the panel lies beyond the page, but for what scrolls in a box of its own. */
async function assertNarrow(page: Page, what: string, width = 360) {
  const wide = await page.evaluate(() => {
    const inside = window
      .everyElement()
      .filter(
        (element) =>
          element.closest("bn-checks, bn-sweep") ||
          (element.getRootNode() as ShadowRoot).host?.localName.match(/^bn-(checks|sweep)$/),
      )
      .filter((element) => !element.parentElement?.closest(".law .name"));
    return [
      document.documentElement.scrollWidth,
      Math.max(...inside.map((element) => element.getBoundingClientRect().right)),
    ];
  });
  assert.ok(Math.max(...wide) <= width, `${what} is ${wide} wide`);
}

pageTest("on a phone neither table, sweep nor float32 scrolls sideways", { view: kPhone }, async (page) => {
  await openSweep(page);
  await assertNarrow(page, "the table with the sweep");
  await click(page, "bn-checks >>> [name=float32]");
  await frames(page);
  await assertNarrow(page, "float32");
  await choose(page, "detached-stats");
  await assertNarrow(page, "a mistake in float32");
  await click(page, "bn-checks >>> [name=float32]");
  await assertNarrow(page, "a mistake");
});

pageTest(
  "PyTorch's long names fit on the narrowest phone",
  {
    view: { ...kPhone, width: 320 },
    link: "#v=1&case=cs231n&node=x&names=pytorch&check=sweep&mistake=dvar-half",
  },
  async (page) => {
    await appears(page, "[role=slider]");
    await assertNarrow(page, "the table", 320);
    await click(page, "bn-checks >>> [name=float32]");
    await appears(page, ".float32");
    await assertNarrow(page, "float32", 320);
  },
);

pageTest(
  "warnings about a check use the names of the notation",
  { link: "#v=1&case=twoRows&node=x&names=pytorch" },
  async (page) => {
    const warnings = await page.evaluate(() =>
      window
        .everyElement()
        .filter((element) => element.matches(".warning"))
        .map((element) => element.textContent ?? ""),
    );
    assert.ok(
      warnings.some((warning) => /^With one or two rows, .* and grad_input cancels/.test(warning)),
      warnings.join(" "),
    );
  },
);

/** From now on, all that the panel's live region holds, one text after another. */
const listen = async (page: Page) =>
  (await find(page, "bn-checks >>> [role=status]")).evaluate((region) => {
    const textOf = () => (region.textContent ?? "").replace(/\s+/g, " ").trim();
    const heard: string[] = [];
    Object.assign(window, { heard });
    let last = textOf();
    new MutationObserver(() => {
      if (textOf() === last) return;
      last = textOf();
      heard.push(last);
    }).observe(region, { childList: true, characterData: true, subtree: true });
  });

const heard = (page: Page) => page.evaluate(() => (window as unknown as { heard: string[] }).heard);

pageTest(
  "the result of a check is announced when it ends or changes, and nothing in between",
  { link: "#v=1&case=cs231n&node=var" },
  async (page) => {
    await listen(page);
    await click(page, 'bn-matrix[input="x"] >>> [data-at="0"]');
    for (const key of ["3", "1", "4"] as const) {
      await press(page, key, "Enter");
      await press(page, "ArrowUp");
    }
    await click(page, "[data-gradient=y]");
    await press(page, "ArrowDown", "ArrowDown", "End");
    assert.deepEqual(await heard(page), [], "the verdict is the same all the time");
    await choose(page, "dvar-half");
    await choose(page, "");
    assert.deepEqual(await heard(page), ["first wrong: ∂σ2", "12 of 12 gradients pass"]);
    await upload(page, "large.csv", csv(700, 4));
    await ready(page);
    assert.deepEqual(
      (await heard(page)).slice(2),
      ["", "12 of 12 gradients pass"],
      "the end of a long check, and not how far it is",
    );
  },
);
