/** What can be taken along: a link, and the case. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import { caseAsJson } from "../../web/lab/share/case-text.ts";
import { hard } from "../lab/cases.ts";
import { find, pageTest, press, state, upload } from "./browser.ts";
import { act, kWatched, lastCopied, numbersOf, openShare, status } from "./sharing.ts";

const bn = await load();

pageTest("the link can be copied, and opens the current state", { before: kWatched }, async (page) => {
  await openShare(page);
  const field = await find(page, "bn-share >>> input");
  const { value, chosen } = await field.evaluate((input) => {
    const { value, selectionStart, selectionEnd } = input as HTMLInputElement;
    return { value, chosen: value.slice(selectionStart ?? 0, selectionEnd ?? 0) };
  });
  assert.match(value, /^http:.*#v=1&case=cs231n/);
  assert.equal(chosen, value);
  await act(page, "copy-link");
  assert.equal(await lastCopied(page), value);
  assert.equal(await status(page), "Link: copied.");
});

pageTest("a case copied as JSON opens as a file with every digit", { before: kWatched }, async (page) => {
  await upload(page, "hard.json", caseAsJson({ ...hard, x: hard.x.map((value) => value + 0) }));
  const before = numbersOf(await state(page));
  assert.equal(before.ddof, 1);
  await openShare(page);
  await act(page, "copy-JSON");
  const text = await lastCopied(page);
  await press(page, "Escape");
  await upload(page, "other.json", caseAsJson(bn.presets.notes));
  assert.notDeepEqual(numbersOf(await state(page)), before);
  await upload(page, "again.json", text);
  assert.deepEqual(numbersOf(await state(page)), before);
});
