/** Importing and starting leave the globals as they were, also where a server renders and there is no DOM. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inNode } from "./support.ts";

/** Whether anything is left behind; Node's own reading of files and printing aside. */
const watch = `
  const state = () => [
    Reflect.ownKeys(globalThis).length,
    process.eventNames().map((name) => [String(name), process.listenerCount(name)]).sort(),
    process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|FS|Close/.test(name)),
  ];
  globalThis.fetch; globalThis.crypto; performance.now(); // Node makes these when first asked
  const before = JSON.stringify(state());`;

test("importing changes no global, adds no listener and leaves nothing running", async () => {
  const script = `${watch}
    await import("backnorm");
    console.log(before === JSON.stringify(state()) ? "same" : before + JSON.stringify(state()));`;
  assert.equal(await inNode(script), "same");
});

for (const engine of ["webassembly", "javascript"]) {
  test(`starting the ${engine} engine changes no global and adds no listener`, async () => {
    const script = `${watch}
      const { load } = await import("backnorm");
      const bn = await load({ engine: "${engine}" });
      bn.gradcheck(bn.presets.cs231n);
      await bn.gradcheckAsync(bn.presets.iris);
      await new Promise((resume) => setTimeout(resume, 20));
      console.log(before === JSON.stringify(state()) ? "same" : before + JSON.stringify(state()));`;
    assert.equal(await inNode(script), "same");
  });
}

const globals = () => Object.getOwnPropertyNames(globalThis);

for (const entry of ["backnorm/lab", "backnorm/anywidget"])
  test(`importing ${entry} without a DOM throws nothing and defines nothing`, async () => {
    const before = globals();
    assert.ok(!before.includes("customElements") && !before.includes("document"), "there is no DOM");
    const { default: widget, ...others } = await import(entry);
    await new Promise((done) => setTimeout(done, 50)); // what fails later ends the test, too
    assert.deepEqual(others, {});
    assert.equal(widget !== undefined, entry === "backnorm/anywidget");
    assert.deepEqual(globals(), before);
  });
