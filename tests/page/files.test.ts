/** Files: what they hold is what the page shows, and a bad one is a sentence that leaves the page as it was. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "backnorm";
import { bad, npy, whole, x } from "./bad-files.ts";
import {
  appears,
  caseOf,
  chooseNode,
  chooseStep,
  click,
  drop,
  find,
  follow,
  frames,
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
  ["says-csv.csv", npy("<f8", x, [3, 2])],
  ["says-text.txt", JSON.stringify(whole)],
  ["print.txt", "array([[  1.5 ,  -2.  ],\n       [  0.25,   4.  ],\n       [  8.  , -16.5 ]])"],
  ["str.txt", "[[  1.5   -2.  ]\n [  0.25   4.  ]\n [  8.   -16.5 ]]\n"],
];

pageTest("the inputs shown are those of a CSV, JSON, .npy or print, chosen or dropped", {}, async (page) => {
  for (const [at, [name, content]] of good.entries()) {
    await click(page, 'bn-matrix[input="x"] >>> [data-at="0"]'); // so that nothing passes by what was there before
    await page.keyboard.type("777");
    await page.keyboard.press("Enter");
    const said = await (at % 2 ? drop : upload)(page, name, content);
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
  await follow(page, "#v=1&case=nowhere&node=mean");
  assert.match((await withRole(page, "alert")).join(), /expected cs231n, .*, got “nowhere”/);
  assert.deepEqual((await state(page)).x, before.x);
});

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

pageTest(
  "what is said of a file, good or bad, is said in Chinese and by the names that are on",
  { link: "#v=1&lang=zh" },
  async (page) => {
    const good = await upload(page, "rows.csv", "1,2\n3,5\n4,4\n");
    assert.match(good, /^rows\.csv: 3×2.*已读作 x；γ、β 和 ∂y 由 NumPy 的随机数生成器（种子 0）产生。$/);
    await (await find(page, 'select[name="names"]')).select("kratzert");
    await frames(page);
    assert.match((await withRole(page, "status")).join(), /已读作 x；gamma、beta 和 dout 由 NumPy/);
    const refusals = [
      ["word.csv", "a,b\n1,2\n3,oops\n", "第 3 行第 3 列：应为一个数，实为“oops”"],
      ["cut.npy", npy("<f8", x, [3, 2]).slice(0, -9), "字节 128 处：应为 48 字节的数据（形状 [3, 2]，每个值 8 字节），实为 39 字节：文件不完整"],
      ["gamma.json", JSON.stringify({ ...whole, gamma: [1] }), "gamma：应为 2 个值（对应 2 列），实为 1"],
      ["syntax.json", '{"x": [[1, 2], [3, 4]],\n "eps": }', "第 2 行第 9 列：应为数或列表，实为“}”"],
      ["huge.csv", "1e308,1\n-1e308,2\n", "例子：应为计算中始终有限的数，实为溢出或除以 0，例如 eps = 0 而某一列为常数"],
    ] as const; // biome-ignore format: a table
    for (const [name, content, sentence] of refusals) {
      await upload(page, name, content);
      const [alert = "", ...others] = await withRole(page, "alert");
      assert.deepEqual(others, [], name);
      assert.ok(alert.startsWith(`${name}: ${sentence}。`), alert);
    }
  },
);

pageTest("a file beyond 32 MiB is refused before it is read", {}, async (page) => {
  await (await find(page, "bn-graph")).evaluate((target) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(50 * 2 ** 20)], "big.csv"));
    target.dispatchEvent(
      new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true, composed: true }),
    );
  });
  await appears(page, "[role=alert]"); // before it a note may say that the rest is fetched
  assert.match(
    (await withRole(page, "alert")).join(),
    /^big\.csv: expected at most 32 MiB, got 50\. What was here stays\./,
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
  const meaning = await (await find(page, "bn-inspector >>> .meaning")).evaluate((one) => one.textContent);
  assert.match(meaning ?? "", /a wrong one would agree as well/);

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
