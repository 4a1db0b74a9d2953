/** What can be taken along: a link, and the case. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import { xmlText } from "../../web/lab/base/escaped.ts";
import { caseAsJson } from "../../web/lab/share/case-text.ts";
import { hard } from "../lab/cases.ts";
import { kHostileNames, kUnprintable } from "../lab/hostile-names.ts";
import { drop, find, pageTest, press, state, upload } from "./browser.ts";
import { act, kWatched, lastCopied, lastSaved, numbersOf, openShare, status } from "./sharing.ts";

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

pageTest(
  "a file with a hostile name gives a picture that is XML, and plain names",
  { before: kWatched },
  async (page) => {
    // a file's name can't be empty or half a character
    for (const name of kHostileNames.filter((one) => one && !/\p{Cs}/u.test(one))) {
      await drop(page, name, "1,2\n3,5\n7,4\n");
      await openShare(page);
      await act(page, "svg");
      const { file, text } = await lastSaved(page);
      assert.match(
        file,
        /^backnorm-[\p{L}\p{N}.-]*graph\.svg$|^backnorm-名{71}\.svg$|^backnorm-𠀀{35}\.svg$/u,
      );
      assert.equal(kUnprintable.exec(text)?.[0], undefined, name);
      const { root, title } = await page.evaluate((xml) => {
        const picture = new DOMParser().parseFromString(xml, "image/svg+xml");
        return {
          root: picture.documentElement.localName,
          title:
            picture.querySelector("parsererror")?.textContent ?? picture.querySelector("title")?.textContent,
        };
      }, text);
      assert.equal(root, "svg", name);
      assert.equal(title, xmlText(`backnorm: Graph, ${name}`));
      const snippet = await (await find(page, "bn-embed >>> textarea")).evaluate((field) => {
        const { value } = field as HTMLTextAreaElement;
        const { body } = new DOMParser().parseFromString(value, "text/html");
        return {
          value,
          label: body.querySelector("backnorm-lab")?.ariaLabel,
          elements: body.querySelectorAll("*").length,
        };
      });
      assert.equal(kUnprintable.exec(snippet.value)?.[0], undefined, name);
      assert.equal(snippet.label, xmlText(`Batch norm’s backward pass: ${name}`));
      assert.equal(snippet.elements, 1, snippet.value);
      await press(page, "Escape");
    }
  },
);
