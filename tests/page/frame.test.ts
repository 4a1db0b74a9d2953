/** The page in a frame on somebody else's page: what it tells, and what a sandbox leaves of it. */
import assert from "node:assert/strict";
import { appears, click, follow, frames, look, state } from "./browser.ts";
import { chosen, frameTest, told } from "./frame.ts";

interface Told {
  type?: string;
  subject?: string;
  height?: number;
}

declare global {
  interface Window {
    /** What the frame has told. */
    told: Told[];
  }
}

frameTest("each verdict is told to the page around", {}, async (page, frame) => {
  const passes = { type: "backnorm:verdict", source: "check", verdict: "pass", firstWrong: null };
  assert.deepEqual(await told(page, "backnorm:verdict"), [{ ...passes, right: 12, given: 12 }]);
  await follow(frame, "#v=1&node=x&view=embed&mistake=no-mean-path");
  await page.waitForFunction(
    () => window.told.filter(({ type }) => type === "backnorm:verdict").length === 2,
  );
  assert.deepEqual((await told(page, "backnorm:verdict"))[1], {
    type: "backnorm:verdict",
    source: "check",
    verdict: "fail",
    firstWrong: "dx",
    right: 11,
    given: 12,
  });
});

frameTest(
  "in a sandbox that allows scripts alone all lenses are fetched, and the whole opens in place and closes again",
  { sandbox: 'sandbox="allow-scripts"', link: "#v=1&case=notes&node=x&lens=steps&view=embed&lang=zh" },
  async (page, frame) => {
    assert.equal(await frame.evaluate(() => origin), "null");
    const begun = ["notes", "x", "steps", "zh"];
    assert.deepEqual(await chosen(frame), begun);
    for (const lens of ["paths", "closed", "graph", "steps"]) await look(frame, lens);
    assert.equal((await told(page, "backnorm:verdict")).length, 1);

    await click(frame, "button[name=whole]");
    await appears(frame, "bn-checks");
    assert.deepEqual(await chosen(frame), begun);
    await click(frame, "button[name=mine]");
    await appears(frame, "bn-mine");
    await click(frame, 'bn-matrix[input="x"] >>> [data-at="1"]');
    await page.keyboard.type("6.5");
    await page.keyboard.press("Enter");
    await frames(frame);
    assert.equal((await told(page, "backnorm:verdict")).length, 2);
    await click(frame, "button[name=brief]");
    assert.equal(await frame.$(">>> bn-checks"), null);
    const [name, ...others] = await chosen(frame);
    assert.deepEqual(
      [(await state(frame)).x[1], name, ...others],
      [6.5, "notes（已改动）", ...begun.slice(1)],
    );
  },
);
