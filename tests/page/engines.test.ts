/** Where WebAssembly does not start: the same code as JavaScript, the same numbers, and a sentence that says so. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import { chooseStep, look, pageTest, type Start, state } from "./browser.ts";

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

const engineNote = () =>
  window
    .everyElement()
    .find((element) => element.matches(".engine"))
    ?.textContent?.replace(/\s+/g, " ") ?? "";

for (const [where, start] of without) {
  pageTest(
    `${where} the page runs as JavaScript, says so, and shows the same numbers`,
    start,
    async (page) => {
      assert.match(
        await page.evaluate(engineNote),
        /WebAssembly is not available here\. The same code runs as JavaScript, more slowly\./,
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
