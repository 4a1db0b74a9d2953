/** Where a server renders, there is no DOM. */
import assert from "node:assert/strict";
import { test } from "node:test";

const globals = () => Object.getOwnPropertyNames(globalThis);

for (const entry of ["backnorm/lab", "backnorm/anywidget"])
  test(`importing ${entry} where there is no DOM throws nothing and defines nothing`, async () => {
    const before = globals();
    assert.ok(!before.includes("customElements") && !before.includes("document"), "there is no DOM");
    const { default: widget, ...others } = await import(entry);
    await new Promise((done) => setTimeout(done, 50)); // what fails later ends the test, too
    assert.deepEqual(others, {});
    assert.equal(widget !== undefined, entry === "backnorm/anywidget");
    assert.deepEqual(globals(), before);
  });
