/** The lens of the graph. */
import assert from "node:assert/strict";
import { kEnd } from "../../web/lab/moment.ts";
import { click, pageTest } from "./browser.ts";
import { assertAt, caption, moments, texts } from "./graph.ts";

pageTest(
  "the player's buttons step through both passes, and the inspector and the link follow",
  {},
  async (page) => {
    const name = async () => (await texts(page, "output")).join();
    assert.equal(await name(), "backward 12 of 12");
    await click(page, "button.start");
    await assertAt(page, "f0", "x");
    assert.equal(await name(), "inputs alone");
    assert.match(await caption(page), /Only x, γ and β are there/);
    await click(page, "button.back"); // there is nothing before
    await assertAt(page, "f0", "x");
    for (const { id, node } of moments.slice(1)) {
      await click(page, "button.step");
      await assertAt(page, id, node);
    }
    await click(page, "button.step");
    await assertAt(page, kEnd, "x");
    await click(page, "button.back");
    await assertAt(page, "b11", "mean");
    assert.equal(await name(), "backward 11 of 12");
    assert.match(await caption(page), /the rows of ∂\(x − μ\) are summed, with a minus sign/);
    await click(page, "button.end");
    await assertAt(page, kEnd, "x");
  },
);
