/** The custom elements manifest says what the element really has. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { kAsking } from "../../web/lab/session/address.ts";
import { root } from "../web/support.ts";

interface Named {
  name: string;
  description: string;
}
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { customElements } = JSON.parse(read("package.json"));
const { schemaVersion, modules } = JSON.parse(read(customElements));
const [{ path, declarations, exports }] = modules;
const [element] = declarations;
const namesOf = (entries: Named[]) => entries.map(({ name }) => name).sort();

/** The sources of the page's elements. */
const sources = (readdirSync(join(root, "web/lab"), { recursive: true }) as string[])
  .filter((name) => name.endsWith(".ts") && !name.includes("backnorm-lab"))
  .map((name) => read(join("web/lab", name)));
const foundIn = (texts: string[], pattern: RegExp) =>
  [...new Set(texts.flatMap((text) => Array.from(text.matchAll(pattern), ([, name = ""]) => name)))].sort();

test("the manifest names the element, its module and its class", () => {
  assert.equal(schemaVersion, "2.1.0");
  assert.deepEqual(
    [element.tagName, element.name, path],
    ["backnorm-lab", "BacknormLabElement", "dist/lab.js"],
  );
  assert.deepEqual(exports[0].declaration, { name: element.name, module: path });
});

test("the manifest has every attribute and every property that the element reads", () => {
  const attributes = [...kAsking, "case", "mine"].sort();
  assert.deepEqual(namesOf(element.attributes), attributes);
  assert.deepEqual(namesOf(element.members), [...attributes, "selection", "verdict"].sort());
  const readonly = element.members.filter((member: { readonly?: boolean }) => member.readonly);
  assert.deepEqual(namesOf(readonly), ["selection", "verdict"]);
});

test("the manifest has every event that the element sends", () => {
  assert.deepEqual(namesOf(element.events), foundIn(sources, /#tell\("(backnorm-\w+)", /g));
});

test("the manifest has every custom property that the styles read", () => {
  assert.deepEqual(namesOf(element.cssProperties), foundIn(sources, /var\((--backnorm-[\w-]+)/g));
});

test("the manifest has every part of the element's own tree", () => {
  const app = readdirSync(join(root, "web/lab/app")).map((name) => read(join("web/lab/app", name)));
  assert.deepEqual(namesOf(element.cssParts), foundIn(app, / part="([\w-]+)"/g));
});

test("everything in the manifest has a description", () => {
  const { attributes, members, events, cssProperties, cssParts } = element;
  for (const { name, description } of [...attributes, ...members, ...events, ...cssProperties, ...cssParts])
    assert.match(description, /^.{5,}[.]$/, name);
});
