/** Steps, paths and closed form: three ways of looking at one trace, each with the package's own numbers. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { arrayOf, fusedOf, left, unbiased } from "../../lab/cases.ts";
import { assertShown, halfOfLastDigit, read } from "../../lab/numbers.ts";
import {
  caseOf,
  chosen,
  click,
  drop,
  find,
  follow,
  frames,
  inSight,
  kNoMotionSetting,
  look,
  matrix,
  pageTest,
  press,
  state,
  texts,
} from "../../page/browser.ts";
import { assertUlps, link, result, steps, switchOff } from "../../page/lenses.ts";

const bn = await load();
const { cs231n, iris } = bn.presets;

const unbiasedFile =
  '{"x": [[1, 2], [4, 3], [5, 9]], "gamma": [1, 2], "beta": [0, 1], "dy": [[1, 0], [2, 1], [0, 5]], "ddof": 1}';

const until = (page: Page, mistake: string) =>
  page.waitForFunction((id) => document.querySelector("backnorm-lab")?.session.mistake === id, {}, mistake);

// Steps

const total = (terms: number[]) => terms.reduce((a, b) => a + b, 0);

pageTest(
  "a click on a highlighted cell keeps the step, and its caption links to the step before",
  { link: link("steps", "node=var&cell=1,1") },
  async (page) => {
    await click(page, 'bn-steps >>> bn-matrix[label="x − μ, in the formula"] >>> [data-at="13"]');
    assert.deepEqual((await state(page)).selection, { node: "var", cell: { row: 2, column: 3 } });
    assert.deepEqual((await chosen(page)).steps, ["var"]);
    assert.equal((await chosen(page)).fragment, link("steps", "node=var&cell=3,4"));
    const [filled] = await texts(page, "bn-steps >>> [data-filled]");
    const dvar = arrayOf(cs231n, "var", "grad")[3] as number;
    const last = filled?.match(/=\s*([−\d.e]+)$/)?.[1] ?? "";
    assert.ok(Math.abs(read(last) - dvar) <= halfOfLastDigit(last), `${filled} for ${dvar}`);
    await click(page, "bn-steps >>> .jump");
    assert.deepEqual((await state(page)).selection, { node: "xhat", cell: { row: 2, column: 3 } });
  },
);

pageTest(
  "the steps are one tab stop, and the arrow keys move between them",
  { link: link("steps", "node=beta&cell=1,1") },
  async (page) => {
    await (await find(page, "#tab-steps")).focus();
    await press(page, "Tab");
    assert.ok(await page.$(">>> [data-step=beta]:focus"), "the chosen step has the keyboard");
    for (const [key, id] of [
      ["ArrowDown", "gamma"],
      ["ArrowRight", "xhat"],
      ["ArrowUp", "gamma"],
      ["ArrowLeft", "beta"],
      ["ArrowUp", "beta"],
      ["End", "x"],
      ["ArrowDown", "x"],
      ["Home", "beta"],
    ] as const) {
      await press(page, key);
      assert.equal((await state(page)).selection.node, id, key);
      assert.ok(await page.$(`>>> [data-step=${id}]:focus`), key);
    }
    await press(page, "Tab");
    assert.equal(await page.$(">>> [data-step]:focus"), null, "the list is one stop");
  },
);

pageTest(
  "a node that is not a step says which step it leads to",
  { link: link("steps", "node=sq&cell=2,3") },
  async (page) => {
    assert.deepEqual((await chosen(page)).steps, []);
    assert.match((await texts(page, "bn-steps >>> .aside")).join(), /on the way to .*step 6/);
    await click(page, "bn-steps >>> .aside .jump");
    assert.deepEqual((await chosen(page)).steps, ["x"]);
  },
);

/** Where a mark lies on its track, in percent. */
const places = (page: Page) =>
  page.$eval(">>> bn-steps >>> .derivatives", (table) => {
    const number = (selector: string, name: string) =>
      Number.parseFloat(table.querySelector(selector)?.getAttribute(name) ?? "NaN");
    return {
      pass: number(".track > svg", "x"),
      beyond: table.querySelector(".beyond") !== null,
      from: number(".whisker line", "x1"),
      to: number(".whisker line", "x2"),
      dot: number(".whisker circle", "cx"),
    };
  });

pageTest(
  "the number line shows the difference with its error bar, and the exact derivative with all digits",
  { link: link("steps") },
  async (page) => {
    for (const id of steps) {
      await click(page, `bn-steps >>> [data-step="${id}"] .number`);
      const report = (await state(page)).report?.find((node) => node.id === id);
      assert.ok(report, id);
      const at = report.exact.length === 5 ? 2 : 7;
      const [exact, analytic, numeric, bar] = [
        report.exact,
        report.analytic,
        report.numeric,
        report.numericBound,
      ].map((values) => values[at] as number) as [number, number, number, number];
      const digits = await texts(page, "bn-steps >>> .digits");
      assert.deepEqual(digits.map(read), [exact, analytic, numeric], `${id}: every digit`);
      const { pass, beyond, from, to, dot } = await places(page);
      const scale = 46 / (1.25 * (Math.abs(numeric - exact) + bar));
      const near = (got: number, offset: number, what: string) =>
        assert.ok(Math.abs(got - (50 + offset * scale)) <= 0.0051, `${id}: ${what} at ${got} %`); // two decimals are written
      near(dot, numeric - exact, "the difference");
      near(from, numeric - exact - bar, "the beginning of its bar");
      near(to, numeric - exact + bar, "the end of its bar");
      near(pass, analytic - exact, "the backward pass");
      assert.ok(!beyond && from <= 50 && to >= 50, `${id}: the bar holds the exact derivative`);
      assert.match(
        (await texts(page, "bn-steps >>> .step p")).join(),
        /within its error bar of|its error bar is/,
      );
    }
  },
);

pageTest(
  "with a mistake, the backward pass is off the number line, and the formula gives another number",
  { link: `${link("steps", "node=var&cell=2,3")}&mistake=dvar-half` },
  async (page) => {
    const { pass, beyond } = await places(page);
    assert.ok(beyond && pass < 5, `the arrow is at ${pass} %`);
    assert.match((await texts(page, "bn-steps >>> .step p")).join(), /times what rounding explains/);
    assert.match((await texts(page, "bn-steps >>> [data-filled]")).join(), /≠/);
    const marks = await page.$$eval(">>> [data-step]", (rows) =>
      rows.map((row) => row.querySelector(".chip")?.textContent?.trim()),
    );
    assert.deepEqual(marks, ["pass", "pass", "pass", "fail", "pass", "fail, inherited"]);
  },
);

pageTest("the formula and the full digits appear once on the page", { link: link("steps") }, async (page) => {
  assert.equal((await texts(page, "[data-filled]")).length, 1);
  assert.deepEqual(await texts(page, "bn-inspector >>> .formula"), []);
  assert.doesNotMatch((await texts(page, "bn-inspector >>> table")).join(), /exact derivative/);
  await look(page, "graph");
  assert.equal((await texts(page, "bn-inspector >>> [data-filled]")).length, 1);
  assert.match((await texts(page, "bn-inspector >>> table")).join(), /exact derivative/);
});

pageTest("a broken law shows its number, and the cell its sum", { link: link("paths") }, async (page) => {
  await switchOff(page, new Set(["throughMean"]));
  const dx = left(cs231n, new Set(["throughMean"]));
  const sum = total([2, 7, 12, 17].map((at) => dx[at] as number));
  const [is, should] = await texts(page, "bn-paths >>> td .number");
  assert.ok(
    Math.abs(read(is ?? "") - sum) <= halfOfLastDigit(is ?? ""),
    `Σ dx is ${sum}, and ${is} is shown`,
  );
  assert.equal(should, "0");
  const { direct, throughVar, throughMean } = bn.trace(cs231n).paths.x;
  const assertSum = async (at: number) => {
    const [line] = await texts(page, "bn-paths >>> .arithmetic .numbers");
    const numbers = (line ?? "").match(/−?\d+\.\d+/g) ?? [];
    const want = [direct, throughVar, throughMean, dx].map((values) => values[at] as number);
    assert.equal(numbers.length, 4, line);
    assertShown(
      numbers.map((text, place) => ({ at: place, text })),
      want,
      () => 0,
      line ?? "",
    );
    assert.equal((await texts(page, "bn-paths >>> .arithmetic s")).length, 1);
    assert.equal(
      (await texts(page, "bn-paths >>> .place"))[0],
      `row ${Math.floor(at / 5) + 1}, column ${(at % 5) + 1}`,
    );
  };
  await assertSum(7);
  await (
    await find(page, 'bn-paths >>> bn-matrix[label^="direct of the gradient of x"] >>> [data-at="18"]')
  ).hover();
  await frames(page);
  await assertSum(18);
  await page.mouse.move(2, 2);
  await frames(page);
  await assertSum(7);
  await click(page, 'bn-paths >>> bn-matrix[label^="through the mean"] >>> [data-at="4"]');
  await page.mouse.move(2, 2);
  await frames(page);
  await assertSum(4);
  assert.equal((await chosen(page)).fragment, `${link("paths", "node=x&cell=1,5")}&off=throughMean`);
});

pageTest(
  "one button switches the mistake on for the whole page; another, or the path's switch, switches it off",
  { link: link("paths") },
  async (page) => {
    const pressed = () =>
      page.$$eval(">>> [data-path]", (all) => all.map((one) => one.ariaPressed === "true"));
    await (await inSight(page, 'bn-paths >>> [data-path="throughVar"]')).focus();
    await press(page, " ");
    assert.deepEqual(await pressed(), [true, false, true]);
    await click(page, 'bn-paths >>> [data-make="no-variance-path"]');
    await until(page, "no-variance-path");
    await frames(page);
    assert.match((await chosen(page)).fragment, /&mistake=no-variance-path&off=throughVar$/);
    assert.deepEqual(await pressed(), [true, false, true]);
    // what is left out is still to be seen, and what is left is what the page now has as dx
    const { values } = await matrix(
      page,
      'bn-paths >>> bn-matrix[label^="through the variance of the gradient of x"]',
    );
    assert.deepEqual(values, [...bn.trace(cs231n).paths.x.throughVar]);
    const dx = (await state(page)).grads["x"] as number[];
    for (const [at, value] of (await result(page)).values.entries())
      assert.ok(Math.abs(value - (dx[at] as number)) <= 1e-16, `${at}: ${value}, ${dx[at]}`); // one rounding at 0.36
    await click(page, "bn-paths >>> .link");
    await until(page, "");
    await frames(page);
    assert.deepEqual(await pressed(), [true, false, true], "as it was before the mistake");

    await click(page, 'bn-paths >>> [data-path="throughMean"]');
    await click(page, 'bn-paths >>> [data-make="detached-stats"]');
    await until(page, "detached-stats");
    await click(page, 'bn-paths >>> [data-path="throughMean"]');
    await until(page, "");
    await frames(page);
    assert.deepEqual(await pressed(), [true, false, true], "the other path stays off, here only");
    assert.ok((await state(page)).report?.every(({ verdict }) => verdict === "pass"));
  },
);

pageTest(
  "a link holds the paths that are left out, and a mistake leaves out its own",
  { link: `${link("paths")}&off=throughMean,throughVar` },
  async (page) => {
    const pressed = () =>
      page.$$eval(">>> [data-path]", (all) => all.map((one) => one.ariaPressed === "true"));
    assert.deepEqual(await pressed(), [true, false, false]);
    assert.deepEqual((await result(page)).values, [...left(cs231n, new Set(["throughVar", "throughMean"]))]);
    await click(page, 'bn-paths >>> [data-path="throughVar"]');
    assert.equal((await chosen(page)).fragment, `${link("paths")}&off=throughMean`);
    await follow(page, `${link("paths")}&mistake=no-direct-path&off=throughMean`);
    assert.deepEqual(await pressed(), [false, true, true]);
    await click(page, "bn-paths >>> .link");
    await until(page, "");
    await frames(page);
    assert.deepEqual(await pressed(), [true, true, false]);
  },
);

pageTest(
  "the mean's path through the variance is called 0, and the column's own sum says why",
  { link: link("paths", "node=x&cell=1,1") },
  async (page) => {
    const xc = arrayOf(cs231n, "xc", "value");
    for (const column of [0, 1, 2, 3, 4]) {
      await click(page, `bn-paths >>> bn-matrix[label="the gradient of μ"] >>> [data-at="${column}"]`);
      assert.deepEqual(await texts(page, "bn-paths >>> .zero"), ["0"]);
      const sum = total([0, 5, 10, 15].map((at) => xc[at + column] as number));
      const [shown] = await texts(page, "bn-paths >>> [data-sum]");
      assert.ok(Math.abs(read(shown ?? "") - sum) <= halfOfLastDigit(shown ?? ""), `${shown} for ${sum}`);
      const [said] = await texts(page, "bn-paths >>> .reason");
      const numbers: string[] = said?.match(/−?\d+(\.\d+)?/g) ?? [];
      assert.equal(numbers.length, 5, `${said}: four terms and 0`);
      assert.equal(numbers.at(-1), "0");
    }
    assert.equal((await state(page)).selection.node, "mean");
    const direct = await matrix(page, 'bn-paths >>> bn-matrix[label="direct of the gradient of μ"]');
    assert.deepEqual(direct.values, [...bn.trace(cs231n).paths.mean.direct]);
  },
);

pageTest(
  "a mistake after which dx is not the sum of its paths says so",
  { link: `${link("paths")}&mistake=dx-over-n` },
  async (page) => {
    assert.match((await texts(page, "bn-paths >>> .beside")).join(), /is not the sum of its paths/);
    assert.equal((await texts(page, "bn-paths >>> .sum .operator")).at(-1), "≠");
    assert.deepEqual((await result(page)).values, [...arrayOf(cs231n, "x", "grad", ["dx-over-n"])]);
  },
);

pageTest(
  "only the visible part of the paths of iris is drawn",
  { link: link("paths", "node=x&cell=120,3", "iris") },
  async (page) => {
    const { shown, values } = await matrix(
      page,
      'bn-paths >>> bn-matrix[label^="direct of the gradient of x"]',
    );
    assert.equal(values.length, 600);
    assert.ok(
      shown.length < 200 && shown.some(({ at, chosen: ring }) => at === 478 && ring),
      `${shown.length} cells`,
    );
    await switchOff(page, new Set(["throughVar"]));
    assert.equal((await texts(page, "bn-paths >>> .count"))[0], "every cell is wrong");
    assert.deepEqual(await texts(page, "bn-paths >>> table .chip"), ["holds", "broken in 4 of 4 columns"]);
  },
);

pageTest(
  "the ulps of iris and of a case with N − 1 are counted too",
  { link: link("closed", "node=x&cell=1,1", "iris") },
  async (page) => {
    await assertUlps(page, iris);
    await drop(page, "unbiased.json", unbiasedFile, "bn-closed-form");
    await assertUlps(page, caseOf(await state(page)));
  },
);

/** Every factor's numbers at the chosen cell, as the line of arithmetic has them. */
const numbersShown = (page: Page): Promise<Record<string, string>> =>
  page.$$eval(">>> [data-number]", (all) =>
    Object.fromEntries(
      all.map((one) => [(one as HTMLElement).dataset["number"], one.textContent?.replace(/[()]/g, "")]),
    ),
  );

for (const [name, kase, at] of [
  ["of the first case", cs231n, 7],
  ["with N − 1", unbiased, 3],
] as const)
  pageTest(
    `each factor ${name} has a name and its own numbers, which multiply out to dx`,
    { link: link("closed", "node=x&cell=2,2") },
    async (page) => {
      if (kase === unbiased) await drop(page, "unbiased.json", unbiasedFile, "bn-closed-form");
      else await click(page, 'bn-closed-form >>> bn-matrix[label="∂x by the closed form"] >>> [data-at="7"]');
      const [n, d] = kase.shape as [number, number];
      const [xhat, std] = [arrayOf(kase, "xhat", "value"), arrayOf(kase, "std", "value")];
      const { dx, dbeta, dgamma } = fusedOf(kase);
      const ddof = kase.ddof ?? 0;
      const wanted: Record<string, ArrayLike<number>> = {
        scale: kase.gamma.map((gamma, c) => gamma / (n * (std[c] as number))),
        dy: kase.dy.map((dy) => n * dy),
        sumOfDy: dbeta,
        ...(ddof ? { ratio: [n / (n - 1)] } : {}),
        xhat,
        sumOfDyXhat: dgamma,
      };
      const parts = await page.$$eval(">>> [data-factor]", (all) =>
        all.map((one) => (one as HTMLElement).dataset["factor"]),
      );
      assert.deepEqual(parts, Object.keys(wanted));
      const numbers = await numbersShown(page);
      const place = (values: ArrayLike<number>) =>
        values.length === 1 ? 0 : values.length === d ? at % d : at;
      const names = new Set<string>();
      for (const [factor, values] of Object.entries(wanted)) {
        await (await inSight(page, `bn-closed-form >>> [data-factor="${factor}"]`)).focus();
        await frames(page);
        const text = numbers[factor] ?? "";
        const value = values[place(values)] as number;
        assert.ok(
          Math.abs(read(text) - value) <= halfOfLastDigit(text) * (1 + 1e-9),
          `${factor}: ${text} for ${value}`,
        );
        const [title] = await texts(page, "bn-closed-form >>> .factor h2");
        names.add(title ?? "");
        if (factor === "ratio") continue;
        const shown = await matrix(page, "bn-closed-form >>> .factor bn-matrix");
        assert.equal(shown.values.length, values.length, factor);
        for (const [i, got] of shown.values.entries()) {
          const want = values[i] as number;
          // a few roundings, of x − mean among them
          assert.ok(
            Math.abs(got - want) <= 1e-14 * Math.max(1, Math.abs(want)),
            `${factor}[${i}]: ${got}, ${want}`,
          );
        }
      }
      assert.equal(names.size, Object.keys(wanted).length, `the names ${[...names].join(", ")}`);
      const of = (factor: string) => (wanted[factor] ? (wanted[factor][place(wanted[factor])] as number) : 1);
      const worked = of("scale") * (of("dy") - of("sumOfDy") - of("ratio") * of("xhat") * of("sumOfDyXhat"));
      assert.ok(
        Math.abs(worked - (dx[at] as number)) <= 1e-14,
        `the formula gives ${worked}, the kernel ${dx[at]}`,
      );
    },
  );

pageTest("a factor is shown while the pointer is on it", { link: link("closed") }, async (page) => {
  const title = async () => (await texts(page, "bn-closed-form >>> .factor h2"))[0];
  const first = await title();
  await (await find(page, 'bn-closed-form >>> [data-factor="sumOfDyXhat"]')).hover();
  await frames(page);
  assert.match((await title()) ?? "", /∂γ/);
  await page.mouse.move(2, 2);
  await frames(page);
  assert.equal(await title(), first);
  await click(page, 'bn-closed-form >>> [data-factor="sumOfDy"]');
  await page.mouse.move(2, 2);
  await frames(page);
  assert.match((await title()) ?? "", /∂β/);
});

pageTest(
  "a link holds the chosen factor, and a case without that factor shows another one",
  { link: `${link("closed")}&factor=sumOfDy` },
  async (page) => {
    const titles = () => texts(page, "bn-closed-form >>> .factor h2");
    assert.deepEqual(await titles(), ["The column’s total, ∂β"]);
    await click(page, 'bn-closed-form >>> [data-factor="xhat"]');
    assert.equal((await chosen(page)).fragment, `${link("closed")}&factor=xhat`);
    await page.mouse.move(2, 2);
    await follow(page, `${link("closed")}&factor=ratio`);
    assert.deepEqual(await titles(), ["The scale"]);
  },
);

pageTest(
  "with a mistake, the closed form is right and the staged pass has it",
  { link: `${link("closed")}&mistake=dvar-half` },
  async (page) => {
    const { dx } = fusedOf(cs231n);
    const apart = arrayOf(cs231n, "x", "grad", ["dvar-half"]).map((value, at) => value - (dx[at] as number));
    const { values } = await matrix(page, 'bn-closed-form >>> bn-matrix[label="staged minus closed form"]');
    assert.deepEqual(values, [...apart]);
    assert.deepEqual(await texts(page, "bn-closed-form >>> [data-told]"), [
      "The closed form is right; the staged pass has the mistake dvar-half",
    ]);
    const choose = (id: string) => follow(page, `${link("closed")}${id && `&mistake=${id}`}`);
    await choose("dbeta-averaged");
    assert.match(
      (await texts(page, "bn-closed-form >>> [aria-label^='The staged']")).join(),
      /dbeta-averaged does not affect ∂x/,
    );
    await choose("transposed");
    assert.match(
      (await texts(page, "bn-closed-form >>> [aria-label^='The staged']")).join(),
      /an array of another shape/,
    );
    await choose("");
    await assertUlps(page, cs231n);
  },
);

pageTest(
  "the passes play one after another, and stay filled at the end",
  { link: link("closed") },
  async (page) => {
    const done = () =>
      page.$$eval(">>> bn-closed-form >>> .pass", (all) => all.filter((one) => one.matches(".done")).length);
    const edges = bn.graph.edges.filter(({ from, to }) =>
      bn.graph.nodes.some(({ id, extent }) => (id === from || id === to) && extent === "elements"),
    ).length;
    assert.equal(await done(), 2 + edges);
    const begun = await (await inSight(page, "bn-closed-form >>> .play")).evaluate(async (button) => {
      button.click();
      const { host } = button.getRootNode() as ShadowRoot & {
        host: Element & { updateComplete: Promise<unknown> };
      };
      await host.updateComplete;
      return host.shadowRoot?.querySelectorAll(".pass.done").length ?? Number.NaN;
    });
    assert.ok(begun < 2 + edges, "it begins anew");
    await page.waitForFunction(
      (all) => window.everyElement().filter((one) => one.matches(".pass.done")).length === all,
      {},
      2 + edges,
    );
  },
);

pageTest(
  "nothing is played if the user prefers reduced motion",
  { link: link("closed"), notInFirefox: kNoMotionSetting },
  async (page) => {
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    assert.ok(
      !(await (await find(page, "bn-closed-form >>> .play")).isVisible()),
      "nothing moves for those who prefer none",
    );
  },
);
