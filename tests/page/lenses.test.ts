/** Steps, paths and closed form: three ways of looking at one trace, each with the package's own numbers. */
import assert from "node:assert/strict";
import { load, type NodeId } from "backnorm";
import { codeLines, kIngredients } from "../../web/lab/derivation.ts";
import { notationOf } from "../../web/lab/notations.ts";
import { mistakeWithout } from "../../web/lab/path-laws.ts";
import { arrayOf, fusedOf, left, subsets } from "../lab/cases.ts";
import { read } from "../lab/numbers.ts";
import { click, matrix, pageTest, state } from "./browser.ts";
import { assertUlps, link, result, switchOff, texts } from "./lenses.ts";

const bn = await load();
const paper = notationOf("paper");
const { cs231n } = bn.presets;
const steps: NodeId[] = ["beta", "gamma", "xhat", "var", "mean", "x"];

pageTest(
  "each step shows the arrays that it is made of, with their cells lit up",
  { link: link("steps") },
  async (page) => {
    for (const id of steps) {
      await click(page, `bn-steps >>> [data-step="${id}"] .number`);
      const shown = await page.$$eval(">>> bn-steps >>> bn-matrix", (hosts) =>
        hosts.map((host) => {
          const cells = [...(host.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>("[role=gridcell]")];
          return {
            label: host.getAttribute("label"),
            values: [...(host as unknown as { values: Float64Array }).values],
            lit: cells
              .filter((cell) => cell.ariaSelected === "true")
              .map((cell) => Number(cell.dataset["at"])),
          };
        }),
      );
      const wanted = kIngredients[id].map(({ of, which, takes }) => {
        const values = [...arrayOf(cs231n, of, which)];
        return { values, lit: takes === "column" ? [2, 7, 12, 17] : values.length === 5 ? [2] : [7] };
      });
      const matrices = (count: number) =>
        wanted.filter(({ values }) => (values.length === 5) === (count === 5));
      assert.deepEqual(
        shown.map(({ values, lit }) => ({ values, lit })),
        [...matrices(20), ...matrices(5)],
        id,
      );
      const [code] = await texts(page, "bn-steps >>> code");
      assert.equal(code, codeLines(0, paper)[id]);
      const [shapes] = await texts(page, "bn-steps >>> .code span");
      assert.match(shapes ?? "", new RegExp(`→ d${id} \\(${["xhat", "x"].includes(id) ? "4, 5" : "5"}\\)$`));
    }
  },
);

pageTest(
  "a path that is switched off is missing in the sum, and the laws that break are named",
  { link: link("paths") },
  async (page) => {
    for (const off of subsets) {
      await switchOff(page, off);
      const what = [...off].join(" and ") || "none";
      const want = off.size > 0 ? left(cs231n, off) : arrayOf(cs231n, "x", "grad");
      assert.deepEqual((await result(page)).values, [...want], what);
      const framed = await page.$$eval('>>> bn-matrix[label="the gradient of x"] >>> .wrong', (cells) =>
        cells.map((cell) => cell.ariaLabel),
      );
      assert.equal(framed.length, off.size > 0 ? 20 : 0, what);
      assert.ok(
        framed.every((label) => label?.endsWith(", wrong")),
        `${what}: ${framed[0]}`,
      );
      const laws = await texts(page, "bn-paths >>> table .chip");
      // the mean's path takes away what the rows of the direct one share, the variance's what lies along x̂
      const first = off.has("direct") !== off.has("throughMean");
      const second = off.has("direct") || off.has("throughVar"); // without both it is 0, where ε leaves a little
      assert.equal(laws[0], first ? "broken in 5 of 5 columns" : "holds", `${what}: Σ dx`);
      assert.match(laws[1] ?? "", second ? /^broken/ : /^holds/, `${what}: Σ dx·x̂`);
      const codes = await texts(page, "bn-paths >>> code");
      assert.deepEqual(codes, mistakeWithout(off) ? [mistakeWithout(off)] : [], what);
    }
  },
);

pageTest(
  "the closed form is the fast kernel's, and its ulps are counted cell by cell",
  { link: link("closed") },
  async (page) => {
    await assertUlps(page, cs231n);
    assert.equal(read((await texts(page, "bn-closed-form >>> [data-full]"))[0] ?? ""), fusedOf(cs231n).dx[7]);
    await click(page, "bn-closed-form >>> [aria-label^='How far'] .link");
    const { selection } = await state(page);
    const ulps = (await matrix(page, 'bn-closed-form >>> bn-matrix[label*="in ulps"]')).values.map(Math.abs);
    assert.equal(
      ulps[selection.cell.row * 5 + selection.cell.column],
      Math.max(...ulps),
      "the link leads to the largest",
    );
  },
);
