/** Find my mistake: a learner's own arrays in every form, what is found in them, and the hints. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, type NodeTrace } from "backnorm";
import type { Page } from "puppeteer-core";
import { codeOf, namesOf } from "../../web/lab/array-names.ts";
import { readArrays, readerOfNames } from "../../web/lab/claims.ts";
import { printsWith } from "../../web/lab/derivation.ts";
import { relationText } from "../../web/lab/finding-text.ts";
import { inputsAsCode, printed } from "../../web/lab/inputs-as-code.ts";
import { addWords, Locale, localeOf } from "../../web/lab/locale.ts";
import { kNotations, notationOf } from "../../web/lab/notations.ts";
import { rightLine } from "../../web/lab/right-lines.ts";
import { rest } from "../../web/lab/words/en/rest.ts";
import { usualNames } from "../../web/src/dialects.ts";
import {
  appears,
  census,
  choose,
  click,
  find,
  focused,
  frames,
  inSight,
  kPhone,
  matrix,
  openTool,
  pageTest,
  press,
  state,
} from "./browser.ts";

const bn = await load();
const kase = bn.presets.cs231n;
const names = readerOfNames(bn.graph);
addWords("en", { rest });
const english = new Locale("en", "paper");

interface Printed {
  values: ArrayLike<number>;
  shape: readonly number[];
}

/** Values and gradients of a program with that mistake. */
function programOf(mistake?: string): Map<string, Printed> {
  const { nodes } = bn.trace(kase, { mistakes: mistake ? [mistake] : [] });
  return new Map(
    nodes.flatMap(({ id, value, shape, grad, gradShape }) => [
      [id, { values: value, shape }],
      [`d${id}`, { values: grad, shape: gradShape }],
    ]),
  );
}

const rowsOf = ({ values, shape }: Printed) => {
  const columns = shape.at(-1) as number;
  return Array.from({ length: values.length / columns }, (_, row) =>
    Array.from(values).slice(row * columns, (row + 1) * columns),
  );
};
const nested = (array: Printed): string =>
  array.shape.length === 1 ? JSON.stringify(rowsOf(array)[0]) : JSON.stringify(rowsOf(array));

/** `dx = array(…)` of each of those arrays. */
const print = (program: Map<string, Printed>, ids: readonly string[]) =>
  ids.map((id) => `${id} = array(${nested(program.get(id) as Printed)})`).join("\n");

/** Puts a text into the field as a paste does, in one step. */
async function paste(page: Page, text: string) {
  await openTool(page, "mine");
  const area = await inSight(page, "bn-mine >>> textarea");
  await area.click();
  await page.evaluate((pasted) => {
    document.execCommand("selectAll");
    document.execCommand("insertText", false, pasted);
  }, text);
  await settled(page);
}

/** Until what was typed is read. */
async function settled(page: Page) {
  await new Promise((done) => setTimeout(done, 250));
  await frames(page);
}

const within = async (page: Page, selector: string): Promise<string[]> =>
  (await find(page, "bn-mine")).evaluate(
    (host, wanted) =>
      [...(host.shadowRoot as ShadowRoot).querySelectorAll(wanted)].map((element) =>
        (element.textContent ?? "").replace(/\s+/g, " ").trim(),
      ),
    selector,
  );

/** Each array's row: its id, name, what was understood, and the verdict. */
const rows = async (page: Page) =>
  (await find(page, "bn-mine")).evaluate((host) =>
    [...(host.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>(".pick")].map((row) => {
      const text = (part: string) => row.querySelector(`.${part}`)?.textContent?.trim() ?? "";
      return [row.dataset["array"], text("name"), text("what"), text("judged")];
    }),
  );

const headline = async (page: Page) => (await within(page, ".headline h3")).join();
const hint = (page: Page, at: number) => within(page, `[data-hint="${at}"]`);

test("arrays are found in everything that programs, notebooks and files print", () => {
  const found = (text: string) =>
    readArrays(text, names).arrays.map(({ name, array }) => [names.idOf(name), array.shape.join("×")]);
  const table: [text: string, ...arrays: [id: string | undefined, shape: string][]][] = [
    ["dvar = array([1., 2.])\ndx = array([[1., 2.],\n   [3., 4.]])", ["dvar", "2"], ["dx", "2×2"]],
    ['{"dx": [[1,2],[3,4]], "eps": 1e-5,\n "dvar": [1,2]}', ["dx", "2×2"], [undefined, ""], ["dvar", "2"]],
    ["{'dx': array([[1, 2]]), 'dv': array([1, 2], dtype=float32)}", ["dx", "1×2"], ["dvar", "2"]],
    ["[[1. 2.]\n [3. 4.]]\n[1. 2.]", [undefined, "2×2"], [undefined, "2"]],
    ["dx:\n1,2\n3,4\ndmu: 5 6", ["dx", "2×2"], ["dmean", "1×2"]],
    ["a,b\n1,2\n3,4\n", [undefined, "2×2"]],
    [">>> dx\narray([[1., 2.]])\n>>> print(dmu)\n[1. 2.]\n", ["dx", "1×2"], ["dmean", "2"]],
    ["In [3]: dvar\nOut[3]: tensor([1., 2.], dtype=torch.float64,\n       grad_fn=<X>)", ["dvar", "2"]],
    ["dx [[1. 2.]\n [3. 4.]]", ["dx", "2×2"]],
    ["x.grad = tensor([[1., 2.]])\nbn.weight.grad: tensor([1., 2.])", ["dx", "1×2"], ["dgamma", "2"]],
    ["self.dx = [1]\nDGAMMA = [2]", ["dx", "1"], ["dgamma", "1"]],
    ["Parameter containing:\ntensor([1., 2.], requires_grad=True)", [undefined, "2"]],
    ["dvar = [1, 2] # dmean = [1]\n# dx = [1]\ndbeta = [3]", ["dvar", "2"], ["dbeta", "1"]],
    ["dx = [[1, 2], # dmean = [9]]\n [3, 4]]\ndvar = [1]", ["dx", "2×2"], ["dvar", "1"]],
    ["x->mean = [1, 2]", ["x->mean", "2"]],
    ["dx = 1.0e+03 * [[1, 2]]", ["dx", "1×2"]],
    ["dx =\n"],
  ];
  for (const [text, ...arrays] of table) {
    assert.deepEqual(found(text), arrays, text);
    assert.deepEqual(readArrays(text, names).unread, [], text);
  }
});

test("what can't be read is told with its own line and column, and stops nothing else", () => {
  const text = "dvar = [1, oops]\ndmean = [[1, 2],\n [3]]\ndgamma = [1, 2\ndx = [7]\n<img src=x>";
  const { arrays, unread } = readArrays(text, names);
  assert.deepEqual(
    arrays.map(({ name }) => name),
    ["dx"],
  );
  assert.deepEqual(
    unread.map(({ name, error, at }) => [name, english.words.fault(error), text[at]]),
    [
      ["dvar", 'expected a number (line 1, column 12), got "oops"', "o"],
      ["dmean", "expected 2 values in row 2 as in row 1 (line 3, column 4), got 1", "]"],
      ["dgamma", 'expected a number, "[" or "]" (line 4, column 15), got the end of the text', "\n"],
      ["", 'expected a number or "[" (line 6, column 1), got "<"', "<"],
    ],
  );
});

test("a right line of code stands for every array in every notation, and is called as it is there", () => {
  for (const notation of kNotations.map(notationOf))
    for (const { id } of bn.graph.nodes)
      for (const array of [id, `d${id}`] as const)
        for (const ddof of [0, 1] as const) {
          const line = rightLine(array, ddof, notation);
          if (["x", "gamma", "beta", "dy"].includes(array)) assert.equal(line, undefined);
          else
            assert.ok(line?.startsWith(`${notation.code[array]} = `), `${array} by ${notation.id}: ${line}`);
        }
  const of = (id: string, name: (typeof kNotations)[number], ddof: 0 | 1 = 0) =>
    rightLine(id, ddof, notationOf(name));
  assert.equal(of("dsq", "paper", 1), "dsq = np.ones((N, D)) * dvar / (N - 1)");
  assert.equal(of("std", "kratzert"), "sqrtvar = np.sqrt(var + eps)");
  assert.equal(of("mean", "makemore"), "bnmeani = hprebn.mean(0, keepdim=True)");
  assert.equal(of("var", "pytorch", 1), "var = sq.sum(0) / (N - 1)");
  assert.equal(of("x->mean", "cs231n"), "dx2 = np.ones_like(x) * dsample_mean / N");
});

test("every relation is a sentence in either language, by the names of the notation", async () => {
  const relations = bn.mistakes
    .filter(({ switchable }) => switchable)
    .flatMap(({ id }) => {
      const arrays = [...programOf(id)].map(([name, { values, shape }]) => [
        name,
        { data: Float64Array.from(values), shape },
      ]);
      return bn.diagnose(kase, Object.fromEntries(arrays)).nodes.map(({ relation }) => relation);
    });
  const chinese = await localeOf("zh", "kratzert");
  for (const relation of relations) {
    assert.match(relationText(relation, 4, english), /^(Yours|In every column|No simple)[^{}]*\.$/);
    assert.match(relationText(relation, 4, chinese), /^(你的数组|在每一列中)[^{}γβμσ∂]*。$/);
  }
  const quarter = { kind: "ratio", ratio: 0.25 } as const;
  assert.equal(relationText(quarter, 4, english), "Yours is 0.25 times the right one, which is 1/N here.");
  assert.equal(relationText(quarter, 4, chinese), "你的数组是正确数组的 0.25 倍，在这里正是 1/N。");
  const lost = { kind: "missing-path", path: { from: "x", to: "mean" } } as const;
  assert.equal(
    relationText(lost, 4, english),
    "Yours lacks what comes back by x → μ, on the way through the mean.",
  );
  assert.equal(
    relationText(lost, 4, chinese),
    "你的数组缺了一部分，它应经由这条边传回：x → mu（经过均值的路径）。",
  );
});

test("whatever a notation calls an array is read as that array, and stands in the table of names", () => {
  for (const { id: notation, code } of kNotations.map(notationOf))
    for (const id of names.ids) {
      assert.equal(names.idOf(codeOf(id, code)), id, `${codeOf(id, code)} of ${notation}`);
      const listed = namesOf(id, code);
      assert.equal(listed[0], codeOf(id, code));
      assert.equal(new Set(listed).size, listed.length);
      for (const name of usualNames(id)) assert.ok(listed.includes(name), name);
    }
});

test("an example is found by every notation, as NumPy or PyTorch prints it", () => {
  for (const notation of kNotations.map(notationOf)) {
    const program = programOf("dvar-half");
    const ids = ["dbeta", "dgamma", "dxhat", "dvar", "dmean", "dx"] as const;
    const text = ids.map((id) => {
      const { values, shape } = program.get(id) as Printed;
      return printed(notation.code[id], values, shape, notation);
    });
    assert.ok(text.every((one) => one.includes(printsWith(notation) === "NumPy" ? "array(" : "tensor(")));
    const { arrays, unread } = readArrays(text.join("\n"), names);
    assert.deepEqual(unread, []);
    const claims = arrays.map(({ name, array }) => [names.idOf(name), array]);
    assert.deepEqual(
      claims.map(([id]) => id),
      ids,
    );
    const { firstWrong, mistakes } = bn.diagnose(kase, Object.fromEntries(claims));
    assert.equal(firstWrong, "dvar");
    assert.deepEqual(
      mistakes.map(({ id }) => id),
      ["dvar-half"],
    );
  }
});

test("the inputs as code hold every digit by every notation's names", () => {
  for (const notation of kNotations.map(notationOf)) {
    const { code } = notation;
    const program = inputsAsCode("a\nfile.csv", kase, ["dvar"], notation, "after:");
    const library = printsWith(notation);
    assert.match(program, library === "NumPy" ? /^import numpy as np$/m : /^import torch$/m);
    assert.match(program, /^# a file\.csv, 4×5\n/);
    const { arrays } = readArrays(program.split("eps =")[0]?.replaceAll("np.array", "array") ?? "", names);
    for (const id of ["x", "gamma", "beta", "dy"] as const) {
      const { array } = arrays.find(({ name }) => name === code[id]) as (typeof arrays)[number];
      assert.deepEqual([...array.data], [...kase[id]], id);
      assert.ok(array.data instanceof Float64Array, "float64 in PyTorch too");
    }
    if (notation.id === "makemore") assert.match(program, /^bngain = torch\.tensor\(\[\[.*\]\], dtype/m);
  }
});

pageTest(
  "the names of each dialect, each in its own form, are diagnosed as the package does",
  {},
  async (page) => {
    const program = programOf("no-mean-path");
    const of = (id: string) => program.get(id) as Printed;
    const text = [
      `dv = ${nested(of("dvar"))}`,
      `dmu: tensor(${nested(of("dmean"))}, dtype=torch.float64)`,
      `{"dbngain": ${nested(of("dgamma"))}}`,
      `x.grad =\n${rowsOf(of("dx"))
        .map((row) => row.join(","))
        .join("\n")}`,
    ].join("\n");
    await paste(page, text);
    assert.deepEqual(await rows(page), [
      ["dvar", "dv", "5 numbers, all digits", "right"],
      ["dmean", "dmu", "5 numbers, all digits", "right"],
      ["dgamma", "dbngain", "5 numbers, all digits", "right"],
      ["dx", "x.grad", "4×5, all digits", "wrong here"],
    ]);
    assert.equal(await headline(page), "x.grad is the first that is wrong.");
  },
);

pageTest("what an edge brings goes by the name that it was given, before its sum", {}, async (page) => {
  const { edges } = bn.trace(kase, { mistakes: ["no-factor-2"] });
  const { contribution } = edges.find(
    ({ from, to }) => from === "xc" && to === "sq",
  ) as (typeof edges)[number];
  const dxmu2 = nested({ values: contribution, shape: [4, 5] });
  await paste(page, `dxmu2 = ${dxmu2}\n${print(programOf("no-factor-2"), ["dx", "dvar"])}`);
  assert.equal(await headline(page), "dxmu2 is the first that is wrong.");
  assert.deepEqual(
    (await rows(page)).map(([, name, , judged]) => [name, judged]),
    [
      ["dvar", "right"],
      ["dxmu2", "wrong here"],
      ["dx", "inherited"],
    ],
  );
});

pageTest(
  "of every planted mistake the first wrong array and each verdict are the package's",
  {},
  async (page) => {
    const ids = ["dbeta", "dgamma", "dxhat", "dvar", "dmean", "dx"];
    for (const mistake of [
      "dvar-half",
      "dgamma-from-xc",
      "no-gamma",
      "dmean-sign",
      "swapped",
      "transposed",
      "unsummed",
    ]) {
      const program = programOf(mistake);
      const claims = ids.map((id) => {
        const { values, shape } = program.get(id) as Printed;
        return [id, { data: Float64Array.from(values), shape }];
      });
      const want = bn.diagnose(kase, Object.fromEntries(claims));
      await paste(page, print(program, ids));
      assert.equal(await headline(page), `${want.firstWrong} is the first that is wrong.`, mistake);
      const verdicts = Object.fromEntries((await rows(page)).map(([id, , , judged]) => [id, judged]));
      for (const { id, truth, local } of want.nodes)
        assert.equal(
          verdicts[id],
          truth === "pass" ? "right" : local === "fail" ? "wrong here" : "inherited",
          `${mistake}: ${id}`,
        );
    }
  },
);

pageTest("the hints open one after another, from the place to the right line", {}, async (page) => {
  await paste(page, print(programOf("dvar-half"), ["dxhat", "dvar", "dmean", "dx"]));
  assert.match((await hint(page, 1)).join(), /Nothing that you gave before dvar is wrong/);
  assert.deepEqual(await hint(page, 2), []);
  await click(page, "bn-mine >>> .next");
  const [kind = ""] = await hint(page, 2);
  assert.match(
    kind,
    /Yours is 2 times the right one\. It lies on σ² → √\(σ²\+ε\), on the way through the variance\./,
  );
  assert.ok(kind.includes(bn.mistakes.find(({ id }) => id === "dvar-half")?.hint.en as string), kind);
  assert.doesNotMatch(kind, /lacks the ½/);
  assert.deepEqual(await hint(page, 3), []);
  await click(page, "bn-mine >>> .next");
  const [answer = ""] = await hint(page, 3);
  assert.match(
    answer,
    /dvar lacks the ½ .*dvar = -0\.5 \* \(dxhat \* xc\)\.sum\(axis=0\) \* \(var \+ eps\) \*\* -1\.5$/,
  );
  assert.deepEqual(await within(page, ".next"), []);

  await click(page, "bn-mine >>> .answers a");
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.mistake === "dvar-half");
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.ok((await page.$$(">>> .edge.wrong")).length > 0, "the altered edge is drawn");

  await paste(page, print(programOf("no-gamma"), ["dxhat", "dvar", "dmean", "dx"])); // another one begins anew
  assert.deepEqual(await hint(page, 2), []);
});

pageTest("laws that are broken are told, and what narrows the place down", {}, async (page) => {
  await paste(page, print(programOf("no-mean-path"), ["dx"]));
  assert.equal(await headline(page), "dx is wrong.");
  assert.match((await hint(page, 1)).join(), /Paste dxhat, dvar and dmean as well/);
  await click(page, "bn-mine >>> .next");
  assert.match(
    (await hint(page, 2)).join(),
    /∑i∂xi=0 does not hold in any column\. Σ dx is not 0 while Σ dx·xhat is right/,
  );
});

pageTest("all right is said to be so, and what was not given", {}, async (page) => {
  await paste(page, print(programOf(), ["dx", "dgamma", "dbeta"]));
  assert.equal(await headline(page), "All 3 of your arrays are right.");
  assert.deepEqual(await within(page, ".hints"), []);
  await paste(page, print(programOf(), ["dvar"]));
  assert.equal(await headline(page), "Your dvar is right.");
  assert.match((await within(page, ".headline p")).join(), /Not given yet: dx, dgamma, dbeta\./);
});

pageTest(
  "what can't be told from a wrong array on a case is not called right, in either language",
  { link: "#v=1&case=twoRows" },
  async (page) => {
    const { grad, gradShape } = bn.trace(bn.presets.twoRows).nodes.find(({ id }) => id === "x") as NodeTrace;
    await paste(page, `dx = ${nested({ values: grad, shape: gradShape })}`);
    for (const [title, said] of [
      [/^Nothing is found to be wrong\.$/, /^dx can’t be told from a wrong one on this case/],
      [/^没有发现错误/, /^在这个例子上，dx\s*无法与错误的结果区分开/],
    ] as const) {
      assert.match(await headline(page), title);
      assert.match((await within(page, ".headline p")).join(), said);
      await click(page, "[name=language]");
      await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.following === 0);
      await settled(page);
    }
  },
);

pageTest(
  "digits that were cut off are no mistake, and a wrong length or a NaN is a finding",
  {},
  async (page) => {
    const { values } = programOf().get("dvar") as Printed;
    await paste(page, `dvar = [${Array.from(values, (value) => value.toFixed(4)).join(" ")}]`);
    assert.deepEqual(await rows(page), [["dvar", "dvar", "5 numbers, 4 decimals", "right"]]);
    await paste(page, "dvar = [1, 2, 3]\ndgamma = [1, 2, nan, 4, 5]");
    assert.deepEqual(
      (await rows(page)).map(([id, , , judged]) => [id, judged]),
      [
        ["dvar", "wrong here"],
        ["dgamma", "wrong here"],
      ],
    );
    await click(page, "bn-mine >>> .next");
    assert.match(
      (await hint(page, 2)).join(),
      /Yours (has 3 numbers, where 5 belong|holds a number that is not finite)/,
    );
  },
);

pageTest("a chosen array is chosen on the graph, and its wrong cells are framed", {}, async (page) => {
  const program = programOf();
  const dx = Float64Array.from((program.get("dx") as Printed).values);
  dx[7] = (dx[7] as number) + 0.5;
  program.set("dx", { values: dx, shape: [4, 5] });
  await paste(page, print(program, ["dvar", "dx"]));
  await click(page, 'bn-mine >>> [data-array="dvar"]');
  assert.equal((await state(page)).selection.node, "var");
  await click(page, 'bn-mine >>> [data-array="dx"]');
  assert.equal((await state(page)).selection.node, "x");
  const selector = 'bn-mine >>> bn-matrix[label="yours − right, dx"]';
  const { values } = await matrix(page, selector);
  const right = (programOf().get("dx") as Printed).values;
  assert.deepEqual(
    values,
    Array.from(dx, (value, at) => value - (right[at] as number)),
  );
  const framed = await (await find(page, selector)).evaluate((host) =>
    [
      ...(host.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>(
        '[role=gridcell][aria-invalid="true"]',
      ),
    ].map((cell) => cell.dataset["at"]),
  );
  assert.deepEqual(framed, ["7"]);
  assert.match((await within(page, ".comparison")).join(), /1 of 20 cells are wrong/);
  await click(page, `${selector} >>> [data-at="7"]`);
  assert.deepEqual((await state(page)).selection, { node: "x", cell: { row: 1, column: 2 } });
});

pageTest("faults show their place, lead there, and lose nothing that was pasted", {}, async (page) => {
  const text = `dvar = [1, oops]\n${print(programOf("no-mean-path"), ["dx"])}`;
  await paste(page, text);
  assert.match(
    (await within(page, ".troubles li")).join(),
    /^dvar: expected a number \(line 1, column 12\), got "oops"\. Go there$/,
  );
  assert.equal(await headline(page), "dx is wrong.");
  await click(page, "bn-mine >>> .troubles button");
  const area = await find(page, "bn-mine >>> textarea");
  const { value, selectionStart } = await area.evaluate((field) => {
    const { value, selectionStart } = field as HTMLTextAreaElement;
    return { value, selectionStart };
  });
  assert.equal(value, text);
  assert.equal(selectionStart, 11);
});

pageTest("an array without a name is asked for one, from a list or typed", {}, async (page) => {
  await paste(page, nested(programOf().get("dx") as Printed));
  assert.deepEqual(await rows(page), []);
  const field = await inSight(page, "bn-mine >>> .unnamed input");
  await field.type("nothing like it");
  await press(page, "Enter");
  assert.match(
    (await within(page, ".troubles li")).join(),
    /“nothing like it” is no name that is known here/,
  );
  await field.click({ count: 3 });
  await field.type("grad_input");
  await press(page, "Enter");
  assert.deepEqual(
    (await rows(page)).map(([id, , , judged]) => [id, judged]),
    [["dx", "right"]],
  );
  assert.match(
    await (await find(page, "bn-mine >>> textarea")).evaluate((area) => (area as HTMLTextAreaElement).value),
    /^dx = \[\[/,
  );
  assert.deepEqual(await within(page, ".unnamed li"), []);
});

const kUtf8 = new TextEncoder();

pageTest("files are dropped beside the text, and a bad one is a sentence", {}, async (page) => {
  await openTool(page, "mine");
  const { values } = programOf("dvar-half").get("dvar") as Printed;
  const header = `${"{'descr': '<f8', 'fortran_order': False, 'shape': (5,), }".padEnd(117)}\n`;
  const npy = new Uint8Array(10 + header.length + 40);
  npy.set([0x93, ...kUtf8.encode("NUMPY"), 1, 0, header.length, 0]);
  npy.set(kUtf8.encode(header), 10);
  npy.set(new Uint8Array(Float64Array.from(values).buffer), 10 + header.length);
  /** What a drag does, one event after another; whether the page shows then that it would take the files. */
  const drag = async (events: string[], files: [name: string, content: number[]][]) => {
    const shown = await (await find(page, "bn-mine >>> .mine")).evaluate(
      async (target, types, given) => {
        const dataTransfer = new DataTransfer();
        for (const [name, content] of given)
          dataTransfer.items.add(new File([Uint8Array.from(content)], name));
        const shown: boolean[] = [];
        for (const type of types) {
          const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
          target.dispatchEvent(new DragEvent(type, options));
          await new Promise(requestAnimationFrame);
          shown.push(target.classList.contains("dropping"));
        }
        return shown;
      },
      events,
      files,
    );
    await settled(page);
    return shown;
  };
  const text = (content: string) => [...kUtf8.encode(content)];
  const files: [name: string, content: number[]][] = [
    ["dvar.npy", [...npy]],
    ["mine.json", text(`{"dmean": ${nested(programOf().get("dmean") as Printed)}}`)],
    ["dgamma.csv", text((programOf().get("dgamma") as Printed).values.toString())],
    ["cut.npy", [...npy.slice(0, -8)]],
  ];
  assert.deepEqual(await drag(["dragover", "dragleave"], files), [true, false]);
  assert.deepEqual(await rows(page), []);
  assert.deepEqual(await drag(["dragover"], []), [false], "a text that is dragged is the field's");
  assert.deepEqual(await drag(["dragover", "drop"], files), [true, false]);
  assert.deepEqual(await rows(page), [
    ["dvar", "dvar", "5 numbers, all digits · dvar.npy", "wrong here"],
    ["dmean", "dmean", "5 numbers, all digits · mine.json", "right"],
    ["dgamma", "dgamma", "1×5, all digits · dgamma.csv", "right"],
  ]);
  assert.match((await within(page, ".troubles li")).join(), /^cut\.npy: expected 40 bytes of data/);
  assert.equal((await state(page)).name, "cs231n", "the page took a file for a case");
});

pageTest(
  "files are chosen, several at once, named where they say no name, and taken out again",
  {},
  async (page) => {
    await openTool(page, "mine");
    const right = (id: string) => nested(programOf().get(id) as Printed);
    await choose(page, 'bn-mine >>> input[type="file"]', {
      "gradient_2.csv": (programOf().get("dgamma") as Printed).values.toString(),
      "both.txt": `dmean = ${right("dmean")}\ndvar = ${right("dvar")}\n`,
      "cut.txt": "dx = [[1, 2",
      "empty.txt": "\n",
    });
    await settled(page);
    const ids = async () =>
      (await rows(page)).map(([id, , what, judged]) => [id, what?.split(" · ")[1], judged]);
    assert.deepEqual(await ids(), [
      ["dvar", "both.txt", "right"],
      ["dmean", "both.txt", "right"],
    ]);
    const [cut, empty] = await within(page, ".troubles li");
    assert.match(cut ?? "", /^cut\.txt: expected/);
    assert.equal(empty, "empty.txt: expected an array, got none.");
    assert.match(
      (await within(page, ".unnamed li")).join(),
      /^“gradient_2”, from gradient_2\.csv, is no name/,
    );

    const field = await inSight(page, "bn-mine >>> .unnamed input");
    await field.type("dgamma");
    await press(page, "Enter");
    await settled(page);
    assert.deepEqual((await ids()).at(-1), ["dgamma", "gradient_2.csv", "right"]);
    assert.deepEqual(await within(page, ".unnamed li"), []);

    await click(page, 'bn-mine >>> .pick[data-array="dgamma"] ~ .remove');
    assert.deepEqual(
      (await ids()).map(([id]) => id),
      ["dvar", "dmean"],
    );
  },
);

pageTest("an example is found in three presses, and what it replaces can be put back", {}, async (page) => {
  await openTool(page, "mine");
  await click(page, "bn-mine >>> .actions button");
  assert.equal(await headline(page), "dvar is the first that is wrong.");
  await click(page, "bn-mine >>> .next");
  await click(page, "bn-mine >>> .next");
  assert.match((await hint(page, 3)).join(), /dvar lacks the ½/);
  const own = "dvar = [1, 2, 3, 4, 5]";
  await paste(page, own);
  await click(page, "bn-mine >>> .actions button");
  assert.equal(await headline(page), "dx is the first that is wrong.");
  const back = "bn-mine >>> .actions button:last-of-type";
  await click(page, back);
  const area = await find(page, "bn-mine >>> textarea");
  const value = () => area.evaluate((field) => (field as HTMLTextAreaElement).value);
  assert.equal(await value(), own);
  await click(page, "bn-mine >>> .actions button:nth-of-type(2)"); // Clear all
  assert.equal(await value(), "");
  await click(page, back);
  assert.equal(await value(), own);
  await click(page, "bn-mine >>> .remove");
  assert.equal(await value(), "");
  assert.deepEqual(await rows(page), []);
});

pageTest("every example is named, and as the only one", {}, async (page) => {
  await openTool(page, "mine");
  const answers = new Set<string>();
  for (let i = 0; i < 5; i++) {
    await click(page, "bn-mine >>> .actions button");
    await click(page, "bn-mine >>> .next");
    await click(page, "bn-mine >>> .next");
    const [answer = "", ...others] = await within(page, ".answers li");
    assert.deepEqual(others, []);
    answers.add(answer);
  }
  assert.equal(answers.size, 5);
});

pageTest("the inputs are copied as a NumPy program that makes them again", {}, async (page) => {
  await page.evaluate(() => {
    Object.defineProperty(navigator, "clipboard", {
      value: { writeText: async (text: string) => ((window as unknown as { copied: string }).copied = text) },
    });
  });
  await openTool(page, "mine");
  await click(page, "bn-mine >>> .lead button");
  const code = await page.evaluate(() => (window as unknown as { copied: string }).copied);
  const { arrays } = readArrays(code.split("eps =")[0]?.replaceAll("np.array", "array") ?? "", names);
  for (const id of ["x", "gamma", "beta", "dy"] as const)
    assert.deepEqual([...(arrays.find(({ name }) => name === id)?.array.data ?? [])], [...kase[id]], id);
  assert.match(code, /^eps = 0\.00001$/m);
  assert.deepEqual(await within(page, ".lead [role=status]"), ["Copied."]);
});

pageTest("where the browser forbids to copy, the program is shown", {}, async (page) => {
  await page.evaluate(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await openTool(page, "mine");
  await click(page, "bn-mine >>> .lead button");
  const code = await (await find(page, "bn-mine >>> .code textarea")).evaluate(
    (area) => (area as HTMLTextAreaElement).value,
  );
  assert.match(code, /^# cs231n, 4×5\nimport numpy as np\n/);
});

pageTest("an edit of the case is judged anew", {}, async (page) => {
  await paste(page, print(programOf(), ["dx", "dgamma"]));
  assert.equal(await headline(page), "All 2 of your arrays are right.");
  await (await find(page, "bn-inputs >>> bn-matrix[input=gamma]")).evaluate((host) =>
    host.dispatchEvent(
      new CustomEvent("bn-edit", {
        bubbles: true,
        composed: true,
        detail: { input: "gamma", changes: [{ at: 0, value: 3 }] },
      }),
    ),
  );
  await settled(page);
  assert.equal(await headline(page), "dx is the first that is wrong.");
});

pageTest("inputs that are not the case's are told as such", {}, async (page) => {
  await paste(page, `gamma = [1, 1, 1, 1, 1]\n${print(programOf(), ["dx"])}`);
  assert.match((await hint(page, 1)).join(), /gamma is an input, and yours is not the case’s/);
});

pageTest("all of it goes by keyboard", {}, async (page) => {
  await (await find(page, "#mine > summary")).focus();
  await press(page, "Enter");
  await page.waitForFunction(() => window.everyElement().some(({ localName }) => localName === "bn-mine"));
  await frames(page);
  await press(page, "Tab", "Tab");
  assert.equal(await focused(page), "arrays");
  await page.keyboard.type("dvar = [1, 2, 3, 4, 5] ");
  await settled(page);
  assert.equal(await headline(page), "dvar is wrong.");
  for (let i = 0; i < 12 && (await focused(page)) !== "Remove dvar"; i++) await press(page, "Tab");
  await press(page, "Tab", "Enter");
  assert.equal((await hint(page, 2)).length, 1);
  await press(page, "Enter");
  assert.equal((await hint(page, 3)).length, 1);
  const inside = await (await find(page, "bn-mine")).evaluate((host) =>
    (host.shadowRoot as ShadowRoot).activeElement?.getAttribute("data-hint"),
  );
  assert.equal(inside, "3", "the keyboard went with the button");
});

pageTest("on a phone nothing is wider than the screen", { view: kPhone, dark: true }, async (page) => {
  await paste(
    page,
    `dgamma = [1, ${"9".repeat(400)}x]\n${"dmean_".repeat(40)} = [1]\n${print(programOf("no-gamma"), ["dxhat", "dvar", "dx"])}`,
  );
  await click(page, "bn-mine >>> .next");
  await click(page, "bn-mine >>> .next");
  await click(page, "bn-mine >>> .names summary");
  assert.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    "the page scrolls sideways",
  );
});

pageTest("hostile text stays text", {}, async (page) => {
  const markup = "<img src=x onerror=window.hit=1>";
  await paste(page, "dvar = [1, oops]\nloss = [1]\n");
  const before = await census(page);
  for (const text of [
    `dvar = [1, "${markup}"]\n${markup.replace(/\W/g, "_")} = [1]`,
    `dvar = [1, ${markup}]\nconstructor = [1]`,
    `dvar = [\${window.hit=1}]\n__proto__ = [1]`,
    `{"${markup}": [1], "toString": [1]}`,
  ]) {
    await paste(page, text);
    assert.equal(await page.evaluate(() => window.hit), undefined, text);
    const after = await census(page);
    assert.deepEqual([after["img"], after["script"]], [before["img"], before["script"]], text);
    assert.deepEqual(await rows(page), [], text);
  }
  assert.match(
    (await within(page, ".unnamed li")).join(),
    /“toString”, line 1, is no name that is known here/,
  );
  await paste(page, "[".repeat(200_000));
  await paste(page, `a${" ".repeat(200_000)}b`);
  assert.equal((await within(page, ".troubles li")).length, 1);
});

/** Everything that bn-mine shows, says or holds, in its own and in nested shadow roots. */
const everything = async (page: Page) =>
  (await find(page, "bn-mine")).evaluate((host) => {
    const below = (root: ShadowRoot): string =>
      root.innerHTML +
      [...root.querySelectorAll("*")]
        .map((element) => (element.shadowRoot ? below(element.shadowRoot) : ""))
        .join("");
    return below(host.shadowRoot as ShadowRoot);
  });

pageTest(
  "in Chinese by Kratzert's names the hints, the right lines and the example are in those names",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&lang=zh&names=kratzert&open=mine&example=1" },
  async (page) => {
    await appears(page, "bn-mine");
    await settled(page);
    const area = await find(page, "bn-mine >>> textarea");
    const value = await area.evaluate((field) => (field as HTMLTextAreaElement).value);
    assert.match(value, /^# 示例：.*\ndbeta = array\(.*\ndmu = array\(/s);
    assert.equal(await headline(page), "dvar 是第一个出错的数组。");
    assert.match((await within(page, ".headline p")).join(), /^dx 也随之出错。6 个数组中有 4 个正确。$/);
    await click(page, "bn-mine >>> .next");
    const [kind = ""] = await hint(page, 2);
    assert.match(kind, /你的数组是正确数组的 2 倍。 错误位于边 var → sqrtvar（经过方差的路径）。/);
    assert.match(kind, /比较 √4 与 √4\.04：var 的变化有多少传到了 sqrtvar？/);
    await click(page, "bn-mine >>> .next");
    const [answer = ""] = await hint(page, 3);
    assert.match(answer, /dvar 漏了平方根求导得到的 ½：应为 dvar = dsqrtvar\/\(2·sqrtvar\)。/);
    assert.match(
      answer,
      /正确的 NumPy 代码：dvar = -0\.5 \* \(dxhat \* xmu\)\.sum\(axis=0\) \* \(var \+ eps\) \*\* -1\.5$/,
    );
    const [own, ...others] = await within(page, ".names tr");
    assert.equal(own, "doutdout, dy, dhpreact, grad_output");
    assert.ok(others.includes("dmudmu, dmean, dsample_mean, dbnmeani"), others.join("; "));
    assert.doesNotMatch(await everything(page), /[γβμσ]|x̂/);
  },
);

pageTest(
  "an example that nobody changed goes by the names that are chosen, and one's own text stays",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&open=mine&example=2" },
  async (page) => {
    await appears(page, "bn-mine");
    await settled(page);
    const value = async () =>
      (await find(page, "bn-mine >>> textarea")).evaluate((field) => (field as HTMLTextAreaElement).value);
    const speak = (language: string, notation: string) =>
      page.evaluate(
        (...chosen) =>
          (
            document.querySelector("backnorm-lab") as unknown as {
              session: { speak(language: string, notation: string): Promise<void> };
            }
          ).session.speak(...chosen),
        language,
        notation,
      );
    assert.match(await value(), /^# An example: .*\ndvar = array\(/s);
    assert.equal(await headline(page), "dx is the first that is wrong.");
    await click(page, "bn-mine >>> .next");
    await speak("en", "pytorch");
    await settled(page);
    assert.match(await value(), /\ngrad_save_mean = tensor\(\[.*\], dtype=torch\.float64\)\ngrad_input = /s);
    assert.equal(await headline(page), "grad_input is the first that is wrong.");
    assert.equal((await hint(page, 2)).length, 1, "the hints stay open");
    const own = print(programOf("no-mean-path"), ["dx", "dvar"]);
    await paste(page, own);
    await speak("zh", "makemore");
    await settled(page);
    assert.equal(await value(), own);
    assert.equal(await headline(page), "dx 是第一个出错的数组。");
  },
);

pageTest(
  "by PyTorch's names the inputs are copied as tensors of float64",
  {
    link: "#v=1&case=cs231n&node=var&cell=1,1&names=pytorch&open=mine",
    before: 'Object.defineProperty(navigator, "clipboard", { value: undefined });',
  },
  async (page) => {
    await appears(page, "bn-mine");
    assert.equal((await within(page, ".lead button")).join(), "Copy its inputs as PyTorch");
    await click(page, "bn-mine >>> .lead button");
    const code = await (await find(page, "bn-mine >>> .code textarea")).evaluate(
      (area) => (area as HTMLTextAreaElement).value,
    );
    assert.match(code, /^# cs231n, 4×5\nimport torch\n\ninput = torch\.tensor\(\[\[/);
    assert.match(code, /^weight = torch\.tensor\(\[.*\], dtype=torch\.float64\)$/m);
    assert.match(code, /grad_var/);
  },
);

pageTest(
  "what can't be read is said in Chinese, with its place",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&lang=zh" },
  async (page) => {
    await paste(page, "dvar = [1, oops]\nloss = [1]");
    const [trouble = ""] = await within(page, ".troubles li");
    assert.match(trouble, /^dvar：.*1.*12.*oops.*。 转到此处$/);
    assert.doesNotMatch(trouble, /expected|line|column/);
    assert.match(
      (await within(page, ".unnamed li")).join(),
      /^第 2 行的 “loss” 不是已知的名称，未采用。1 个数，全部有效数字。 它是哪个数组？$/,
    );
  },
);

const assignment = "#v=1&case=cs231n&node=var&cell=1,1&mode=no-spoiler&example=3";
pageTest(
  "an assignment gets verdicts, the place and a question, and nothing of the solution",
  { link: assignment },
  async (page) => {
    await appears(page, "bn-mine");
    await page.evaluate(() => {
      const told: unknown[] = [];
      (window as unknown as { told: unknown[] }).told = told;
      addEventListener("bn-verdict", (event) => told.push((event as CustomEvent).detail));
    });
    const area = await find(page, "bn-mine >>> textarea");
    assert.equal(await area.evaluate((field) => (field as HTMLTextAreaElement).value), "");
    await area.click();
    await page.evaluate(
      (text) => document.execCommand("insertText", false, text),
      print(programOf("dvar-half"), ["dbeta", "dxhat", "dvar", "dmean", "dx"]),
    );
    await settled(page);
    assert.equal(await headline(page), "dvar is the first that is wrong.");
    assert.equal((await rows(page)).length, 5);
    await click(page, "bn-mine >>> .next");
    const [asked = ""] = await hint(page, 2);
    assert.ok(asked.includes("how much of a change of var arrives at std?"), asked);
    assert.deepEqual(await within(page, ".next"), []);
    const inside = await (await find(page, "bn-mine")).evaluate((host) =>
      (host.shadowRoot as ShadowRoot).activeElement?.getAttribute("data-hint"),
    );
    assert.equal(inside, "2", "the keyboard went with the button");
    await click(page, 'bn-mine >>> [data-array="dx"]');
    for (const part of ["bn-matrix", ".relation", ".laws", "pre", "a", "math", ".answers"])
      assert.deepEqual(await within(page, part), [], part);
    const all = await everything(page);
    assert.doesNotMatch(all, /dvar-half|mistake=|½/);
    const labels = await within(page, ".actions button, .actions label");
    assert.equal(labels.length, 2, `no example: ${labels}`); // files, clear
    assert.deepEqual(await page.evaluate(() => (window as unknown as { told: unknown[] }).told), [
      { firstWrong: "dvar", right: 3, given: 5 },
    ]);
  },
);

pageTest(
  "what fits no known mistake has a question of its own in an assignment",
  { link: assignment },
  async (page) => {
    await appears(page, "bn-mine");
    const area = await find(page, "bn-mine >>> textarea");
    await area.click();
    await page.evaluate(() => document.execCommand("insertText", false, "dvar = [1, 2, 3, 4, 5]"));
    await settled(page);
    await click(page, "bn-mine >>> .next");
    assert.match((await hint(page, 2)).join(), /No known mistake gives exactly these numbers\..*\?$/);
  },
);
