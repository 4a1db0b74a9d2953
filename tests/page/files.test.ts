/** Files: what they hold is what the page shows, and a bad one is a sentence that leaves the page as it was. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "backnorm";
import {
  caseOf,
  chooseNode,
  chooseStep,
  click,
  drop,
  find,
  look,
  matrix,
  pageTest,
  read,
  type State,
  state,
  upload,
  withRole,
} from "./browser.ts";

const bn = await load();

/** An .npy file, version 1.0, written as https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html says. */
function npy(
  descr: "<f4" | "<f8",
  values: readonly number[],
  shape: readonly number[],
  fortran = false,
): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${tuple}), }`;
  const header = `${dict.padEnd(128 - 10 - 1)}\n`; // the data begin at a multiple of 64
  const [rows = 1, columns = 1] = shape;
  const ordered = fortran
    ? values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number)
    : values;
  const data = descr === "<f4" ? Float32Array.from(ordered) : Float64Array.from(ordered);
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(Buffer.from(header, "latin1"), 10);
  bytes.set(new Uint8Array(data.buffer), 10 + header.length);
  return bytes;
}

/** Three rows of two, all of which float32 holds exactly. */
const x = [1.5, -2, 0.25, 4, 8, -16.5];
const whole = {
  x: [[1.5, -2], [0.25, 4], [8, -16.5]],
  gamma: [2, 0.5],
  beta: [-1, 3],
  dy: [[1, 2], [-3, 4], [5, -6.5]],
  eps: 0.001,
}; // biome-ignore format: matrices

const good: [name: string, content: string | Uint8Array][] = [
  ["rows.csv", "1.5,-2\n0.25,4\n8,-16.5\n"],
  ["excel.csv", "\uFEFFlength;width\r\n1.5;-2\r\n0.25;4\r\n8;-16.5\r\n"],
  ["tabs.tsv", "1.5\t-2\n0.25\t4\n8\t-16.5"],
  ["nested.json", "[[1.5, -2], [0.25, 4], [8, -16.5]]"],
  ["whole.json", JSON.stringify(whole, null, 2)],
  ["c-f8.npy", npy("<f8", x, [3, 2])],
  ["fortran-f8.npy", npy("<f8", x, [3, 2], true)],
  ["c-f4.npy", npy("<f4", x, [3, 2])],
  ["fortran-f4.npy", npy("<f4", x, [3, 2], true)],
  ["print.txt", "array([[  1.5 ,  -2.  ],\n       [  0.25,   4.  ],\n       [  8.  , -16.5 ]])"],
  ["str.txt", "[[  1.5   -2.  ]\n [  0.25   4.  ]\n [  8.   -16.5 ]]\n"],
];

for (const [how, give] of Object.entries({ chosen: upload, dropped: drop })) {
  pageTest(`the inputs shown are those of a ${how} CSV, JSON, .npy or print`, {}, async (page) => {
    for (const [name, content] of good) {
      await click(page, 'bn-matrix[input="x"] >>> [data-at="0"]'); // so that nothing passes by what was there before
      await page.keyboard.type("777");
      await page.keyboard.press("Enter");
      const said = await give(page, name, content);
      const shown = await state(page);
      assert.equal(shown.message?.kind, "note", said);
      assert.ok(said.startsWith(`${name}: 3×2. `), said);
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
      assert.equal(new URL(page.url()).hash, "", "a link cannot hold a file");
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
}

pageTest(
  "the file field opens a chooser, and what a file lacks is drawn once and then kept",
  {},
  async (page) => {
    const path = join(tmpdir(), `backnorm-${process.pid}.csv`);
    await writeFile(path, "1,2\n3,5\n4,4\n");
    const [chooser] = await Promise.all([
      page.waitForFileChooser(),
      click(page, "label:has(input[type=file])"),
    ]);
    await chooser.accept([path]);
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.computed?.rows === 3);
    const first = await state(page);
    assert.deepEqual(first.x, [1, 2, 3, 5, 4, 4]);
    const [gamma, beta, dy] = bn.randn(0, [2, 2, 6]).map((values) => [...values]);
    assert.deepEqual({ gamma: first.gamma, beta: first.beta, dy: first.dy }, { gamma, beta, dy });
    await upload(page, "again.csv", "9,8\n7,6\n5,5\n");
    const second = await state(page);
    assert.deepEqual({ gamma: second.gamma, beta: second.beta, dy: second.dy }, { gamma, beta, dy });
  },
);

pageTest("a JSON case is the same whatever was on the page before", {}, async (page) => {
  await upload(page, "unbiased.json", JSON.stringify({ ...whole, ddof: 1 }));
  assert.equal((await state(page)).ddof, 1);
  await upload(page, "population.json", JSON.stringify(whole));
  assert.equal((await state(page)).ddof, 0);
});

pageTest("an unbiased case says N - 1 wherever its variance is divided, and only there", {}, async (page) => {
  const line = async () => (await find(page, "bn-steps >>> code")).evaluate((one) => one.textContent);
  await look(page, "steps");
  await upload(page, "unbiased.json", JSON.stringify({ ...whole, ddof: 1 }));
  await chooseStep(page, "mean");
  assert.equal(await line(), "dmean = -(dxhat / std).sum(axis=0) - dvar * 2 * xc.sum(axis=0) / (N - 1)");
  await chooseStep(page, "x");
  assert.equal(await line(), "dx = dxhat / std + dvar * 2 * xc / (N - 1) + dmean / N");
  const formula = await (await find(page, ".formula[tabindex]")).evaluate((one) => one.textContent);
  assert.equal(formula?.replace(/\s/g, ""), "∂x=∂x^σ2+ε+∂σ2·2(x−μ)N−1+∂μN");
  await upload(page, "population.json", JSON.stringify(whole));
  assert.equal(await line(), "dx = dxhat / std + dvar * 2 * xc / N + dmean / N");
});

pageTest("a link to a case that is not there leaves an opened file where it is", {}, async (page) => {
  await upload(page, "whole.json", JSON.stringify(whole));
  const before = await state(page);
  await page.evaluate(() => {
    location.hash = "#v=1&case=nowhere&node=mean";
  });
  await page.waitForFunction(() =>
    document.querySelector("backnorm-lab")?.shadowRoot?.querySelector("[role=alert]"),
  );
  assert.match((await withRole(page, "alert")).join(), /expected cs231n, .*, got “nowhere”/);
  assert.deepEqual((await state(page)).x, before.x);
});

const cut = npy("<f8", x, [3, 2]).slice(0, -9);
const bad: [name: string, content: string | Uint8Array, sentence: RegExp][] = [
  ["word.csv", "a,b\n1,2\n3,oops\n", /expected a number \(line 3, column 3\), got "oops"/],
  ["ragged.csv", "1,2,3\n4,5\n", /expected 3 values in row 2 as in row 1 \(line 2, column 4\), got 2/],
  ["syntax.json", '{"x": [[1, 2], [3, 4]],\n "eps": }', /expected a number or a list \(line 2, column 9\), got “}”/],
  ["list.json", "[[1, 2], [3, }", /line 1, column 14/],
  ["nothing.json", '{"gamma": [1, 2]}', /expected .*"x" in it, got an object without "x"/],
  ["words.json", '{"x": "<b>"}', /x: expected numbers in nested lists/],
  ["gamma.json", JSON.stringify({ ...whole, gamma: [1, 2, 3] }), /gamma: expected 2 values for 2 columns, got 3/],
  ["beta.json", JSON.stringify({ ...whole, beta: [] }), /beta: expected/],
  ["turned.json", JSON.stringify({ ...whole, dy: [[1, 2, 3], [4, 5, 6]] }), /dy: expected shape \[3, 2\] as of x, got \[2, 3\]/],
  ["eps.json", JSON.stringify({ ...whole, eps: "small" }), /eps: expected a number, 0 or greater, got the string "small"/],
  ["ddof.json", JSON.stringify({ ...whole, ddof: 2 }), /ddof: expected 0 or 1, got 2/],
  ["cut.npy", cut, /expected 48 bytes of data for shape \[3, 2\].*\(byte 128\), got 39/],
  ["magic.npy", "1,2\n3,4\n", /with which \.npy files begin \(byte 0\), got 31 2c/],
  ["cube.npy", npy("<f8", [1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), /expected a matrix, 2 dimensions, got 3: \[2, 2, 2\]/],
  ["flat.npy", npy("<f8", x, [6]), /expected a matrix, 2 dimensions, got 1/],
  ["nan.csv", "1,2\n3,nan\n", /expected finite numbers, got NaN in row 2, column 2/],
  ["infinite.npy", npy("<f8", [1, 2, Infinity, 4], [2, 2]), /expected finite numbers, got Infinity in row 2, column 1/],
  ["empty.csv", "", /expected a number or "\[" \(line 1, column 1\), got the end of the text/],
  ["picture.png", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), /expected text in UTF-8, or \.npy, got 89 at byte 0/],
  ["latin1.csv", Uint8Array.from([0x31, 0x2c, 0xe9, 0x0a]), /expected text in UTF-8, or \.npy, got e9 at byte 2/],
  ["long.csv", "1\n2\n".repeat(10_001), /expected N²·D up to 4e\+8 for the check, got 20002×1/],
  ["decimal.csv", "1,5;2,5\n3,5;4,5\n", /\(line 1, column 5\), got a semicolon \(a decimal comma is not read/],
  ["shortened.txt", "[[1. 2. ... 3.]\n [1. 2. ... 3.]]", /expected every number \(line 1, column 9\), got .*print was shortened/],
  ["huge.csv", "1e308,1\n-1e308,2\n", /case: expected numbers that stay finite on the way through/],
  ["zero.npy", npy("<f8", [], [0, 3]), /expected/],
]; // biome-ignore format: a table

const numbers = ({ message, name, ...rest }: State) => rest;

pageTest(
  "a bad file is one sentence that names it and the place, and the page stays as it was",
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
      assert.match(said, /^\S+: .*\. What was here stays\.$/s, "a sentence");
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

pageTest("a file beyond 32 MiB is refused before it is read", {}, async (page) => {
  await (await find(page, "bn-graph")).evaluate((target) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(33 * 2 ** 20)], "big.csv"));
    target.dispatchEvent(
      new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true, composed: true }),
    );
  });
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.message);
  assert.match(
    (await withRole(page, "alert")).join(),
    /^big\.csv: expected at most 32 MiB, got 33\. What was here stays\./,
  );
});

pageTest("what is dragged and is no file is left to the browser", {}, async (page) => {
  const taken = await (await find(page, "bn-graph")).evaluate((target) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/plain", "1,2\n3,4");
    const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
    return ["dragover", "drop"].map((type) => !target.dispatchEvent(new DragEvent(type, options)));
  });
  assert.deepEqual(taken, [false, false]);
  assert.equal((await state(page)).message, undefined);
});

pageTest("one row, or a constant gradient from above, is undecidable and not a fail", {}, async (page) => {
  await upload(page, "row.csv", "1,2,3\n");
  const verdicts = async () => Object.fromEntries(((await state(page)).report ?? []).map(({ id, verdict }) => [id, verdict]));
  const row = await verdicts();
  assert.ok(!Object.values(row).includes("fail"), JSON.stringify(row));
  assert.equal(row["x"], "undecidable"); // y = beta, whatever x is
  assert.equal(row["beta"], "pass");
  await chooseNode(page, "x");
  assert.match((await withRole(page, "status")).join(" "), /a wrong one would agree as well/);

  await upload(page, "constant.json", JSON.stringify({ x: [[1, 2], [3, 5], [4, 1]], gamma: [1, 2], beta: [0, 0], dy: [[1, 1], [1, 1], [1, 1]] }));
  const constant = await verdicts();
  assert.ok(!Object.values(constant).includes("fail"), JSON.stringify(constant));
  assert.equal(constant["x"], "undecidable"); // Σ y = N·beta, whatever x is
  assert.equal(constant["beta"], "pass");

  const shown = await page.$$eval(">>> .node", (cards) => cards.map((card) => [card.getAttribute("data-node") ?? "", card.querySelector(".mark")?.getAttribute("class")]));
  assert.deepEqual(Object.fromEntries(shown), Object.fromEntries(Object.entries(constant).map(([id, verdict]) => [id, `mark ${verdict}`])));
  const words = await page.$$eval(">>> .chip", (chips) => chips.map((chip) => chip.textContent?.trim()));
  assert.ok(words.includes("undecidable") && !words.includes("fail"), words.join());
}); // biome-ignore format: matrices
