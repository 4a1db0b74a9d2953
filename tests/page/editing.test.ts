/** Typing, pasting and undoing: everything recomputes as the package in Node computes it, and wrong text changes nothing. */
import assert from "node:assert/strict";
import { unitRoundoff } from "../web/support.ts";
import {
  address,
  appears,
  cell,
  click,
  clipboard,
  find,
  focused,
  hold,
  type Lab,
  look,
  pageTest,
  press,
  type State,
  state,
  withRole,
} from "./browser.ts";
import { assertComputed, block, copy, countSteps, fetchRest, invalid, paste, textIn } from "./cells.ts";

/** Three numbers that add up in another order than the backward pass adds them: two roundings, of its largest term. */
function assertPathsAddUp({ paths, grads }: State) {
  for (const [at, dx] of (grads["x"] as number[]).entries()) {
    const terms = paths.map((path) => path[at] as number);
    const sum = terms.reduce((a, b) => a + b);
    const most = Math.max(...terms.map(Math.abs));
    assert.ok(
      Math.abs(sum - dx) <= 4 * unitRoundoff.float64 * most,
      `paths[${at}]: ${terms.join(" + ")} for ${dx}`,
    );
  }
}

pageTest("a number typed into x, gamma, beta, dy or eps recomputes everything", {}, async (page) => {
  const edits = [
    ["x", 0, "-3.25"],
    ["x", 19, "1e2"],
    ["gamma", 3, "0.5"],
    ["beta", 0, " 7 "],
    ["dy", 11, "+.125"],
  ] as const;
  for (const [input, at, text] of edits) {
    const before = await state(page);
    await click(page, cell(input, at));
    await page.keyboard.type(text); // in place of the old number
    await press(page, "Enter");
    const after = await state(page);
    assert.deepEqual(after[input], before[input].with(at, Number(text)), `${input}[${at}] = ${text}`);
    const others = (["x", "gamma", "beta", "dy"] as const).filter((other) => other !== input);
    for (const other of others) assert.deepEqual(after[other], before[other], other);
    assertComputed(after);
    assertPathsAddUp(after);
  }
  await click(page, 'input[name="eps"]', 3);
  await page.keyboard.type("0.5");
  await press(page, "Enter");
  const last = await state(page);
  assert.equal(last.eps, 0.5);
  assertComputed(last);
  assertPathsAddUp(last);
  assert.ok(
    last.report?.every(({ verdict }) => verdict !== "fail"),
    "a right gradient fails",
  );
});

pageTest(
  "a number is edited in its cell of the graph, and what has changed shows by how much",
  { link: "#v=1&case=notes&node=x&cell=1,1" },
  async (page) => {
    await (await find(page, 'bn-graph >>> [data-node="x"]')).evaluate((node) => node.focus());
    for (const [text, want] of [
      ["oops", 3],
      ["7", 7],
    ] as const) {
      await press(page, "Enter");
      await find(page, "bn-graph >>> .cell-field");
      await page.keyboard.type(text);
      await press(page, "Enter");
      if (want === 3) {
        const invalid = await find(page, 'bn-graph >>> .cell-field[aria-invalid="true"]');
        assert.ok(invalid);
        await press(page, "Escape");
      }
      assert.equal((await state(page)).x[0], want, text);
    }
    const changed = await page.$$eval(">>> bn-graph >>> .in.changed", (cells) =>
      cells.map((one) => one.textContent),
    );
    assert.ok(changed.includes("+4"), changed.join());
  },
);

pageTest(
  "text that is not a finite number stays in the field with a message, and Escape restores the old number",
  {},
  async (page) => {
    const before = await state(page);
    for (const text of ["abc", "", "1e999", "1,5", "0x10", "NaN", "-Infinity", "1 2"]) {
      await click(page, cell("x", 6));
      await press(page, "F2");
      await hold(page, ["Control"], "a");
      await press(page, "Backspace");
      await page.keyboard.type(text);
      for (const key of ["Enter", "Tab"] as const) {
        await press(page, key);
        const [sentence = "", ...others] = await withRole(page, "alert");
        assert.match(sentence, /^Expected a finite number such as/, `for "${text}"`);
        assert.ok(sentence.includes(`got “${text}”`), sentence);
        assert.deepEqual(others, []);
        assert.equal(await invalid(page, cell("x", 6)), "true");
        assert.equal(await focused(page), "x, row 2, column 2"); // it stays where it has to be mended
        assert.equal(await textIn(page, cell("x", 6)), text);
      }
      await press(page, "Escape");
      assert.equal(await textIn(page, cell("x", 6)), "11.25");
      assert.deepEqual(await withRole(page, "alert"), []);
      assert.deepEqual((await state(page)).x, before.x);
    }
  },
);

pageTest("the keyboard alone can enter a matrix, edit it and leave it", {}, async (page) => {
  await (await find(page, cell("x", 0))).focus();
  await press(page, "ArrowDown");
  assert.equal(await focused(page), "x: row 2, column 1");
  await page.keyboard.type("5");
  await press(page, "Enter");
  assert.equal(await focused(page), "x: row 3, column 1");
  await press(page, "ArrowUp", "ArrowUp", "ArrowUp");
  assert.equal(await focused(page), "x: row 1, column 1");
  await press(page, "Tab"); // a matrix is one stop
  assert.equal(await focused(page), "γ: column 1");
  await press(page, "Tab", "Tab");
  assert.equal(await focused(page), "eps");
  await hold(page, ["Shift"], "Tab", "Tab", "Tab");
  assert.equal(await focused(page), "x: row 1, column 1");
  const { x, selection } = await state(page);
  assert.equal(x[5], 5);
  assert.deepEqual(selection, { node: "x", cell: { row: 0, column: 0 } });
});

const numbers = ({ x, gamma, beta, dy, eps, name }: Awaited<ReturnType<typeof state>>) =>
  ({ x, gamma, beta, dy, eps, name }) as const;

pageTest(
  "every edit of x, γ, β, ∂y and ε can be undone and redone in order, and its cell is chosen again",
  {},
  async (page) => {
    const edits = [
      ["x", 13, { node: "x", cell: { row: 2, column: 3 } }],
      ["gamma", 2, { node: "gamma", cell: { row: 3, column: 2 } }],
      ["beta", 0, { node: "beta", cell: { row: 3, column: 0 } }],
      ["dy", 9, { node: "y", cell: { row: 1, column: 4 } }],
    ] as const;
    // Enter in x went to row 4, which the rows γ and β leave as it is
    const stages = [numbers(await state(page))];
    for (const [input, at] of edits) {
      await click(page, cell(input, at));
      await page.keyboard.type("4.5");
      await press(page, "Enter");
      stages.push(numbers(await state(page)));
    }
    await click(page, 'input[name="eps"]', 3);
    await page.keyboard.type("0.25");
    await press(page, "Enter");
    const last = numbers(await state(page));
    assert.equal(last.eps, 0.25);
    await click(page, cell("x", 0)); // out of the field, whose text is the browser's to undo
    for (const [from, stage] of [...stages.entries()].reverse()) {
      await hold(page, ["Control"], "z");
      const shown = await state(page);
      assert.deepEqual(numbers(shown), stage, `back to stage ${from}`);
      const edit = edits[from];
      if (edit) assert.deepEqual(shown.selection, edit[2]);
    }
    assert.equal((await state(page)).name, "cs231n");
    assert.equal(await address(page), "#v=1&case=cs231n&node=x&cell=3,4");
    for (const [at, stage] of [...stages.slice(1), last].entries()) {
      if (at % 2 === 0) await hold(page, ["Control"], "y");
      else await hold(page, ["Control", "Shift"], "Z");
      assert.deepEqual(numbers(await state(page)), stage, `on to stage ${at + 1}`);
    }
  },
);

pageTest("a block is copied with tabs and all digits, and pasted as one step", {}, async (page) => {
  await fetchRest(page);
  const before = await state(page);
  await click(page, cell("x", 6));
  await hold(page, ["Shift"], "ArrowRight", "ArrowDown");
  const [a, b, c, d] = [6, 7, 11, 12].map((at) => before.x[at] as number) as [number, number, number, number];
  assert.equal(await copy(page), `${a}\t${b}\n${c}\t${d}`);
  await click(page, cell("dy", 8));
  const steps = await countSteps(page);
  await clipboard(page, "Paste");
  const after = await state(page);
  assert.deepEqual(after.dy, before.dy.with(8, a).with(9, b).with(13, c).with(14, d));
  assert.deepEqual(await block(page, "dy"), [8, 9, 13, 14]);
  assert.deepEqual(after.selection, { node: "y", cell: { row: 1, column: 3 } });
  assert.equal(await steps(), 1);
  await hold(page, ["Control"], "z");
  assert.deepEqual((await state(page)).dy, before.dy);

  // what only shows numbers can be copied too
  await look(page, "paths");
  await click(page, 'bn-paths >>> bn-matrix[label^="direct"] >>> [data-at="3"]');
  await hold(page, ["Shift"], "End");
  assert.equal(await copy(page), before.paths[0]?.slice(3, 5).join("\t"));
});

pageTest(
  "a larger x, or a whole case, is pasted over the inputs; what was missing is said",
  {},
  async (page) => {
    const rows = Array.from({ length: 6 }, (_, row) =>
      [row, row * row, 1, 1 - row, 5, 6, 7 - row].slice(0, 6),
    );
    await (await find(page, cell("x", 7))).focus();
    await paste(page, rows.map((row) => row.join("\t")).join("\n"));
    await page.waitForFunction(
      () => document.querySelector("backnorm-lab")?.session.computed?.layout.sheets.elements.rows === 6,
    );
    const larger = await state(page);
    assert.deepEqual([larger.columns, larger.x, larger.gamma, larger.beta], [6, rows.flat(), Array(6).fill(1), Array(6).fill(0)]); // biome-ignore format: one line
    assert.equal(
      larger.message?.text,
      "x, 6×6. Not given: gamma, beta, so gamma is 1 and beta is 0. dy was not given. It is drawn: np.random.seed(0), then np.random.randn(6, 6). eps is 1e-5.",
    );
    await hold(page, ["Control"], "z");
    assert.equal((await state(page)).rows, 4);

    await (await find(page, cell("gamma", 0))).focus();
    await paste(page, "x = array([[1., 2.],\n       [3., 5.],\n       [4., 1.]])\ndout = [[1, 0], [0, 1], [1, 1]]\neps = 0.5\ndx = [[0, 0], [0, 0], [0, 0]]\n"); // biome-ignore format: one line
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.verdict?.source === "mine");
    const { x, dy, eps, name, message } = await state(page);
    assert.deepEqual([x, dy, eps, name], [[1, 2, 3, 5, 4, 1], [1, 0, 0, 1, 1, 1], 0.5, "own numbers"]); // biome-ignore format: one line
    assert.match(
      message?.text ?? "",
      /^x, 3×2; “dout” as dy; dx for Find my mistake\. Not given: gamma, beta/,
    );

    // too much for another input, and not an array, change nothing
    for (const [at, text] of [
      ["gamma", "1\t2\t3"],
      ["dy", rows.map((row) => row.join()).join("\n")],
      ["x", "a = b\n"],
    ] as const) {
      await (await find(page, cell(at, 0))).focus();
      await paste(page, text);
      await appears(page, "[role=alert]");
      assert.deepEqual((await state(page)).x, x);
      await page.$eval("backnorm-lab", (lab) => lab.session.dismiss());
    }
  },
);

pageTest("new random numbers come in any shape that the norm can have", {}, async (page) => {
  const draw = async (shape: string) => {
    await (await find(page, "bn-inputs >>> [name=shape]")).evaluate((field, wanted) => {
      (field as HTMLInputElement).value = wanted;
    }, shape);
    await click(page, "bn-inputs >>> [name=draw]");
  };
  await draw("6×3");
  await page.waitForFunction(
    () => document.querySelector("backnorm-lab")?.session.computed?.layout.sheets.elements.rows === 6,
  );
  const { name, columns } = await state(page);
  assert.deepEqual([name, columns], ["randn:1:6x3", 3]);
  await draw("2, 3, 4, 5");
  await page.waitForFunction(
    () => document.querySelector("backnorm-lab")?.session.computed?.layout.sheets.elements.columns === 60,
  );
  assert.match(await address(page), /case=randn:2:2x3x4x5&/);
  await draw("nonsense"); // the browser says what it expects
  assert.equal((await state(page)).name, "randn:2:2x3x4x5");
});

pageTest(
  "an edit keeps the arrays that it leaves as they were, so they are not drawn again",
  {},
  async (page) => {
    const kept = await page.evaluate(() => {
      const { session } = document.querySelector("backnorm-lab") as Lab;
      const arrays = () =>
        (session.computed?.trace.nodes ?? []).flatMap(({ id, value, grad }) => [
          [id, value] as const,
          [`d${id}`, grad] as const,
        ]);
      const before = arrays();
      session.edit("dy", [{ at: 0, value: 2.5 }]);
      return arrays().flatMap(([name, array], i) => (array === before[i]?.[1] ? [name] : []));
    });
    const values = ["x", "gamma", "beta", "mean", "xc", "sq", "var", "std", "invstd", "xhat", "scaled", "y"];
    assert.deepEqual(kept, values);
  },
);
