/** Find my mistake: a learner's own arrays in every form, what is found in them, and the hints. */
import assert from "node:assert/strict";
import { load, type NodeTrace } from "backnorm";
import type { Page } from "puppeteer-core";
import { readArrays, readerOfNames } from "../../../web/lab/read/arrays.ts";
import { kase, nested, type Printed, print, programOf, rowsOf } from "../../lab/cases.ts";
import {
  appears,
  choose,
  click,
  find,
  frames,
  inSight,
  kPhone,
  type Lab,
  matrix,
  openTool,
  pageTest,
  press,
  state,
} from "../../page/browser.ts";
import { give, headline, hint, paste, read, rows, within } from "../../page/mine.ts";

const bn = await load();
const names = readerOfNames(bn.graph);

pageTest(
  "arrays in the names and the form of each dialect are diagnosed as in the package",
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
    assert.equal(await headline(page), "x.grad is the first wrong array.");
  },
);

pageTest("a gradient on an edge keeps the name it was given, and comes before the sum", {}, async (page) => {
  const { edges } = bn.trace(kase, { mistakes: ["no-factor-2"] });
  const { contribution } = edges.find(
    ({ from, to }) => from === "xc" && to === "sq",
  ) as (typeof edges)[number];
  const dxmu2 = nested({ values: contribution, shape: [4, 5] });
  await paste(page, `dxmu2 = ${dxmu2}\n${print(programOf("no-factor-2"), ["dx", "dvar"])}`);
  assert.equal(await headline(page), "dxmu2 is the first wrong array.");
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
  "broken laws are named, and so are the arrays that would narrow down the place",
  {},
  async (page) => {
    await paste(page, print(programOf("no-mean-path"), ["dx"]));
    assert.equal(await headline(page), "dx is wrong.");
    assert.match((await hint(page, 1)).join(), /Paste dxhat, dvar and dmean too/);
    await click(page, "bn-mine >>> .next");
    assert.match(
      (await hint(page, 2)).join(),
      /lacks the gradient that comes back along x → μ, on the path through the mean\. ∑i∂xi=0 does not hold in any column\./,
    );
  },
);

pageTest("when all arrays are right, the page says so, and lists those not given", {}, async (page) => {
  await paste(page, print(programOf(), ["dx", "dgamma", "dbeta"]));
  assert.equal(await headline(page), "All 3 of your arrays are right.");
  assert.deepEqual(await within(page, ".hints"), []);
  await paste(page, print(programOf(), ["dvar"]));
  assert.equal(await headline(page), "Your dvar is right.");
  assert.match((await within(page, ".headline p")).join(), /Not given yet: dx, dgamma, dbeta\./);
});

pageTest(
  "an undecidable array is not called right, in both languages",
  { link: "#v=1&case=twoRows" },
  async (page) => {
    const { grad, gradShape } = bn.trace(bn.presets.twoRows).nodes.find(({ id }) => id === "x") as NodeTrace;
    await paste(page, `dx = ${nested({ values: grad, shape: gradShape })}`);
    assert.match(await headline(page), /^No mistake was found\.$/);
    assert.match((await within(page, ".headline p")).join(), /^dx can’t be judged on this case/);
    await click(page, "[name=language]");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    await frames(page);
    assert.match(await headline(page), /^没有发现错误/);
    assert.match((await within(page, ".headline p")).join(), /^在这个例子上无法判断 dx：/);
  },
);

pageTest("cut-off digits are not a mistake, but a wrong length or a NaN is a finding", {}, async (page) => {
  const { values } = programOf().get("dvar") as Printed;
  await paste(page, `dvar = [${Array.from(values, (value) => value.toFixed(6)).join(" ")}]`);
  assert.deepEqual(await rows(page), [["dvar", "dvar", "5 numbers, 6 decimals", "right"]]);
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
    /Yours (has 3 numbers instead of 5|has a number that is not finite)/,
  );
});

pageTest("choosing an array chooses its node on the graph, and frames its wrong cells", {}, async (page) => {
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
  assert.equal(await page.$(`>>> ${selector}`), null, "the solution waits until it is asked for");
  await click(page, "bn-mine >>> [name=compare]");
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

pageTest(
  "an error shows its position and a button that goes there, and the pasted text stays",
  {},
  async (page) => {
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
  },
);

pageTest("the page asks for the name of an unnamed array, from a list or typed", {}, async (page) => {
  await paste(page, nested(programOf().get("dx") as Printed));
  assert.deepEqual(await rows(page), []);
  const field = await inSight(page, "bn-mine >>> .unnamed input");
  await field.type("nothing like it");
  await press(page, "Enter");
  assert.match((await within(page, ".troubles li")).join(), /“nothing like it” is not a known name/);
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

pageTest("files can be dropped in addition to text, and a bad file shows a message", {}, async (page) => {
  await openTool(page, "mine");
  const { values } = programOf("dvar-half").get("dvar") as Printed;
  const header = `${"{'descr': '<f8', 'fortran_order': False, 'shape': (5,), }".padEnd(117)}\n`;
  const npy = new Uint8Array(10 + header.length + 40);
  npy.set([0x93, ...kUtf8.encode("NUMPY"), 1, 0, header.length, 0]);
  npy.set(kUtf8.encode(header), 10);
  npy.set(new Uint8Array(Float64Array.from(values).buffer), 10 + header.length);
  /** What a drag does, one event after another; whether the page shows then that it would take the files. */
  const drag = async (events: string[], files: [name: string, content: number[]][]) => {
    return (await find(page, "bn-mine >>> .mine")).evaluate(
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
  await read(page, async () => assert.deepEqual(await drag(["dragover", "drop"], files), [true, false]));
  assert.deepEqual(await rows(page), [
    ["dvar", "dvar", "5 numbers, all digits · dvar.npy", "wrong here"],
    ["dmean", "dmean", "5 numbers, all digits · mine.json", "right"],
    ["dgamma", "dgamma", "1×5, all digits · dgamma.csv", "right"],
  ]);
  assert.match((await within(page, ".troubles li")).join(), /^cut\.npy: expected 40 bytes of data/);
  assert.equal((await state(page)).name, "cs231n", "the page took a file for a case");
});

pageTest(
  "several files can be chosen at once, named if they have no known name, and removed",
  {},
  async (page) => {
    await openTool(page, "mine");
    const right = (id: string) => nested(programOf().get(id) as Printed);
    await read(page, () =>
      choose(page, 'bn-mine >>> input[type="file"]', {
        "gradient_2.csv": "1,2,3,4,5",
        "both.txt": `dmean = ${right("dmean")}\ndvar = ${right("dvar")}\n`,
        "cut.txt": "dx = [[1, 2",
        "empty.txt": "\n",
      }),
    );
    const ids = async () =>
      (await rows(page)).map(([id, , what, judged]) => [id, what?.split(" · ")[1], judged]);
    assert.deepEqual(await ids(), [
      ["dvar", "both.txt", "right"],
      ["dmean", "both.txt", "right"],
    ]);
    const [cut, empty] = await within(page, ".troubles li");
    assert.match(cut ?? "", /^cut\.txt: expected/);
    assert.match(empty ?? "", /^empty\.txt: expected a number or "\[" .*, got the end of the text\.$/);
    assert.match(
      (await within(page, ".unnamed li")).join(),
      /^“gradient_2”, from gradient_2\.csv, is not a known name/,
    );

    const field = await inSight(page, "bn-mine >>> .unnamed input");
    await field.type("dgamma");
    await press(page, "Enter");
    assert.deepEqual((await ids()).at(-1), ["dgamma", "gradient_2.csv", "wrong here"]);
    assert.deepEqual(await within(page, ".unnamed li"), []);

    await click(page, 'bn-mine >>> .pick[data-array="dgamma"] ~ .remove');
    assert.deepEqual(
      (await ids()).map(([id]) => id),
      ["dvar", "dmean"],
    );
  },
);

pageTest("an example takes three clicks, and the text it replaces can be restored", {}, async (page) => {
  await openTool(page, "mine");
  await click(page, "bn-mine >>> .actions button");
  assert.equal(await headline(page), "dvar is the first wrong array.");
  await click(page, "bn-mine >>> .next");
  await click(page, "bn-mine >>> .next");
  assert.match((await hint(page, 3)).join(), /dvar lacks the ½/);
  const own = "dvar = [1, 2, 3, 4, 5]";
  await paste(page, own);
  await click(page, "bn-mine >>> .actions button");
  assert.equal(await headline(page), "dx is the first wrong array.");
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

pageTest("the diagnosis names the mistake of every example, and no other", {}, async (page) => {
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

pageTest("the inputs are copied as a NumPy program that reproduces them", {}, async (page) => {
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
  assert.deepEqual(await within(page, ".copied"), ["Copied."]);
});

pageTest("if the browser does not allow copying, the program is shown", {}, async (page) => {
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

pageTest("an edit of the case repeats the diagnosis", {}, async (page) => {
  await paste(page, print(programOf(), ["dx", "dgamma"]));
  assert.equal(await headline(page), "All 2 of your arrays are right.");
  await read(page, () =>
    page.evaluate(() => {
      const { session } = document.querySelector("backnorm-lab") as Lab;
      session.edit("gamma", [{ at: 0, value: 3 }]);
    }),
  );
  assert.equal(await headline(page), "dx is the first wrong array.");
});

pageTest("inputs that differ from the case are reported as such", {}, async (page) => {
  await paste(page, `gamma = [1, 1, 1, 1, 1]\n${print(programOf(), ["dx"])}`);
  assert.match((await hint(page, 1)).join(), /gamma is an input, and yours differs from this case/);
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
  "an unchanged example follows the chosen names, but the reader's own text stays",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&open=mine&example=2" },
  async (page) => {
    await appears(page, ".headline");
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
    assert.equal(await headline(page), "dx is the first wrong array.");
    await click(page, "bn-mine >>> .next");
    await speak("en", "pytorch");
    await frames(page);
    assert.match(await value(), /\ngrad_save_mean = tensor\(\[.*\], dtype=torch\.float64\)\ngrad_input = /s);
    assert.equal(await headline(page), "grad_input is the first wrong array.");
    assert.equal((await hint(page, 2)).length, 1, "the hints stay open");
    const own = print(programOf("no-mean-path"), ["dx", "dvar"]);
    await paste(page, own);
    await speak("zh", "makemore");
    await frames(page);
    assert.equal(await value(), own);
    assert.equal(await headline(page), "dx 是第一个出错的数组。");
  },
);

const assignment = "#v=1&case=cs231n&node=var&cell=1,1&mode=no-spoiler&example=3";

pageTest(
  "an assignment shows verdicts, the place and a question, but not the solution",
  { link: assignment },
  async (page) => {
    await appears(page, "bn-mine");
    await page.evaluate(() => {
      const told: unknown[] = [];
      (window as unknown as { told: unknown[] }).told = told;
      addEventListener("backnorm-verdict", (event) => told.push((event as CustomEvent).detail));
    });
    const area = await find(page, "bn-mine >>> textarea");
    assert.equal(await area.evaluate((field) => (field as HTMLTextAreaElement).value), "");
    await give(page, print(programOf("dvar-half"), ["dbeta", "dxhat", "dvar", "dmean", "dx"]));
    assert.equal(await headline(page), "dvar is the first wrong array.");
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
      { source: "mine", verdict: "fail", firstWrong: "dvar", right: 3, given: 5 },
    ]);
  },
);

pageTest(
  "in an assignment, arrays that fit no known mistake get a question too",
  { link: assignment },
  async (page) => {
    await appears(page, "bn-mine");
    await give(page, "dvar = [1, 2, 3, 4, 5]");
    await click(page, "bn-mine >>> .next");
    assert.match((await hint(page, 2)).join(), /No known mistake gives exactly these numbers\..*\?$/);
  },
);
