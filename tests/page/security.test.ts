/** What SECURITY.md promises: the policy is the one that is written down, and nothing that is given becomes markup. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  appears,
  census,
  click,
  find,
  follow,
  frames,
  kLab,
  look,
  makeMistake,
  openTool,
  pageTest,
  press,
  ready,
  root,
  state,
  upload,
  url,
  withRole,
} from "./browser.ts";
import { faulty } from "./faulty.ts";
import { assertUnharmed, assertWorks, kMarkup } from "./unharmed.ts";

test("the server sends the documented policy", async () => {
  const sent = (await fetch(url)).headers.get("content-security-policy") ?? "";
  const written = /^ {2}(default-src[^`]*?)\n {2}```/ms.exec(
    readFileSync(join(root, "SECURITY.md"), "utf8"),
  )?.[1];
  assert.equal(sent.replaceAll(` ${new URL(url).origin}`, ""), written?.replace(/\s+/g, " "));
});

const kTrusted = "; require-trusted-types-for 'script'; trusted-types lit-html";

pageTest(
  "under Trusted Types, with only Lit's policy, every lens and tool works",
  {
    link: kLab,
    address: async () => {
      const site = await faulty();
      site.policy = (policy) => policy + kTrusted;
      return site.url;
    },
    before: "globalThis.blocked = 0; addEventListener('securitypolicyviolation', () => blocked++);",
    expected: /TrustedHTML|trusted-types-sink/, // of the last lines, and counted before
    notInFirefox: "this Firefox has no Trusted Types",
  },
  async (page) => {
    const blocked = () => page.evaluate(() => (window as unknown as { blocked: number }).blocked);
    for (const lens of ["steps", "paths", "closed", "graph"]) await look(page, lens);
    for (const tool of ["mine", "bank"] as const) await openTool(page, tool);
    await click(page, "#batches > summary");
    await appears(page, "bn-batches");
    for (const part of ["sweep", "float32"]) await click(page, `bn-checks >>> [name=${part}]`);
    await click(page, "[name=share]");
    await appears(page, "bn-share dialog[open], dialog[open]");
    await press(page, "Escape");
    await upload(page, "a.csv", "1,2\n3,5\n7,4\n");
    await makeMistake(page, "dvar-half");
    await click(page, "[name=language]");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    await ready(page);
    assert.equal(await blocked(), 0);
    const isEnforced = await page.evaluate(() => {
      try {
        document.createElement("div").innerHTML = "<b></b>";
        return false;
      } catch {
        return true;
      }
    });
    await frames(page);
    assert.deepEqual([isEnforced, await blocked()], [true, 1]);
  },
);

const names = [
  `${kMarkup}.csv`,
  '"><script>window.hit=1<%2fscript>.csv',
  "javascript:window.hit=1",
  "\u0024{window.hit=1}.csv",
  "'+(window.hit=1)+'.csv",
  "&lt;b&gt; &amp;.csv",
  "__proto__",
  "constructor",
  "toString",
  "iris",
  `${"long".repeat(50)}.csv`,
];

pageTest("a hostile file name is shown as text", {}, async (page) => {
  await upload(page, "harmless.csv", "1,2\n3,5\n4,4\n");
  const before = await census(page);
  for (const name of names) {
    const said = await upload(page, name, "1,2\n3,5\n4,4\n");
    assert.ok(said.startsWith(`${name}: x, 3×2. `));
    assert.deepEqual(await census(page), before, name);
    assert.ok(
      (await withRole(page, "status")).some((text) => text.startsWith(`${name}: `)),
      name,
    );
    const option = await (await find(page, "select")).evaluate(
      (list) => (list as HTMLSelectElement).selectedOptions[0]?.text,
    );
    assert.equal(option, name === "iris" ? "iris (file)" : name);
    assert.match(new URL(page.url()).hash, /^#v=1&case=own&[-\w.,;&=]*$/, "no name is in the link");
    await assertUnharmed(page, name);
  }
  await assertWorks(page);
  await upload(page, `bad ${kMarkup}.csv`, "a,b\nc\n");
  assert.ok((await withRole(page, "alert")).join().startsWith(`bad ${kMarkup}.csv: `));
  await assertUnharmed(page, "a bad file");
  await follow(page, "#v=1&case=cs231n&node=x"); // no case is left that a name has hidden
  assert.equal((await state(page)).rows, 4);
});
