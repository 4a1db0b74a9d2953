/** One case through every lens, with one selection; running statistics below it. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import { kColumnAxes } from "../../web/lab/maths/axes.ts";
import { codeLine } from "../../web/lab/maths/code-lines.ts";
import { ingredientsOf } from "../../web/lab/maths/ingredients.ts";
import { notationOf } from "../../web/lab/maths/notations.ts";
import { kEnd } from "../../web/lab/model/moment.ts";
import { mistakeWithout } from "../../web/lab/paths/laws.ts";
import { arrayOf, fusedOf, left, subsets } from "../lab/cases.ts";
import { read } from "../lab/numbers.ts";
import { assertIs, inTraining, kPyTorch, open } from "./batches.ts";
import {
  chooseNode,
  chooseStep,
  click,
  find,
  follow,
  look,
  matrix,
  pageTest,
  press,
  ready,
  state,
  texts,
  withRole,
} from "./browser.ts";
import { assertAt, momentOf } from "./graph.ts";
import { assertChosen, assertUlps, link, result, steps, switchOff } from "./lenses.ts";

pageTest(
  "a link opens at its moment, and choosing a node keeps the moment",
  { link: "#v=1&case=cs231n&node=std&cell=1,1&moment=b7" },
  async (page) => {
    await assertAt(page, "b7", "std");
    await click(page, '[data-node="y"] .label');
    await assertAt(page, "b7", "y");
    await page.reload();
    await ready(page);
    await assertAt(page, "b7", "y");
    await follow(page, "#v=1&case=cs231n&node=mean&cell=1,1");
    await assertAt(page, kEnd, "mean");
    await follow(page, "#v=1&case=cs231n&node=mean&cell=1,1&moment=f99");
    assert.match(
      (await withRole(page, "alert")).join(),
      /The link’s moment: expected one of 23, such as f0, f1, f2, got “f99”\./,
    );
    assert.equal(await momentOf(page), kEnd);
  },
);

const bn = await load();
const paper = notationOf("paper", bn.graph);
const { cs231n } = bn.presets;

pageTest(
  "each step shows the arrays that it is computed from, with their cells highlighted",
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
      const wanted = ingredientsOf(bn.graph, id).map(({ of, which, takes }) => {
        const values = [...arrayOf(cs231n, of, which)];
        return { values, lit: takes !== "cell" ? [2, 7, 12, 17] : values.length === 5 ? [2] : [7] };
      });
      const matrices = (count: number) =>
        wanted.filter(({ values }) => (values.length === 5) === (count === 5));
      assert.deepEqual(
        shown.map(({ values, lit }) => ({ values, lit })),
        [...matrices(20), ...matrices(5)],
        id,
      );
      const [code] = await texts(page, "bn-steps >>> code");
      assert.equal(code, codeLine(bn.graph, id, { notation: paper, ddof: 0, axes: kColumnAxes }));
      const [shapes] = await texts(page, "bn-steps >>> .code span");
      assert.match(shapes ?? "", new RegExp(`→ d${id} \\(${["xhat", "x"].includes(id) ? "4, 5" : "5"}\\)$`));
    }
  },
);

pageTest(
  "a derivation is revealed line by line, and asks before it answers",
  { link: "#v=1&case=notes&node=mean&lens=steps" },
  async (page) => {
    const heads = () => texts(page, "bn-steps >>> h3");
    const all = await heads();
    assert.match(
      (await texts(page, "bn-steps >>> [name=why-zero]")).join(),
      /Why is this term 0/,
      "the term that vanishes leads to its reason",
    );
    await click(page, "bn-steps >>> [name=line-by-line]");
    for (let shown = 1; ; shown++) {
      await page.waitForFunction(
        (count) => window.everyElement().filter((one) => one.matches(".step h3")).length >= count,
        {},
        shown,
      );
      if ((await heads()).at(-1) === "Predict") {
        await click(page, 'bn-steps >>> .question [data-answer="0"]:enabled');
        assert.match(
          (await texts(page, "bn-steps >>> .question [role=status]")).at(-1) ?? "",
          /^(?:Right|No): /,
        );
      }
      if ((await texts(page, "bn-steps >>> [name=next-line]")).length === 0) break;
      await press(page, "Enter"); // the button has the focus
    }
    const asked = await heads();
    assert.deepEqual(
      asked.filter((head) => head !== "Predict"),
      all,
    );
    assert.equal(asked.length, all.length + 2);
  },
);

pageTest(
  "a path that is switched off is missing from the sum, and the broken laws are named",
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
  "the closed form is the fast kernel's, and ulps are counted in each cell",
  { link: link("closed") },
  async (page) => {
    await assertUlps(page, cs231n);
    assert.equal(read((await texts(page, "bn-closed-form >>> [data-full]"))[0] ?? ""), fusedOf(cs231n).dx[7]);
    await click(page, "bn-closed-form >>> [aria-label^='The staged'] .link");
    const { selection } = await state(page);
    const ulps = (await matrix(page, 'bn-closed-form >>> bn-matrix[label*="in ulps"]')).values.map(Math.abs);
    assert.equal(
      ulps[selection.cell.row * 5 + selection.cell.column],
      Math.max(...ulps),
      "the link leads to the largest",
    );
  },
);

pageTest(
  "the running statistics and both modes match the package, at first and after 1, 10 and 200 batches",
  {},
  async (page) => {
    await open(page);
    await assertIs(page, kPyTorch, 4, []);
    await click(page, '[name="step"]');
    await assertIs(page, kPyTorch, 4, inTraining(1));
    await click(page, '[name="reset"]');
    await click(page, '[name="ten"]');
    await assertIs(page, kPyTorch, 4, inTraining(10));
    for (let tens = 1; tens < 21; tens++) await click(page, '[name="ten"]');
    await assertIs(page, kPyTorch, 4, inTraining(200));
    const full = await (await find(page, '[name="step"]')).evaluate((button) => button.ariaDisabled);
    assert.equal(full, "true");
  },
);

pageTest(
  "choosing a node in the graph or in the steps chooses it in the graph, steps, inspector and link",
  {},
  async (page) => {
    for (const { id } of bn.graph.nodes) {
      await chooseNode(page, id);
      await assertChosen(page, id, [0, 0]);
    }
    await look(page, "steps");
    await assertChosen(page, "y", [0, 0]);
    for (const id of steps) {
      await chooseStep(page, id);
      await assertChosen(page, id, [0, 0]);
    }
    await look(page, "graph");
    await assertChosen(page, "x", [0, 0]);
  },
);
