/** Where WebAssembly does not start: the same code as JavaScript, the same numbers, and a sentence that says so. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import {
  appears,
  chooseStep,
  click,
  find,
  kUnfetched,
  type Lab,
  look,
  pageTest,
  type Start,
  state,
  withRole,
} from "./browser.ts";

const bn = await load();
const trace = bn.trace(bn.presets.cs231n);
const report = bn.gradcheck(bn.presets.cs231n);

const without: [string, Start][] = [
  ["without WebAssembly", { before: "delete globalThis.WebAssembly" }],
  // as a browser without SIMD does
  [
    "where WebAssembly refuses the module",
    {
      before:
        "WebAssembly.compile = WebAssembly.compileStreaming = async () => { throw new WebAssembly.CompileError('no SIMD'); }",
    },
  ],
];

const legend = () =>
  window
    .everyElement()
    .find((element) => element.matches(".legend"))
    ?.textContent?.replace(/\s+/g, " ") ?? "";

for (const [where, start] of without) {
  pageTest(
    `${where} the page runs as JavaScript, says so, and shows the same numbers`,
    start,
    async (page) => {
      assert.match(
        await page.evaluate(legend),
        /WebAssembly is not to be had here: the same code runs as JavaScript, more slowly\./,
      );
      const shown = await state(page);
      for (const { id, value, grad } of trace.nodes) {
        assert.deepEqual(shown.values[id], [...value], id); // to the last bit: both round as IEEE 754 says
        assert.deepEqual(shown.grads[id], [...grad], `d${id}`);
      }
      assert.deepEqual(
        shown.report?.map(({ verdict, numeric }) => [verdict, numeric]),
        report.nodes.map(({ verdict, numeric }) => [verdict, [...numeric]]),
      );
      await look(page, "steps");
      await chooseStep(page, "x");
      assert.equal((await state(page)).selection.node, "x");
    },
  );
}

pageTest(
  "without backnorm.wasm on the server a mistake is computed by JavaScript",
  { link: "#v=1&case=cs231n&mistake=dvar-half", missing: ["backnorm.wasm"], expected: kUnfetched },
  async (page) => {
    const engines = await page.evaluate(() => {
      const { bn, whole } = (document.querySelector("backnorm-lab") as Lab).session;
      return [bn?.engine, whole?.engine];
    });
    assert.deepEqual(engines, ["webassembly", "javascript"]);
    assert.equal((await state(page)).report?.find(({ id }) => id === "var")?.verdict, "fail");
  },
);

pageTest(
  "where the rest can't be had, the list of cases goes back, and a sentence says why",
  { missing: ["backnorm.wasm", "fallback.js"], expected: kUnfetched },
  async (page) => {
    const list = await find(page, 'select[aria-label="Case"]');
    await list.select("iris");
    await page.waitForFunction(
      () => document.querySelector("backnorm-lab")?.session.message?.kind === "fault",
    );
    const { message, name } = await state(page);
    assert.match(message?.text ?? "", /^The rest of the page could not be fetched: load\(\): expected/);
    assert.equal(await list.evaluate((select) => (select as HTMLSelectElement).value), "cs231n");
    assert.equal(name, "cs231n");
  },
);

pageTest(
  "where the rest can't be had, the bank of mistakes says so, and the page stays",
  { missing: ["backnorm.wasm", "fallback.js"], expected: kUnfetched },
  async (page) => {
    await click(page, 'button[name="bank"]');
    await appears(page, "#bank [role=alert]");
    assert.match(
      (await withRole(page, "alert")).join(),
      /^This part of the page could not be fetched\. If trying again does not help, reload the page\.$/,
    );
    await click(page, "#bank .wait button");
    await appears(page, "#bank [role=alert]");
    const { message, name, report } = await state(page);
    assert.deepEqual([message, name], [undefined, "cs231n"]);
    assert.ok(
      report?.every(({ verdict }) => verdict === "pass"),
      "the page still shows its case",
    );
  },
);

pageTest("with WebAssembly the page says nothing of engines", {}, async (page) => {
  assert.doesNotMatch(await page.evaluate(legend), /JavaScript/);
});

pageTest(
  "where neither starts, the page says that in a sentence",
  { before: "delete globalThis.WebAssembly", missing: ["fallback.js"], expected: kUnfetched, fails: true },
  async (page) => {
    await page.waitForFunction(() => window.everyElement().some(({ role }) => role === "alert"));
    const [sentence = ""] = await withRole(page, "alert");
    assert.match(
      sentence,
      /^The kernels did not start\. load\(\): expected WebAssembly with SIMD, or fallback\.js .*, got .*WebAssembly is not defined.*fallback\.js/,
    );
    assert.ok(
      await page.evaluate(() =>
        window.everyElement().some((element) => element.matches("h1") && element.checkVisibility()),
      ),
    );
  },
);
