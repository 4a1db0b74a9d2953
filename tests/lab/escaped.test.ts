/** Hostile names in every text that leaves the page. tests/page/share.test.ts has the saved files. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { load } from "backnorm";
import { fileName, htmlAttribute, pythonComment, pythonString, xmlText } from "../../web/lab/base/escaped.ts";
import { kNotations, notationOf } from "../../web/lab/maths/notations.ts";
import { inputsAsCode } from "../../web/lab/mine/inputs-as-code.ts";
import { caseAsNumpy, caseAsTorch } from "../../web/lab/share/case-text.ts";
import { kPlaces, kSnippets } from "../../web/lab/share/snippets.ts";
import { kHostileNames, kUnprintable } from "./hostile-names.ts";

const bn = await load();
const kase = bn.presets.twoRows;
const words = { byHand: { ddof: "by hand", oneRow: "by hand" } };

const isOneLine = (text: string) => !/[\n\r]/.test(text) && !kUnprintable.test(text) && text === text.trim();

/** Whether Python takes each program, as the bytes of a file, and how many statements it has. */
function compiled(programs: readonly string[]): { statements: number }[] {
  const runner = `
import ast, json, sys
found = []
for text in json.load(sys.stdin):
    found.append({"statements": len(ast.parse(text.encode("utf-8")).body)})
print(json.dumps(found))`;
  const input = JSON.stringify(programs);
  const { status, stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", runner], {
    input,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test("a hostile name changes no program: it stays in its comment", () => {
  const exports = [
    ...kNotations.flatMap((id) => {
      const notation = notationOf(id, bn.graph);
      return [
        (name: string) => caseAsNumpy(kase, notation.code, name),
        (name: string) => caseAsTorch(kase, notation.code, name, words),
        (name: string) => inputsAsCode(name, kase, ["dx"], notation, "after the passes"),
      ];
    }),
  ];
  for (const write of exports) {
    const [plain, ...hostile] = ["plain", ...kHostileNames].map(write) as [string, ...string[]];
    for (const text of hostile) {
      assert.equal(kUnprintable.exec(text)?.[0], undefined);
      assert.equal(text.replace(/^#.*\n/, ""), plain.replace(/^#.*\n/, ""));
    }
    const [want, ...found] = compiled([plain, ...hostile]);
    assert.ok((want?.statements ?? 0) > 5);
    for (const one of found) assert.deepEqual(one, want);
  }
});

test("a hostile title stays in its attribute, in every snippet", () => {
  for (const title of kHostileNames) {
    const embedding = { fragment: "#v=1&case=iris", height: 600, brief: true, version: "1.0.0" };
    for (const place of kPlaces) {
      const write = (title: string) =>
        kSnippets[place].parts({ ...embedding, title, page: "https://example.org/" }).map(({ text }) => text);
      const texts = write(title);
      for (const [at, plain] of write("TITLE").entries()) {
        const [before, after] = plain.split('"TITLE"') as [string, string?];
        const text = texts[at] as string;
        if (after === undefined) assert.equal(text, plain);
        else {
          assert.ok(text.startsWith(`${before}"`) && text.endsWith(`"${after}`), text);
          const value = text.slice(before.length + 1, text.length - after.length - 1);
          assert.ok(isOneLine(value) && !/[<>"`{}]/.test(value), value);
          assert.equal(unescaped(value), xmlText(title));
        }
      }
    }
  }
});

const unescaped = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replaceAll("&amp;", "&");

test("a text keeps what can be seen of it", () => {
  const table: [text: string, shown: string][] = [
    ["Week 3: “dγ”, 50 % & more", "Week 3: “dγ”, 50 % & more"],
    [" two\n\n lines ", "two lines"],
    ["right\u202Eleft", "rightleft"],
    ["می\u200Cخواهم 👩\u200D🔬", "می\u200Cخواهم 👩\u200D🔬"],
    ["\uD800a\uFFFEb\0c", "ab c"],
  ];
  for (const [text, shown] of table) {
    assert.equal(xmlText(text), shown);
    assert.equal(unescaped(htmlAttribute(text)), shown);
    assert.equal(pythonComment(text), `# ${shown}`);
    assert.equal(JSON.parse(pythonString(text)), shown);
  }
  assert.equal(pythonComment("encoding=x, coding: y"), "# encoding =x, coding : y");
});

test("every file system accepts the name of a saved file", () => {
  for (const name of kHostileNames.flatMap((one) => [one, `${one}-graph`])) {
    const file = fileName(name);
    assert.match(file, /^backnorm(-?[\p{L}\p{N}.]+)*$/u, name);
    assert.ok(new TextEncoder().encode(`${file}.json`).length <= 255, file);
    assert.ok(!/\p{Cs}|\.$/u.test(file), file);
  }
  assert.equal(fileName("week 3/x.csv"), "backnorm-week-3-x.csv");
  assert.equal(fileName("re\u0301sume\u0301.npy"), "backnorm-résumé.npy");
});
