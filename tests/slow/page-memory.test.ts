/** An afternoon of edits leaves the page as small as it was. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { type Lab, pageTest } from "../page/browser.ts";

/** What wasm modules have for memory, for the test to read. */
const kKeepMemories = `
  const { instantiate } = WebAssembly;
  globalThis.memories = [];
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    const { exports } = made.instance ?? made;
    memories.push(Object.values(exports).find((one) => one instanceof WebAssembly.Memory));
    return made;
  };`;

/** Edits a number, waits for its check, and looks through the next lens. */
const edit = (page: Page, times: number) =>
  page.evaluate(async (count) => {
    const lab = document.querySelector("backnorm-lab") as Lab;
    const tabs = [...(lab.shadowRoot?.querySelectorAll<HTMLElement>("[role=tab]") ?? [])];
    for (let time = 0; time < count; time++) {
      const value = Math.sin(Math.random() * 100);
      lab.session.edit("x", [{ at: time % 20, value }]);
      tabs[time % tabs.length]?.click();
      do await new Promise((done) => requestAnimationFrame(done));
      while (!lab.session.computed?.report);
      if (lab.session.computed.kase.x[time % 20] !== value) throw new Error("the edit did not arrive");
    }
  }, times);

pageTest(
  "three hundred edits, each with a check and another lens, leak no node, listener or memory",
  { before: kKeepMemories, notInFirefox: "it tells no counts of nodes and listeners" },
  async (page) => {
    const client = await page.createCDPSession();
    await client.send("Performance.enable");
    const measure = async () => {
      await client.send("HeapProfiler.collectGarbage");
      const { metrics } = await client.send("Performance.getMetrics");
      const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
      const wasm = (await page.evaluate("memories.map(({ buffer }) => buffer.byteLength)")) as number[];
      return { nodes: of("Nodes"), listeners: of("JSEventListeners"), heap: of("JSHeapUsedSize"), wasm };
    };
    await edit(page, 120); // all lenses, and as many steps as can be undone
    const before = await measure();
    await edit(page, 300);
    const after = await measure();
    const grown = JSON.stringify({ before, after });
    assert.ok(before.wasm.length > 0, "a module was started");
    assert.deepEqual(after.wasm, before.wasm, grown);
    assert.ok(after.nodes <= before.nodes + 50, grown); // a row of a panel, where another lens is looked through
    assert.ok(after.listeners <= before.listeners + 20, grown);
    // compiled code and the like: half of it, and no more after a thousand edits; a trace kept at every edit would be 3 MB
    assert.ok(after.heap <= before.heap + 1e6, grown);
  },
);
