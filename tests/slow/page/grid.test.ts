/** The grid that all matrices are: what it tells assistive technology, its keys and blocks, its size and its colours. */
import assert from "node:assert/strict";
import type { KeyInput, Page } from "puppeteer-core";
import {
  cell,
  chosen,
  click,
  find,
  focused,
  frames,
  hold,
  inspected,
  look,
  type Matrix,
  matrix,
  pageTest,
  press,
  ready,
  state,
  upload,
  withRole,
} from "../../page/browser.ts";
import { block, countSteps, fetchRest, paste, type Speaking } from "../../page/cells.ts";
import { holdChecks, kHeld } from "../../page/held.ts";

/** Opens a file and waits for its check, since all that lies below the verdicts moves when that ends. */
async function open(page: Page, name: string, content: string) {
  await upload(page, name, content);
  await ready(page);
}

const table = (rows: number, columns: number) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) =>
      (Math.sin(row * 1.7 + column ** 2) * 10).toFixed(3),
    ).join(),
  ).join("\n");

pageTest(
  "a matrix is a grid with numbered rows and columns, and its cells state position and number",
  {},
  async (page) => {
    const { x } = await state(page);
    await click(page, cell("x", 7));
    const told = await (await find(page, 'bn-matrix[input="x"]')).evaluate(({ shadowRoot }) => {
      const all = (selector: string) => [
        ...(shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>(selector),
      ];
      const told = (element: HTMLElement | undefined, ...names: string[]) =>
        names.map((name) => element?.getAttribute(name)).join();
      const [grid] = all("[role=grid]");
      return {
        grid: told(
          grid,
          "aria-label",
          "aria-rowcount",
          "aria-colcount",
          "aria-readonly",
          "aria-multiselectable",
        ),
        rows: all("[role=row]").map((row) => told(row, "aria-rowindex")),
        columns: all("[role=row]:first-child > [role=gridcell]").map((one) => told(one, "aria-colindex")),
        stops: all("[tabindex='0']").map(({ dataset }) => dataset["at"]),
        selected: all("[aria-selected=true]").map(({ dataset }) => dataset["at"]),
        cells: all("[role=gridcell]").length,
        label: told(all("[data-at='7']")[0], "aria-label", "title"),
      };
    });
    const [full, shown] = [
      String(x[7]),
      await (await find(page, cell("x", 7))).evaluate((one) => one.textContent),
    ];
    assert.deepEqual(told, {
      grid: "x,4,5,false,true",
      rows: ["1", "2", "3", "4"],
      columns: ["1", "2", "3", "4", "5"],
      stops: ["7"],
      selected: ["7"],
      cells: 20,
      label: `row 2, column 3: ${shown},${full}`,
    });
    const value = await find(page, 'bn-inspector >>> bn-matrix[label^="value"] >>> [role=grid]');
    assert.equal(await value.evaluate((grid) => grid.ariaReadOnly), "true");
  },
);

pageTest(
  "arrows, Home, End, Page Up and Page Down move through a matrix, with Control to its ends",
  {},
  async (page) => {
    await open(page, "wide.csv", table(40, 30));
    await click(page, cell("x", 0));
    const ways: [string, KeyInput[], KeyInput, number, number][] = [
      ["to the right", [], "ArrowRight", 0, 1],
      ["down", [], "ArrowDown", 1, 1],
      ["to the last column", [], "End", 1, 29],
      ["no further", [], "ArrowRight", 1, 29],
      ["to the left", [], "ArrowLeft", 1, 28],
      ["to the first column", [], "Home", 1, 0],
      ["to the last cell", ["Control"], "End", 39, 29],
      ["to the first cell", ["Control"], "Home", 0, 0],
      ["to the last row", ["Control"], "ArrowDown", 39, 0],
      ["to the last column at once", ["Control"], "ArrowRight", 39, 29],
      ["to the first row", ["Control"], "ArrowUp", 0, 29],
      ["to the first column at once", ["Control"], "ArrowLeft", 0, 0],
    ];
    for (const [what, held, key, row, column] of ways) {
      await hold(page, held, key);
      assert.deepEqual((await state(page)).selection.cell, { row, column }, what);
      assert.equal(await focused(page), `x: row ${row + 1}, column ${column + 1}`, what);
    }
    await press(page, "PageDown", "PageDown");
    const { row } = (await state(page)).selection.cell;
    assert.ok(row > 16 && row < 26, `two pages of some twelve rows lead to row ${row}`);
    await press(page, "PageUp", "PageUp", "PageUp");
    assert.equal((await state(page)).selection.cell.row, 0);
  },
);

pageTest(
  "a 1000×100 matrix uses few elements, and every cell can be reached",
  { before: kHeld },
  async (page) => {
    await look(page, "paths"); // the lens with the most matrices
    await holdChecks(page);
    await upload(page, "large.csv", table(1000, 100));
    const measure = () =>
      page.evaluate(() => {
        const every = window.everyElement();
        const matrices = every.filter(({ localName }) => localName === "bn-matrix");
        return {
          cells: every.filter(({ role }) => role === "gridcell").length,
          highest: Math.max(...matrices.map((one) => one.getBoundingClientRect().height)),
        };
      });
    const before = await measure();
    assert.ok(before.cells > 500 && before.cells < 1500, `${before.cells} cells`);
    assert.ok(before.highest < 360, `a matrix is ${before.highest} pixels high`);

    await click(page, cell("x", 0));
    await hold(page, ["Control"], "End");
    assert.equal(await focused(page), "x: row 1000, column 100");
    assert.equal(await block(page, "x").then(String), "99999");
    const { ringed } = await chosen(page);
    for (const { label, inSight } of ringed) assert.ok(inSight, `the ring in ${label} is out of sight`);
    const { x } = await state(page);
    const { shown } = await matrix(page, 'bn-matrix[input="x"]');
    assert.ok(shown.length < 250, `${shown.length} cells of x are in the document`);
    for (const { at, text } of shown)
      assert.equal(text.replace("\u2212", "-"), (x[at] as number).toFixed(2).replace(/^-(0\.00)$/, "$1"));

    await page.keyboard.type("12.5");
    await press(page, "Enter");
    assert.equal((await state(page)).x[99_999], 12.5);
    await hold(page, ["Control"], "Home");
    assert.equal(await focused(page), "x: row 1, column 1");
    await press(page, "Tab");
    assert.equal(await focused(page), "γ: column 1");
  },
);

pageTest("a cell scrolled out of view keeps the focus, and a key scrolls back to it", {}, async (page) => {
  await open(page, "tall.csv", table(300, 30));
  await click(page, cell("x", 31));
  const box = await find(page, 'bn-matrix[input="x"] >>> .scroll');
  for (const [left, top] of [
    [9999, 9999],
    [0, 400],
    [500, 0],
    [300, 3000],
  ] as const) {
    await box.evaluate((element, to) => element.scrollTo(to), { left, top });
    await frames(page);
    assert.equal(await focused(page), "x: row 2, column 2");
  }
  assert.deepEqual(await block(page, "x"), [31]);
  const order = await box.evaluate((element) =>
    [...element.querySelectorAll<HTMLElement>("[role=gridcell]")].map(({ dataset }) => Number(dataset["at"])),
  );
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    "reading order",
  );
  await press(page, "ArrowDown");
  assert.equal(await focused(page), "x: row 3, column 2");
  assert.ok(
    (await chosen(page)).ringed.every(({ inSight }) => inSight),
    "a ring is out of sight",
  );
});

pageTest("row and column numbers stay in view beside their cells", {}, async (page) => {
  await open(page, "tall.csv", table(300, 30));
  const box = await find(page, 'bn-matrix[input="x"] >>> .scroll');
  await box.evaluate((element) => {
    element.scrollIntoView();
    element.scrollTo(700, 3000);
  });
  await frames(page);
  const seen = await box.evaluate((element) => {
    const frame = element.getBoundingClientRect();
    const host = element.getRootNode() as ShadowRoot;
    const middle = host.elementFromPoint(frame.x + frame.width / 2, frame.y + frame.height / 2);
    const cell = middle?.closest("[data-at]") as HTMLElement;
    const place = Number(cell.dataset["at"]);
    const { left, top } = cell.getBoundingClientRect();
    const number = (side: string, index: number) =>
      [...element.querySelectorAll(`.${side} > span`)].find(
        ({ textContent }) => textContent === String(index + 1),
      );
    const beside = number("beside", Math.floor(place / 30))?.getBoundingClientRect() as DOMRect;
    const above = number("above", place % 30)?.getBoundingClientRect() as DOMRect;
    return {
      inRow: beside.top === top,
      inColumn: above.left === left,
      atTheSide: beside.left >= frame.left && beside.right < frame.left + 40,
      atTheTop: above.top === frame.top,
      onTop: host.elementFromPoint(beside.x + 2, beside.y + 9)?.parentElement?.className,
      silent: [".above", ".beside"].map((side) => element.querySelector(side)?.ariaHidden).join(),
    };
  });
  assert.deepEqual(seen, {
    inRow: true,
    inColumn: true,
    atTheSide: true,
    atTheTop: true,
    onTop: "beside",
    silent: "true,true",
  });
});

pageTest(
  "Shift with arrows, Home, End or clicks chooses a block; any other move ends it",
  {},
  async (page) => {
    await click(page, cell("x", 6));
    await hold(page, ["Shift"], "ArrowRight", "ArrowDown");
    assert.deepEqual(await block(page, "x"), [6, 7, 11, 12]);
    assert.equal(await focused(page), "x: row 3, column 3");
    assert.deepEqual(await block(page, "dy"), [12], "the other matrices show the cell");
    await hold(page, ["Shift"], "Home");
    assert.deepEqual(await block(page, "x"), [5, 6, 10, 11]);
    await press(page, "ArrowDown");
    assert.deepEqual(await block(page, "x"), [15]);

    await page.keyboard.down("Shift");
    await click(page, cell("x", 13));
    await page.keyboard.up("Shift");
    assert.deepEqual(await block(page, "x"), [10, 11, 12, 13, 15, 16, 17, 18]);
    await press(page, "Escape");
    assert.deepEqual(await block(page, "x"), [13]);
    await hold(page, ["Control"], "a");
    assert.equal((await block(page, "x")).length, 20);
    await click(page, cell("dy", 3));
    assert.deepEqual(await block(page, "x"), [3], "what is chosen elsewhere ends the block");

    await click(page, cell("beta", 1));
    await hold(page, ["Shift"], "ArrowRight", "ArrowDown"); // a row has nothing below it
    assert.deepEqual(await block(page, "beta"), [1, 2]);
  },
);

pageTest("blocks of spreadsheets, CSV, NumPy and PyTorch are pasted at the chosen cell", {}, async (page) => {
  await fetchRest(page);
  const { x } = await state(page);
  const at = (...changes: [number, number][]) =>
    changes.reduce((all, [place, value]) => all.with(place, value), x);
  const pastes: [string, number, string, number[]][] = [
    ["a spreadsheet", 7, "1.5\t-2\r\n3e2\t4\r\n", at([7, 1.5], [8, -2], [12, 300], [13, 4])],
    ["real minus signs", 18, "\u22121,\u22122", at([18, -1], [19, -2])],
    ["CSV with a header", 0, "a,b,c\n1,2,3\n4,5,6\n", at([0, 1], [1, 2], [2, 3], [5, 4], [6, 5], [7, 6])],
    ["NumPy", 13, "array([[ 0.5,  1. ],\n       [-1.5,  2. ]])", at([13, 0.5], [14, 1], [18, -1.5], [19, 2])],
    ["NumPy's str", 0, "[[7. 8.]\n [9. 1.]]", at([0, 7], [1, 8], [5, 9], [6, 1])],
    [
      "PyTorch",
      10,
      "tensor([[1., 2., 3., 4., 0.5]], grad_fn=<MulBackward0>)",
      at([10, 1], [11, 2], [12, 3], [13, 4], [14, 0.5]),
    ],
    ["a row", 16, "[1, 2, 3]", at([16, 1], [17, 2], [18, 3])],
    ["one number", 19, " 42\n", at([19, 42])],
    ["everything", 0, Array(4).fill("1 2 3 4 5").join("\n"), x.map((_, i) => (i % 5) + 1)],
  ];
  for (const [what, place, text, wanted] of pastes) {
    await click(page, cell("x", place));
    await paste(page, text);
    assert.deepEqual((await state(page)).x, wanted, what);
    assert.deepEqual(await withRole(page, "alert"), [], what);
    await hold(page, ["Control"], "z");
    assert.deepEqual((await state(page)).x, x, `${what}, undone`);
  }
  await click(page, cell("x", 6));
  await hold(page, ["Shift"], "ArrowRight", "ArrowDown");
  await paste(page, "9");
  assert.deepEqual((await state(page)).x, at([6, 9], [7, 9], [11, 9], [12, 9]), "one number fills a block");
});

pageTest(
  "a paste that does not fit or is not a number is refused with a message, and changes nothing",
  {},
  async (page) => {
    await fetchRest(page);
    const before = await state(page);
    const refused: [string, number, string, RegExp][] = [
      ["x", 8, "1,2,3", /expected at most 3×2 numbers starting at row 2, column 4, got 1×3\.$/],
      ["x", 15, "1\n2", /expected at most 1×5 numbers starting at row 4, column 1, got 2×1\.$/],
      ["gamma", 3, "1,2,3", /expected at most 1×2 numbers starting at column 4, got 1×3\.$/],
      ["x", 0, "1,2\n3", /expected 2 values in row 2 as in row 1 .*, got 1\.$/],
      ["x", 0, "a word or two", /expected a number or "\["/],
      ["x", 0, "", /expected a number or "\["/],
      ["x", 0, "[[1, nan]]", /expected finite numbers, got NaN in row 1, column 2\.$/],
      ["x", 0, "-inf", /expected finite numbers, got −∞ in row 1, column 1\.$/],
      ["x", 0, "[[[1, 2]]]", /expected a number, a row or a matrix, got 3 dimensions: \[1, 1, 2\]\.$/],
      ["x", 0, "<img src=x onerror=window.hit=1>", /expected/],
    ];
    const steps = await countSteps(page);
    for (const [input, at, text, sentence] of refused) {
      await click(page, cell(input, at));
      await paste(page, text);
      const [said = "", ...others] = await withRole(page, "alert");
      assert.match(said, /^Nothing was pasted: /, text);
      assert.match(said, sentence, text);
      assert.deepEqual(others, []);
      assert.equal(await focused(page).then((name) => name?.startsWith(input === "x" ? "x: " : "γ: ")), true);
      await press(page, "ArrowUp", "ArrowDown", "ArrowLeft");
      assert.deepEqual(await withRole(page, "alert"), [], "the next move ends the sentence");
    }
    const { x, gamma } = await state(page);
    assert.deepEqual([x, gamma], [before.x, before.gamma]);
    assert.equal(await steps(), 0);
  },
);

/** What is said of a cell, of the field in it, and of what was typed or pasted there. */
const spokenOf = async (page: Page, input: string, at: number) =>
  (await find(page, `bn-matrix[input="${input}"]`)).evaluate((host, place) => {
    const { shadowRoot } = host as HTMLElement & { shadowRoot: ShadowRoot };
    const cell = shadowRoot.querySelector(`[data-at="${place}"]`);
    const field = cell?.querySelector("input")?.ariaLabel;
    return {
      grid: shadowRoot.querySelector("[role=grid]")?.ariaLabel,
      cell: cell?.ariaLabel,
      ...(field && { field }),
      refusal: shadowRoot.querySelector(".refusal")?.textContent?.replace(/\s+/g, " ").trim(),
    };
  }, at);

const speak = async (page: Page, language: string, names: string) => {
  await page.evaluate(
    async (...wanted) => {
      const { session } = document.querySelector("backnorm-lab") as Speaking;
      await session.speak(...wanted);
    },
    language,
    names,
  );
  await frames(page);
};

pageTest(
  "the words of a grid follow the language and the names, even during an edit",
  { link: "#v=1&lang=zh" },
  async (page) => {
    await fetchRest(page);
    const { beta } = await state(page);
    const shown = (beta[2] as number).toFixed(4).replace("-", "\u2212");
    await click(page, cell("beta", 2));
    await paste(page, "1,2,3,4");
    assert.deepEqual(await spokenOf(page, "beta", 2), {
      grid: "β",
      cell: `第 3 列：${shown}`,
      refusal: "未粘贴：应为从第 3 列起至多 1×3 个数，实为 1×4。",
    });
    await speak(page, "en", "cs231n");
    assert.deepEqual(await spokenOf(page, "beta", 2), {
      grid: "β",
      cell: `column 3: ${shown}`,
      refusal: "Nothing was pasted: expected at most 1×3 numbers starting at column 3, got 1×4.",
    });
    await page.keyboard.type("two");
    await press(page, "Enter");
    const typed = {
      grid: "bnbias",
      cell: `第 3 列：${shown}`,
      field: "bnbias，第 3 列",
      refusal: "应为有限的数，例如 −1.5 或 2e-3，实为“two”。 保留原值",
    };
    await speak(page, "zh", "makemore");
    assert.deepEqual(await spokenOf(page, "beta", 2), typed);
    await speak(page, "en", "kratzert");
    assert.deepEqual(await spokenOf(page, "beta", 2), {
      grid: "beta",
      cell: `column 3: ${shown}`,
      field: "beta, column 3",
      refusal: "Expected a finite number such as −1.5 or 2e-3, got “two”. Keep the old value",
    });
    assert.equal(await focused(page), "beta, column 3", "the field keeps the keyboard");
    await press(page, "Escape");
    assert.equal((await spokenOf(page, "beta", 2)).refusal, undefined);
    assert.deepEqual((await state(page)).beta, beta);
  },
);

pageTest("in a read-only matrix, neither keys nor a paste change anything", {}, async (page) => {
  const before = await state(page);
  const value = 'bn-inspector >>> bn-matrix[label^="value"]';
  await click(page, `${value} >>> [data-at="2"]`);
  await page.keyboard.type("5");
  await press(page, "Enter", "F2", "Delete", "Backspace");
  await paste(page, "1,2");
  await click(page, `${value} >>> [data-at="2"]`, 2);
  assert.equal((await page.$$(`>>> ${value} >>> input`)).length, 0);
  assert.deepEqual(await withRole(page, "alert"), []);
  const after = await state(page);
  assert.deepEqual([after.x, after.name], [before.x, before.name]);
});

pageTest("Delete and Backspace set the chosen block to 0 in one step", {}, async (page) => {
  const { x, gamma } = await state(page);
  await click(page, cell("x", 6));
  await hold(page, ["Shift"], "ArrowRight", "ArrowDown");
  const steps = await countSteps(page);
  await press(page, "Delete");
  assert.deepEqual((await state(page)).x, x.with(6, 0).with(7, 0).with(11, 0).with(12, 0));
  assert.equal(await steps(), 1);
  await press(page, "Delete");
  assert.equal(await steps(), 1, "what is 0 stays 0");
  await click(page, cell("gamma", 4));
  await press(page, "Backspace");
  assert.deepEqual((await state(page)).gamma, gamma.with(4, 0));
});

/** The contrast of the text on every colour of the heat map, worst first; a hatch has two. */
const contrasts = (page: Page) =>
  page.evaluate(() => {
    const host = document.createElement("bn-matrix");
    document.querySelector("backnorm-lab")?.shadowRoot?.append(host);
    const cell = document.createElement("div");
    (host.shadowRoot as ShadowRoot).append(cell);
    const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (!brush) throw new Error("no canvas");
    const luminance = (colour: string) => {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...brush.getImageData(0, 0, 1, 1).data].map((byte) =>
        byte <= 10.314 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
      ) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const shades = Array.from({ length: 12 }, (_, i) => [`p${i + 1}`, `n${i + 1}`]).flat();
    const found = ["s0", "nan", "pinf", "ninf", ...shades].map((name) => {
      cell.className = name;
      const { color, backgroundColor, backgroundImage } = getComputedStyle(cell);
      const grounds = backgroundImage.match(/(?:rgb|oklab|color)\([^)]*\)/g) ?? [backgroundColor];
      const worst = Math.min(
        ...grounds.map((ground) => {
          const [dark, light] = [luminance(color), luminance(ground)].sort((a, b) => a - b) as [
            number,
            number,
          ];
          return (light + 0.05) / (dark + 0.05);
        }),
      );
      return { name, contrast: worst, ground: grounds.join(" ") };
    });
    host.remove();
    return found.sort((a, b) => a.contrast - b.contrast);
  });

for (const dark of [false, true]) {
  const name = dark ? "dark" : "light";
  pageTest(
    `every shade of the heat map has its own colour and a contrast of 4.5 in ${name}`,
    { dark },
    async (page) => {
      const found = await contrasts(page);
      assert.equal(new Set(found.map(({ ground }) => ground)).size, 28);
      for (const { name: shade, contrast } of found)
        assert.ok(contrast >= 4.5, `the text on ${shade} has a contrast of ${contrast.toFixed(2)}`);
    },
  );
}

pageTest(
  "NaN and infinities are hatched and read as words, and zero has the colour of paper",
  {},
  async (page) => {
    const shown = await page.evaluate(async () => {
      const host = Object.assign(
        document.createElement("bn-matrix") as Matrix & { updateComplete: Promise<boolean> },
        {
          values: Float64Array.of(1, -2, 0, Number.NaN, Infinity, -Infinity, -0, 1e-9),
          columns: 4,
        },
      );
      document.querySelector("backnorm-lab")?.shadowRoot?.append(host);
      await host.updateComplete;
      const cells = [...(host.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>("[role=gridcell]")];
      const zero = getComputedStyle(host).getPropertyValue("--zero");
      return cells.map((one) => ({
        text: one.textContent,
        label: one.ariaLabel,
        hatched: getComputedStyle(one).backgroundImage !== "none",
        paper: zero.length > 0 && one.classList.contains("s0"),
      }));
    });
    const cells = shown.map(({ text, hatched, paper }) => [text, hatched, paper]);
    assert.deepEqual(cells, [
      ["1.000", false, false],
      ["\u22122.000", false, false],
      ["0.000", false, true],
      ["NaN", true, false],
      ["∞", true, false],
      ["\u2212∞", true, false],
      ["0.000", false, true],
      ["0.000", false, false], // what rounds to zero is not zero
    ]);
    assert.deepEqual(
      shown.slice(3, 6).map(({ label }) => label),
      [
        "row 1, column 4: NaN, not a number",
        "row 2, column 1: ∞, infinity",
        "row 2, column 2: \u2212∞, minus infinity",
      ],
    );
  },
);

pageTest(
  "a gradient of NaN is hatched in the graph too",
  { link: "#v=1&case=cs231n&node=gamma&mistake=unsummed" },
  async (page) => {
    const { shown } = await inspected(page, "gradient, by the backward pass");
    assert.ok(
      shown.every(({ text }) => text === "NaN"),
      "the mistake gives it another shape",
    );
    const fill = await (await find(page, '[data-node="gamma"] path.nan')).evaluate(
      (path) => getComputedStyle(path).fill,
    );
    assert.match(fill, /#nan/);
    assert.equal((await page.$$(">>> bn-graph >>> pattern#nan")).length, 1);
  },
);
