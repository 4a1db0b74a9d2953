/** The page as it opens: everything computed, and every number the one that NumPy has. */
import assert from "node:assert/strict";
import { type Case, load } from "backnorm";
import { notationOf } from "../../../web/lab/maths/notations.ts";
import { kPresets } from "../../../web/lab/model/presets.ts";
import { files } from "../../../web/lab/words/en/files.ts";
import { assertShown } from "../../lab/numbers.ts";
import { find, frames, inspected, type Lab, pageTest, state } from "../../page/browser.ts";
import { readCases } from "../../web/reference.ts";
import { roundoff } from "../../web/support.ts";

const presetWords = files(notationOf("paper", (await load()).graph)).presets;

const referenceOf = (name: string) => {
  const found = readCases(`${name}.txt`).find((reference) => reference.name === name);
  assert.ok(found);
  return found;
};

const iris = referenceOf("iris");

pageTest(
  "the list offers every preset, with a sentence about it and the package's numbers",
  { link: "#v=1&case=iris" },
  async (page) => {
    for (const name of kPresets) {
      await (await find(page, 'select[aria-label="Case"]')).select(name);
      await page.waitForFunction(
        (wanted) => {
          const { session } = document.querySelector("backnorm-lab") as Lab;
          return session.name === wanted;
        },
        {},
        name,
      );
      await frames(page);
      const { x, gamma, beta, dy, eps, ddof, rows, columns } = await state(page);
      const want = (await load()).presets[name];
      assert.deepEqual({ x, gamma, beta, dy }, plain({ ...want, beta: want.beta ?? new Float64Array() }));
      const [first = 1, ...rest] = want.shape;
      const width = rest.reduce((all, one) => all * one, 1);
      assert.deepEqual([rows, columns, eps, ddof], [first, width, want.eps, want.ddof ?? 0]);
      assert.deepEqual(await page.$$eval(">>> .aim", (found) => found.map((one) => one.textContent)), [
        presetWords[name],
      ]);
    }
    await page.evaluate(() => {
      (
        document.querySelector("backnorm-lab") as Lab & { session: { change(part: object): void } }
      ).session.change({ eps: 1 });
    });
    await frames(page);
    assert.deepEqual(await page.$$(">>> .aim"), [], "the sentence is of the numbers that were there");
  },
);

const plain = ({ x, gamma, beta, dy }: Case<Float64Array>) => ({
  x: [...x],
  gamma: [...gamma],
  beta: [...beta],
  dy: [...dy],
});

pageTest(
  "scrolling a long matrix to its end shows the numbers of its last row",
  { link: "#v=1&case=iris&node=x" },
  async (page) => {
    const label = "gradient, by the backward pass";
    const before = await inspected(page, label);
    assert.ok(before.shown.length < before.values.length, "not every row is drawn");
    assert.ok(before.shown.every(({ at }) => at < 4 * 30));
    const host = await find(page, `bn-inspector >>> bn-matrix[label^="${label}"]`);
    await host.hover();
    await page.mouse.wheel({ deltaY: 20_000 });
    await page.waitForFunction((element) => element.shadowRoot?.querySelector('[data-at="599"]'), {}, host);
    const { shown } = await inspected(page, label);
    assertShown(shown, iris.array("numpy.dx"), roundoff(iris, "dx"), "dx");
    const inside = await host.evaluate(({ shadowRoot }) => {
      const bottom = (selector: string) =>
        shadowRoot?.querySelector(selector)?.getBoundingClientRect().bottom ?? NaN;
      return bottom('[data-at="599"]') <= bottom(".scroll");
    });
    assert.ok(inside, "the last row is in sight");
  },
);
