/**
 * What SECURITY.md promises: nothing that is given becomes markup or reaches a prototype, no other window is listened to,
 * the policy is the one that is written down, and under Trusted Types no text is ever taken for markup.
 */
import assert from "node:assert/strict";
import type { Choices } from "../../../web/lab/model/choices.ts";
import { kAsking } from "../../../web/lab/session/address.ts";
import { writeLink } from "../../../web/lab/session/link.ts";
import {
  appears,
  census,
  follow,
  frames,
  type Lab,
  look,
  openTool,
  pageTest,
  state,
  upload,
  withRole,
} from "../../page/browser.ts";
import { lectureTest, settled } from "../../page/lecture.ts";
import { assertUnharmed } from "../../page/unharmed.ts";

const kMarkup = '"><img src=x onerror=window.hit=1>\u0024{window.hit=1}';
const kHostile = [kMarkup, "__proto__", "constructor.prototype", "javascript:window.hit=1"];

/** A link that says everything that a link can say. */
const everything: Choices = {
  selection: { node: "x", cell: { row: 1, column: 1 } },
  lens: "steps",
  mistake: "dvar-half",
  moment: "f1",
  language: "zh",
  notation: "pytorch",
  theme: "dark",
  off: new Set(["direct"]),
  factor: "ratio",
  tools: new Set(["bank"]),
  parts: new Set(["sweep"]),
  example: 2,
  tour: 2,
  sparing: true,
  brief: true,
};

const ones = new Float64Array([1]);

const keys = [
  ...new URLSearchParams(
    writeLink(everything, {
      base: "own",
      changes: { x: ones, dy: ones, gamma: ones, beta: ones, shape: [1, 1], eps: 1, ddof: 1 },
    }).slice(1),
  ).keys(),
];

pageTest("a hostile text in each part of a link is quoted as text", {}, async (page) => {
  await follow(page, "#v=1&lens=x");
  const before = await census(page);
  for (const key of keys)
    for (const text of kHostile.slice(0, 2)) {
      await follow(page, `#${new URLSearchParams({ v: "1", [key]: text })}`);
      const [said = "", ...others] = await withRole(page, "alert");
      assert.match(said, /^The link’s .*: expected .* got “/, `${key}=${text}`);
      assert.deepEqual(others, []);
      assert.deepEqual(await census(page), before, `${key}=${text}`);
    }
  for (const key of ["__proto__", "constructor", "__proto__.polluted", kMarkup]) {
    await follow(page, `#v=1&${new URLSearchParams({ [key]: "1" })}`);
    const [said = "", ...others] = await withRole(page, "alert");
    assert.match(said, /^The link: expected keys such as .*, got “.*”, which was ignored/s, key);
    assert.deepEqual(others, []);
  }
  await assertUnharmed(page, "links");
});

pageTest("JSON keys such as __proto__ change no prototype, in a file and in a paste", {}, async (page) => {
  const polluting = `{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "x": [[1, 2], [3, 5]]}`;
  const said =
    /^polluting\.json: x, 2×2; left out, because the names are not known: “__proto__”, “constructor”\./;
  assert.match(await upload(page, "polluting.json", polluting), said);
  assert.deepEqual((await state(page)).x, [1, 2, 3, 5]);
  await assertUnharmed(page, "a file");
  await openTool(page, "mine");
  for (const text of [
    polluting,
    `{"__proto__": [[1]], "constructor": [1]}`,
    "__proto__.polluted = [1]\n__proto__ = [1]\nprototype = [1]",
  ]) {
    await page.evaluate((pasted) => {
      const area = window.everyElement().find((one) => one.matches("textarea[name]")) as HTMLTextAreaElement;
      area.value = pasted;
      area.dispatchEvent(new Event("input"));
    }, text);
    await appears(page, "bn-mine .troubles li, .troubles li, .unnamed li");
    await assertUnharmed(page, text);
  }
});

lectureTest(
  "hostile values of attributes and properties are read as text or numbers, and the element still works",
  { body: '<backnorm-lab id="lab"></backnorm-lab>' },
  async (page) => {
    await settled(page);
    for (const name of kAsking) {
      for (const text of kHostile) {
        await page.evaluate(
          (attribute, value) => document.getElementById("lab")?.setAttribute(attribute, value),
          name,
          text,
        );
        await settled(page);
      }
      // as anywidget hands over what a program in Python has set, by way of JSON
      for (const json of ["7", "true", '["<b>"]', '{"__proto__": {"polluted": 1}}', "null"]) {
        await page.evaluate(
          (property, value) => {
            Object.assign(document.getElementById("lab") as Lab, { [property]: JSON.parse(value) });
          },
          name,
          json,
        );
        await settled(page);
      }
      await page.evaluate((attribute) => document.getElementById("lab")?.removeAttribute(attribute), name);
      await settled(page);
    }
    await assertUnharmed(page, "the element");
    assert.equal((await withRole(page, "alert")).join(), "");
    await look(page, "steps");
  },
);

const kListening = `
  globalThis.listened = [];
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if (!(this instanceof Node)) listened.push((this ?? globalThis).constructor.name + " " + type);
    return add.call(this, type, ...rest);
  };
`;

pageTest(
  "with all panels open, the page accepts no messages from other windows and starts no worker",
  { before: kListening, link: "#v=1&open=mine,bank,batches&check=sweep,float32" },
  async (page) => {
    for (const tool of ["bn-mine", "bn-bank", "bn-batches", "bn-sweep"]) await appears(page, tool);
    const { listened, handlers } = await page.evaluate(() => ({
      listened: (window as unknown as { listened: string[] }).listened,
      handlers: [window.onmessage, window.onmessageerror, window.onstorage],
    }));
    assert.ok(
      listened.some((one) => /Window hashchange/.test(one)),
      "listeners are seen",
    );
    assert.deepEqual(
      listened.filter((one) => /message|storage|connect|Channel|Worker/i.test(one)),
      [],
    );
    assert.deepEqual(handlers, [null, null, null]);
    assert.deepEqual(page.workers(), []);
    const before = await state(page);
    await page.evaluate(() => {
      for (const message of [
        null,
        "#v=1&case=iris",
        { type: "backnorm:height", height: 1 },
        { __proto__: 1 },
      ])
        window.postMessage(message, "*");
    });
    await frames(page);
    assert.deepEqual(await state(page), before);
  },
);
