/** The ways in which a learner's arrays come to the page: links, properties, messages of the host page, the page in one file. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { type Claim, type Diagnosis, linkOf, load, type NormCase } from "backnorm";
import type { Frame, Page } from "puppeteer-core";
import { kase, type Printed, print, programOf } from "../lab/cases.ts";
import {
  address,
  appears,
  click,
  find,
  frames,
  pageTest,
  ready,
  root,
  state,
  url,
  withRole,
} from "./browser.ts";
import { frameTest } from "./frame.ts";
import { lectureTest } from "./lecture.ts";
import { headline, paste, rows, within } from "./mine.ts";
import { kWatched } from "./sharing.ts";

const bn = await load();

const program = programOf("dvar-half");
const ids = ["dxhat", "dvar", "dmean", "dx", "dgamma", "dbeta"];
const claimOf = (id: string): Claim => {
  const { values, shape } = program.get(id) as Printed;
  return { data: Float64Array.from(values), shape };
};
const mine = Object.fromEntries(ids.map((id) => [id, claimOf(id)]));
const fails = { source: "mine", verdict: "fail", firstWrong: "dvar", right: 4, given: 6 };

/** The verdict on the learner's arrays, once there is one. */
async function verdict(page: Page | Frame) {
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.verdict?.source === "mine");
  return page.$eval("backnorm-lab", (lab) => lab.verdict);
}

/** All that was found, as the panel has it. */
const found = async (page: Page) =>
  (await find(page, "bn-mine")).evaluate((panel) => {
    const { diagnosis } = panel as HTMLElement & { diagnosis: Diagnosis };
    return JSON.parse(JSON.stringify(diagnosis)) as Diagnosis;
  });

const open = async (page: Page, link: string) => {
  await page.goto("about:blank");
  await page.goto(url + link);
  await ready(page);
};

pageTest(
  "a link of the package opens at the verdict, under the names that the program has",
  {
    link: linkOf(kase, {
      mine: {
        ...mine,
        t1: claimOf("std"),
        q: Float64Array.of(1, 2, 3, 4, 5),
        r: Float64Array.of(1),
        s: Float64Array.of(2),
      },
      notation: "cs231n",
    }),
  },
  async (page) => {
    assert.deepEqual(await verdict(page), { ...fails, right: 5, given: 7 });
    assert.equal(await headline(page), "dvar is the first wrong array.");
    assert.deepEqual((await rows(page)).map(([id, name]) => [id, name]).slice(0, 2), [
      ["std", "t1"],
      ["dxhat", "dxhat"],
    ]);
    assert.deepEqual(await within(page, "p.note"), [
      "Recognised by their numbers: t1 is sigma.",
      "Left out, because the names are not known: q, r, s.",
    ]);
    const { nodes } = await found(page);
    const want = bn.diagnose(kase, { ...mine, std: claimOf("std") });
    assert.deepEqual(
      nodes.map(({ id, truth, local }) => [id, truth, local]),
      want.nodes.map(({ id, truth, local }) => [id, truth, local]),
    );
    assert.deepEqual((await state(page)).x, [...kase.x]);
  },
);

pageTest("the address holds the arrays with the digits that were printed, and gives the same verdict", {}, async (page) => {
  const rounded = programOf("dvar-half");
  for (const id of ids) {
    const { values, shape } = rounded.get(id) as Printed;
    rounded.set(id, { values: Array.from(values, (value) => Number(value.toFixed(4))), shape });
  }
  await paste(page, print(rounded, ids));
  const first = await found(page);
  assert.ok(first.firstWrong);
  await page.waitForFunction(() => location.hash.includes("&mine="));
  await open(page, await address(page));
  await verdict(page);
  assert.deepEqual(await found(page), first);

  // more arrays than fit are compressed
  const all = [...program.keys()].filter((id) => !["x", "gamma", "beta", "dy"].includes(id));
  await paste(page, print(program, [...all, ...all, ...all, ...all]));
  const second = await found(page);
  await page.waitForFunction(() => location.hash.includes("&minez="));
  const packed = await address(page);
  assert.ok(packed.length <= 16 * 1024, `${packed.length} characters`);
  await open(page, packed);
  await verdict(page);
  assert.deepEqual(await found(page), second);
}); // biome-ignore format: one body

const packed = (text: string | Buffer) => deflateSync(text).toString("base64url");

pageTest("a compressed link of any other program is read, and a wrong one is a sentence", {}, async (page) => {
  await open(page, `#v=1&case=notes&minez=${packed("dbeta/float64:1,2,3|naïve/float32:0.5")}`);
  assert.equal((await verdict(page))?.given, 1);
  await open(page, "#v=1&case=cs231n");
  for (const [part, sentence] of [
    ["mine=dx", /^The link’s mine: expected arrays such as dx:1,2;3,4\|y:1,2, got “dx”/],
    ["mine=dx:1,2;3", /mine: expected arrays .*, got “dx:1,2;3”/],
    ["mine=dx/float99:1", /mine: expected arrays/],
    ["mine=dx/float64/3,3,3:1,2", /mine: expected arrays/],
    [`mine=${"dx:1|".repeat(600)}`, /mine: expected at most 500 arrays, got more/],
    ["minez=%%%", /minez: expected arrays/],
    [`minez=${packed("dx:1").slice(0, -4)}`, /minez: expected arrays/],
    [`minez=${packed(Buffer.alloc(4e6, "1"))}`, /minez: expected at most 262144 characters, got \d+, so it was not read/],
  ] as const) {
    await open(page, `#v=1&case=cs231n&${part}`);
    await appears(page, "[role=alert]");
    assert.match((await withRole(page, "alert")).join(), sentence, part.slice(0, 60));
    assert.equal((await state(page)).rows, 4);
  }
}); // biome-ignore format: a table

pageTest("in an assignment a link brings arrays, and its case stays", {}, async (page) => {
  const { x, gamma, beta, dy } = bn.presets.notes;
  const given = { x, gamma, beta, dy, dx: new Float64Array(12) };
  const link = linkOf(bn.presets.notes, { mine: given, mode: "no-spoiler" });
  await open(page, link.replace(/&case=own.*&mode/, "&case=cs231n&mode"));
  await verdict(page);
  assert.equal((await state(page)).rows, 4);
  await open(page, link.replace(/&case=own.*&mode/, "&case=notes&mode"));
  assert.equal((await verdict(page))?.firstWrong, "dx");
  assert.deepEqual(await page.$$(">>> [name=mine], >>> bn-graph"), []);
});

const nested = { x: [[1, 2], [3, 5], [4, 1]], gamma: [1, 2], dy: [[1, 0], [0, 1], [1, 1]], eps: 0.5 }; // biome-ignore format: matrices
const right = { dbeta: [2, 2] };

lectureTest(
  "a page sets a case and arrays as properties, and reads the selection and the verdict",
  { body: '<backnorm-lab id="lab" node="std"></backnorm-lab>' },
  async (page) => {
    assert.deepEqual(
      await page.$eval("backnorm-lab", (lab) => [lab.selection, lab.verdict?.verdict]),
      [{ node: "std", cell: { row: 0, column: 0 } }, "pass"],
    );
    await page.$eval(
      "backnorm-lab",
      (lab, [given, arrays]) => Object.assign(lab, { case: given, mine: arrays }),
      [nested, right] as const,
    );
    assert.deepEqual(await verdict(page), { source: "mine", verdict: "pass", firstWrong: null, right: 1, given: 1 });
    const { rows: count, columns, beta } = await state(page);
    assert.deepEqual([count, columns, beta], [3, 2, [0, 0]]);
    assert.match(
      (await state(page)).message?.text ?? "",
      /^x, 3×2; gamma; dy; eps = 0\.5\. dbeta for Find my mistake\. Not given: beta, so beta is 0\.$/,
    );
    // a text as a program prints it, typed arrays, and what can't be read
    await page.$eval("backnorm-lab", (lab) => {
      lab.mine = { dbeta: Float32Array.of(2, 3), dx: "array([[0., 0.],\n [0., 0.],\n [0., 0.]])" };
    });
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.verdict?.firstWrong === "dbeta");
    for (const [wrong, sentence] of [
      [{ case: 5 }, /^case: expected an object, got 5/],
      [{ case: { x: "<img src=x onerror=window.hit=1>" } }, /^x: expected numbers in nested lists/],
      [{ mine: { dx: [[1, "a"]] } }, /^dx: expected numbers/],
      [{ case: { x: nested.x, dy: [[1]] } }, /^dy: expected shape \[3, 2\], the shape of x, got \[1, 1\]/],
    ] as const) {
      await page.$eval("backnorm-lab", (lab, given) => Object.assign(lab, given), wrong as object);
      await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.message?.kind === "fault");
      const { message, rows: still } = await state(page);
      assert.match(message?.text ?? "", sentence);
      assert.equal(still, 3);
      await page.$eval("backnorm-lab", (lab) => lab.session.dismiss());
    }
    assert.equal(await page.evaluate(() => window.hit), undefined);
  },
); // biome-ignore format: one body

frameTest(
  "a frame takes a case and arrays from its host page, from no other window, and tells the verdict",
  { link: "#v=1&view=embed" },
  async (page, frame) => {
    const post = (message: unknown) =>
      page.evaluate((sent) => document.querySelector("iframe")?.contentWindow?.postMessage(sent, "*"), message);
    await post({ type: "backnorm:case", case: nested });
    await post({ type: "backnorm:mine", mine: right });
    assert.equal((await verdict(frame))?.verdict, "pass");
    await page.waitForFunction(() =>
      window.told.some((message) => (message as { source?: string }).source === "mine"),
    );
    assert.equal(await frame.$eval("backnorm-lab", (lab) => lab.session.computed?.layout.sheets.elements.rows), 3);
    // messages of the frame itself are not its host page's
    await frame.evaluate(() => postMessage({ type: "backnorm:case", case: { x: [[1], [2]] } }));
    for (const message of [
      null,
      "backnorm:case",
      { type: "backnorm:case" },
      { type: "toString", case: nested },
      { type: "__proto__" },
      { type: "backnorm:mine", mine: "<script>window.hit=1</script>" },
      { type: "backnorm:case", case: { x: { length: 1e9 } } },
    ])
      await post(message);
    await post({ type: "backnorm:mine", mine: { dbeta: [2, 7] } });
    await frame.waitForFunction(() => document.querySelector("backnorm-lab")?.verdict?.firstWrong === "dbeta");
    assert.equal(await frame.$eval("backnorm-lab", (lab) => lab.session.computed?.layout.sheets.elements.rows), 3);
    assert.equal(await frame.evaluate(() => window.hit), undefined);
  },
); // biome-ignore format: one body

frameTest(
  "a small frame with arrays shows what is found in them, and leads to the whole page",
  { link: linkOf(kase, { mine, view: "embed" }), sandbox: 'sandbox="allow-scripts"' },
  async (_, frame) => {
    assert.deepEqual(await verdict(frame), fails);
    assert.equal((await frame.$$(">>> textarea")).length, 0);
    await click(frame, "[name=whole]");
    await appears(frame, "bn-checks");
    await frames(frame);
    assert.equal((await frame.$$(">>> bn-mine >>> textarea")).length, 1);
  },
);

pageTest(
  "the page offers the notebook's cell, which opens its links on this page; in an assignment, on its link",
  { before: kWatched, link: "#v=1&case=notes&open=mine" },
  async (page) => {
    const file = await readFile(join(root, "web/examples/notebook/backnorm_check.py"), "utf8");
    const copied = async () => {
      await click(page, "bn-mine >>> [name=cell]");
      await page.waitForFunction(() => window.given.copied.length > 0);
      return page.evaluate(() => window.given.copied.pop());
    };
    assert.equal(await copied(), file.replace('page="backnorm.html"', `page="${url}"`));
    assert.match((await within(page, "p.copied")).join(), /^Copied\. Paste it into a cell/);
    await open(page, "#v=1&case=notes&mode=no-spoiler&lang=zh");
    assert.match((await copied()) ?? "", /page="http[^"]*#v=1&case=notes&node=var&cell=1,1&lang=zh&mode=no-spoiler"/);
  },
); // biome-ignore format: one body

pageTest("arrays of every norm come to their verdicts, in a case of that norm", {}, async (page) => {
  const { layernorm, groupnorm, spatial, tokens } = bn.presets;
  const rows: [kase: NormCase, mistake: string, firstWrong: string | null][] = [
    [layernorm, "dvar-half", "dvar"],
    [{ ...layernorm, norm: "rms", beta: undefined }, "", null],
    [tokens, "", null],
    [spatial, "dgamma-from-xc", "dgamma"],
    [{ ...groupnorm, groups: 3 }, "no-mean-path", "dx"],
    [{ ...spatial, norm: "instance" }, "dmean-sign", "dmean"],
  ];
  for (const [given, mistake, firstWrong] of rows) {
    const { nodes } = bn.trace(given, { mistakes: mistake ? [mistake] : [] });
    const arrays = nodes
      .filter(({ id }) => !["beta", "y"].includes(id))
      .map(({ id, grad, gradShape }) => [`d${id}`, { data: grad, shape: gradShape }]);
    await open(page, linkOf(given, { mine: Object.fromEntries(arrays) as Record<string, Claim> }));
    const what = `${given.norm} ${given.shape}`;
    assert.deepEqual(
      await verdict(page),
      { source: "mine", verdict: firstWrong ? "fail" : "pass", firstWrong, right: (await verdict(page))?.right, given: arrays.length },
      what,
    );
    await click(page, "bn-mine >>> .next").catch(() => assert.equal(firstWrong, null, what));
    assert.ok((await within(page, ".headline")).length > 0, what);
  }
  // the chooser keeps the numbers where the norm can have their shape
  await open(page, "#v=1&case=cs231n");
  const before = await state(page);
  for (const [norm, shape] of [["layer", [4, 5]], ["rms", [4, 5]], ["group", [2, 6, 4, 5]], ["instance", [2, 6, 4, 5]], ["batch", [2, 6, 4, 5]]] as const) {
    await (await find(page, "[name=norm]")).select(norm);
    await page.waitForFunction((wanted) => (document.querySelector("backnorm-lab")?.session.computed?.kase.norm ?? "batch") === wanted, {}, norm);
    const kase = await page.$eval("backnorm-lab", (lab) => [...(lab.session.computed?.kase.shape ?? [])]);
    assert.deepEqual(kase, shape, norm);
    if (norm === "layer") assert.deepEqual((await state(page)).x, before.x);
  }
}); // biome-ignore format: one body
