/** Links: what they say is what is shown, in every language and notation, and old ones keep opening. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import { address, click, find, follow, frames, pageTest, state, upload } from "../../page/browser.ts";
import { openBy, shown } from "../../page/link.ts";

const bn = await load();

pageTest("a link to the reader's own numbers restores every digit", {}, async (page) => {
  await click(page, 'bn-matrix[input="x"] >>> [data-at="6"]');
  await page.keyboard.type("0.1");
  await page.keyboard.press("Enter");
  await frames(page);
  const changed = await state(page);
  assert.equal(changed.name, "cs231n, changed");
  const link = await address(page);
  assert.match(link, /^#v=1&case=cs231n&x=/);
  assert.doesNotMatch(link, /&dy=|&gamma=/); // what is as in the preset, the preset says
  await openBy(page, link);
  assert.deepEqual(await state(page), changed);
  await upload(page, "own.csv", "1,2\n3,5\n7,4\n");
  const own = await state(page);
  await openBy(page, await address(page));
  const again = await state(page);
  assert.deepEqual({ ...again, name: "", message: undefined }, { ...own, name: "", message: undefined });
  assert.equal(again.name, "own numbers");
});

pageTest(
  "a link to a case that is too large leaves it out, and says so when it is opened",
  {},
  async (page) => {
    const rows = Array.from({ length: 300 }, (_, row) => `${Math.sin(row)},${Math.cos(row)},${row / 7}`);
    await upload(page, "large.csv", rows.join("\n"));
    const link = await address(page);
    assert.ok(link.length < 200, link);
    assert.match(link, /case=own/);
    await openBy(page, link);
    assert.match((await shown(page)).fault, /expected the numbers of its case, got none/);
    assert.equal((await state(page)).name, "cs231n");
  },
);

pageTest(
  "a link whose numbers overflow says so, and opens the default case",
  { link: "#v=1&case=own&x=1e308;-1e308&gamma=1&beta=0&dy=1;2&node=var" },
  async (page) => {
    const { fault } = await shown(page);
    assert.match(fault, /expected numbers that stay finite on the way/);
    const { name, selection, message } = await state(page);
    assert.deepEqual([name, selection.node, message?.kind], ["cs231n", "var", "fault"]);
  },
);

const kTwoShapes = "#v=1&case=own&x=1,2,3;4,5,7&dy=1,2;3,4;5,6&gamma=1,1,1&beta=0,0,0";

pageTest("a link whose matrices differ in shape is refused, and nothing changes", {}, async (page) => {
  await click(page, 'bn-matrix[input="x"] >>> [data-at="7"]');
  await page.keyboard.type("0.1");
  await page.keyboard.press("Enter");
  await frames(page);
  const before = await state(page);
  const five = "1,2,3,4;5,6,7,8;9,1,2,3;4,5,6,7;8,9,1,2"; // as many numbers as cs231n has, in 5×4
  const refused = /^The link: expected x and dy, both 5×4, got only one of them; the case is 4×5\.$/;
  for (const [link, fault] of [
    [kTwoShapes, /^The link’s dy: expected 2×3 numbers/],
    [`#v=1&case=cs231n&gamma=1,1,1,1&beta=0,0,0,0&dy=${five}`, refused],
    [`#v=1&case=cs231n&gamma=1,1,1,1&beta=0,0,0,0&x=${five}`, refused],
    [
      `#v=1&case=cs231n&lang=zh&gamma=1,1,1,1&beta=0,0,0,0&dy=${five}`,
      /^链接：应为 x 和 dy（均为 5×4），实为其中之一/,
    ],
  ] as const) {
    await follow(page, link);
    const { message, ...now } = await state(page);
    assert.match(message?.text ?? "", fault, link);
    assert.deepEqual([now.x, now.dy, now.rows], [before.x, before.dy, before.rows], link);
  }
  await openBy(page, `#v=1&case=cs231n&gamma=1,1,1,1&beta=0,0,0,0&x=${five}&dy=${five}`);
  const { message, rows, columns } = await state(page);
  assert.deepEqual([message, rows, columns], [undefined, 5, 4]);
});

pageTest(
  "a new random case uses the next seed, and a shape that is too large is refused with a message",
  {},
  async (page) => {
    const draw = async () => {
      await (await find(page, "select[aria-label=Case]")).select("draw");
      await frames(page);
      return (await shown(page)).name;
    };
    assert.equal(await draw(), "randn:1:4x5");
    const first = await state(page);
    assert.equal(await draw(), "randn:2:4x5");
    const [x] = bn.randn(2, [20]);
    assert.deepEqual((await state(page)).x, [...(x as Float64Array)]);
    assert.notDeepEqual((await state(page)).x, first.x);
    await upload(page, "tall.csv", Array.from({ length: 12_000 }, (_, row) => String(row % 7)).join("\n"));
    await draw();
    assert.match((await shown(page)).fault, /too large\. Nothing was changed\.$/);
    assert.equal((await state(page)).name, "tall.csv");
  },
);
