/** The page as it opens: everything computed, and every number the one that NumPy has. */
import assert from "node:assert/strict";
import type { NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { assertShown, read } from "../lab/numbers.ts";
import { readCases } from "../web/reference.ts";
import { assertWithin, roundoff } from "../web/support.ts";
import {
  click,
  find,
  frames,
  inspected,
  kPhone,
  type Lab,
  look,
  matrix,
  pageTest,
  press,
  state,
  withRole,
} from "./browser.ts";

const nodes: NodeId[] = [
  "x", "gamma", "beta", "mean", "xc", "sq", "var", "std", "invstd", "xhat", "scaled", "y",
]; // biome-ignore format: a list

const referenceOf = (name: string) => {
  const found = readCases(`${name}.txt`).find((reference) => reference.name === name);
  assert.ok(found);
  return found;
};

const cs231n = referenceOf("cs231n");
const iris = referenceOf("iris");

pageTest("the page opens on cs231n with a title, twelve nodes and six steps that pass", {}, async (page) => {
  assert.equal(
    await page.title(),
    "backnorm: the backward pass of batch, layer, group, instance and RMS norm",
  );
  const drawn = await page.$$eval(">>> .node", (cards) =>
    cards.map((card) => ({
      id: card.getAttribute("data-node"),
      words: card.getAttribute("aria-label"),
      marks: [...card.querySelectorAll(".mark")].map((mark) => mark.getAttribute("class")),
      visible: card.checkVisibility(),
    })),
  );
  assert.deepEqual(drawn.map(({ id }) => id).sort(), [...nodes].sort());
  for (const { words, marks, visible } of drawn) {
    assert.match(words ?? "", /gradient check: pass$/);
    assert.deepEqual(marks, ["mark pass"]);
    assert.ok(visible);
  }
  await look(page, "steps");
  const steps = await page.$$eval(">>> [data-step]", (rows) =>
    rows.map((row) => [row.getAttribute("data-step"), row.querySelector(".chip")?.textContent?.trim()]),
  );
  assert.deepEqual(
    steps,
    ["beta", "gamma", "xhat", "var", "mean", "x"].map((id) => [id, "pass"]),
  );
  const { name, report, message, progress } = await state(page);
  assert.equal(name, "cs231n");
  assert.deepEqual(
    report?.map(({ id, verdict }) => [id, verdict]),
    nodes.map((id) => [id, "pass"]),
  );
  assert.equal(message, undefined);
  assert.equal(progress, undefined);
  assert.deepEqual(await withRole(page, "alert"), []);
  assert.deepEqual(await page.$$(">>> .chip.fail"), []);
  assert.doesNotMatch(
    (await page.$$eval(">>> .engine", (found) => found.map((one) => one.textContent))).join(),
    /JavaScript/,
    "nothing is said of engines",
  );
});

pageTest("every gradient in the inspector matches NumPy, to the digits shown", {}, async (page) => {
  for (const id of nodes) {
    await click(page, `[data-node="${id}"]`);
    const wanted = {
      value: ["x", "gamma", "beta"].includes(id) ? cs231n.array(id) : cs231n.array(`numpy.${id}`),
      grad: cs231n.array(`numpy.d${id}`),
    };
    const value = await inspected(page, "value");
    const grad = await inspected(page, "gradient, by the backward pass");
    const numeric = await inspected(page, "gradient, by finite differences");
    const difference = await inspected(page, "difference");

    const gradSlack = roundoff(cs231n, `d${id}`);
    const valueSlack = ["x", "gamma", "beta"].includes(id) ? () => 0 : roundoff(cs231n, id);
    assertWithin(value.values, wanted.value, valueSlack, id);
    assertWithin(grad.values, wanted.grad, gradSlack, `d${id}`);
    assertShown(value.shown, wanted.value, valueSlack, id);
    assertShown(grad.shown, wanted.grad, gradSlack, `d${id}`);
    const most = grad.shown.reduce((a, b) => (Math.abs(read(b.text)) > Math.abs(read(a.text)) ? b : a));
    const digits = most.text.split("e")[0]?.replace(/^[\u2212]?[0.]*|\./g, "").length as number;
    assert.ok(digits >= 3, `d${id}: ${most.text} shows ${digits} digits`);

    const found = (await state(page)).report?.find((node) => node.id === id);
    assert.deepEqual(numeric.values, found?.numeric, `${id}: the finite differences shown`);
    assertWithin(
      numeric.values,
      grad.values,
      (at) => (found?.bound[at] as number) + (found?.numericBound[at] as number),
      `finite difference of ${id}`,
    );
    assertShown(numeric.shown, numeric.values, () => 0, `finite difference of ${id}`);
    const [, exact] = await rowsOf(page, "bn-inspector >>> table td:nth-child(2)"); // the chosen cell in full
    const { cell } = await page.evaluate(() => {
      return (document.querySelector("backnorm-lab") as Lab).session.selection;
    });
    const columns = cs231n.columns;
    const at = (found?.exact.length ?? 0) > columns ? cell.row * columns + cell.column : cell.column;
    assert.equal(read(exact as string), found?.exact[at], `${id}: the exact derivative of the chosen cell`);
    const [most1 = 0] = difference.values.map(Math.abs).sort((a, b) => b - a);
    assert.ok(
      most1 === 0 || (most1 >= 1 && most1 < 10.0001),
      `${id}: the difference is not on its own scale`,
    );
  }
});

pageTest(
  "the inputs show the case, and the paths are three matrices that add up to the gradient",
  {},
  async (page) => {
    for (const input of ["x", "gamma", "beta", "dy"]) {
      const { shown, values } = await matrix(page, `bn-matrix[input="${input}"]`);
      assert.deepEqual(values, [...cs231n.array(input)]); // the same generator, digit for digit
      assertShown(shown, cs231n.array(input), () => 0, input);
    }
    assert.equal(
      await (await find(page, 'input[name="eps"]')).evaluate((field) => (field as HTMLInputElement).value),
      "0.00001",
    );
    const names = {
      direct: "dx_direct",
      "through the variance": "dx_through_var",
      "through the mean": "dx_through_mean",
      "the gradient": "dx",
    };
    await look(page, "paths");
    for (const [label, name] of Object.entries(names)) {
      const { shown, values } = await matrix(page, `bn-paths >>> bn-matrix[label^="${label} of"]`);
      assertWithin(values, cs231n.array(`numpy.${name}`), roundoff(cs231n, name), label);
      assertShown(shown, cs231n.array(`numpy.${name}`), roundoff(cs231n, name), label);
    }
  },
);

pageTest("choosing iris in the list shows its 150 rows, all of which pass", {}, async (page) => {
  await (await find(page, "select")).focus();
  await page.keyboard.type("iris"); // as one chooses in a list without opening it
  await press(page, "Enter");
  await page.waitForFunction(
    () => document.querySelector("backnorm-lab")?.session.computed?.layout.sheets.elements.rows === 150,
  );
  const { name, columns, report, x, gamma, beta, dy } = await state(page);
  assert.deepEqual([name, columns], ["iris", 4]);
  assert.ok(report?.every(({ verdict }) => verdict === "pass"));
  for (const [input, values] of Object.entries({ x, gamma, beta, dy })) {
    assert.deepEqual(values, [...iris.array(input)], input);
  }
  assert.match(page.url(), /#v=1&case=iris&node=var&cell=1,1$/);
});

/** The texts of what a deep selector finds. */
async function rowsOf(page: Page, selector: string): Promise<string[]> {
  const found = await page.$$(`>>> ${selector}`);
  return Promise.all(found.map((element) => element.evaluate((one) => one.textContent?.trim() ?? "")));
}

/** Adds up by how much the page's parts have moved, as browsers measure it. From 0.1 on, readers notice. */
const kShifts = `
  globalThis.shifts = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) globalThis.shifts += value;
  }).observe({ type: "layout-shift", buffered: true });
`;

for (const { what, ...start } of [
  { what: "the graph in a small frame on a phone", link: "#v=1&view=embed", view: kPhone },
  { what: "the steps, which are fetched", link: "#v=1&lens=steps", view: { width: 1280, height: 720 } },
])
  pageTest(
    `nothing moves while the page opens: ${what}`,
    { ...start, before: kShifts, notInFirefox: "it doesn't measure layout shifts" },
    async (page) => {
      await frames(page);
      const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
      assert.ok(shifts < 0.1, `${shifts}`);
    },
  );
