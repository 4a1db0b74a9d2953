/** Files: what they hold is what the page shows, and a bad one is a sentence that leaves the page as it was. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import { read } from "../lab/numbers.ts";
import { bad, npy, whole, x } from "./bad-files.ts";
import {
  caseOf,
  choose,
  click,
  drop,
  find,
  matrix,
  pageTest,
  type State,
  state,
  upload,
  withRole,
} from "./browser.ts";

const bn = await load();

const good: [name: string, content: string | Uint8Array][] = [
  ["rows.csv", "1.5,-2\n0.25,4\n8,-16.5\n"],
  ["excel.csv", "\uFEFFlength;width\r\n1.5;-2\r\n0.25;4\r\n8;-16.5\r\n"],
  ["tabs.tsv", "1.5\t-2\n0.25\t4\n8\t-16.5"],
  ["nested.json", "[[1.5, -2], [0.25, 4], [8, -16.5]]"],
  ["whole.json", JSON.stringify(whole, null, 2)],
  ["titled.json", JSON.stringify({ ...whole, title: "mine" })],
  ["c-f8.npy", npy("<f8", x, [3, 2])],
  ["fortran-f8.npy", npy("<f8", x, [3, 2], true)],
  ["c-f4.npy", npy("<f4", x, [3, 2])],
  ["fortran-f4.npy", npy("<f4", x, [3, 2], true)],
  ["says-csv.csv", npy("<f8", x, [3, 2])],
  ["says-text.txt", JSON.stringify(whole)],
  ["print.txt", "array([[  1.5 ,  -2.  ],\n       [  0.25,   4.  ],\n       [  8.  , -16.5 ]])"],
  ["str.txt", "[[  1.5   -2.  ]\n [  0.25   4.  ]\n [  8.   -16.5 ]]\n"],
];

pageTest("a CSV, JSON, .npy or printed file, chosen or dropped, replaces the inputs", {}, async (page) => {
  for (const [at, [name, content]] of good.entries()) {
    await click(page, 'bn-matrix[input="x"] >>> [data-at="0"]'); // so that nothing passes by what was there before
    await page.keyboard.type("777");
    await page.keyboard.press("Enter");
    const said = await (at % 2 ? drop : upload)(page, name, content);
    const shown = await state(page);
    assert.equal(shown.message?.kind, "note", said);
    assert.ok(said.startsWith(`${name}: x, 3×2`), said);
    assert.deepEqual([shown.name, shown.rows, shown.columns, shown.x], [name, 3, 2, x], name);
    const cells = await matrix(page, 'bn-matrix[input="x"]');
    assert.deepEqual(
      cells.shown.map(({ text }) => read(text)),
      x,
      name,
    );
    const option = await (await find(page, "select")).evaluate(
      (list) => (list as HTMLSelectElement).selectedOptions[0]?.text,
    );
    assert.equal(option, name);
    assert.match(new URL(page.url()).hash, /^#v=1&case=own&.*&x=1\.5,-2;0\.25,4;8,-16\.5&/);
    assert.deepEqual(
      shown.values,
      Object.fromEntries(bn.trace(caseOf(shown)).nodes.map(({ id, value }) => [id, [...value]])),
    );
    assert.ok(
      shown.report?.every(({ verdict }) => verdict !== "fail"),
      name,
    );
    if (name === "whole.json") {
      const { gamma, beta, dy, eps } = shown;
      const { gamma: scale, beta: shift } = whole;
      assert.deepEqual(
        { gamma, beta, dy, eps },
        { gamma: scale, beta: shift, dy: whole.dy.flat(), eps: 0.001 },
      );
    }
  }
});

const numbers = ({ message, name, ...rest }: State) => rest;

pageTest(
  "a bad file shows one sentence that names it and the position, and the page does not change",
  {},
  async (page) => {
    await upload(page, "before.csv", "1,2\n3,5\n4,4\n");
    const before = await state(page);
    for (const [name, content, sentence] of bad) {
      const said = await upload(page, name, content);
      const [alert = "", ...others] = await withRole(page, "alert");
      assert.deepEqual(others, [], name);
      assert.ok(alert.includes(said.replace(/\s+/g, " ")), name);
      assert.match(said, sentence);
      assert.match(said, /^\S+: .*\. Nothing was changed\.$/s, "a sentence");
      assert.doesNotMatch(
        said,
        /Failed to execute|undefined|\[object|^\S+: text:|bytes:/,
        "in the page's own words",
      );
      const after = await state(page);
      assert.deepEqual(numbers(after), numbers(before), name);
      assert.equal(after.name, "before.csv");
    }
    const said = await upload(page, "after.csv", "2,2\n3,3\n5,4\n");
    assert.equal((await state(page)).message?.kind, "note", said);
    assert.deepEqual(await withRole(page, "alert"), []);
    assert.deepEqual((await state(page)).x, [2, 2, 3, 3, 5, 4]);
  },
);

pageTest(
  "several files at once are one case, and each is said to be what it was taken for",
  {},
  async (page) => {
    const dx = [[1, 2], [-3, 4], [5, -6.5]]; // biome-ignore format: a matrix
    await choose(page, "input[type=file]", {
      "x.npy": npy("<f8", x, [3, 2]),
      "dout.csv": "1,2\n-3,4\n5,-6.5\n",
      "weight.json": "[2, 0.5]",
      "mine.json": JSON.stringify({ dx, dvar: [1, 2] }),
      "notes.csv": "a,b\n1,oops\n",
    });
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.verdict?.source === "mine");
    const { message, name, gamma, beta, dy } = await state(page);
    assert.equal(
      message?.text,
      'x.npy: x, 3×2. dout.csv: “dout” as dy. weight.json: “weight” as gamma. mine.json: dx, dvar for Find my mistake. notes.csv: expected a number (line 2, column 3), got "oops". It is left out. Not given: beta, so beta is 0. eps is 1e-5.',
    );
    assert.deepEqual([name, gamma, beta, dy], ["x.npy", [2, 0.5], [0, 0], dx.flat()]);
    assert.deepEqual(await page.$eval("backnorm-lab", (lab) => [lab.verdict?.firstWrong, lab.verdict?.given]), ["dvar", 5]); // biome-ignore format: one line
  },
);
