/** The texts that put the lab into other pages: they are those of the sites that the slow tests build. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Embedding, elementOf, kPlaces, kSnippets, type Place } from "../../web/lab/share/snippets.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

const iris: Embedding = {
  fragment: "#v=1&case=iris&node=var&cell=1,1&lens=steps",
  title: "Batch norm's backward pass: iris",
  height: 600,
  brief: false,
  version,
  page: "https://example.org/backnorm/",
};

/** A file of an example; of a notebook what its cells say. */
function exampleOf(place: Place, file: string): string {
  const text = readFileSync(`${root}web/examples/sites/${place}/${file}`, "utf8");
  if (!file.endsWith(".ipynb")) return text;
  const { cells } = JSON.parse(text) as { cells: { source: string[] }[] };
  return cells.map(({ source }) => source.join("")).join("\n\n");
}

const unindented = (text: string) => text.replace(/^[ \t]+/gm, "");

// what their own pages are better with
const differently: Partial<Record<Place, Partial<Embedding>>> = {
  reveal: { brief: true, height: 560 },
  notebook: { brief: true, fragment: "#v=1&case=iris&node=var&lens=steps" },
};

for (const place of kPlaces.filter((place) => place !== "frame")) {
  test(`the snippet for ${kSnippets[place].name} is that of the built example`, () => {
    const embedding = { ...iris, ...differently[place] };
    for (const { file, text } of kSnippets[place].parts(embedding)) {
      const example = unindented(exampleOf(place, file));
      for (const block of text.split("\n\n"))
        assert.ok(example.includes(unindented(block)), `${file} lacks ${block}\n${example}`);
    }
  });
}

test("a state that attributes can't express becomes a link, and everything is escaped", () => {
  const hostile = { ...iris, title: `"><img src=x onerror=hit()> & 'so'` };
  assert.match(elementOf(hostile), /aria-label="&#34;&#62;&#60;img src=x onerror=hit\(\)&#62; &amp; 'so'"/);
  const own = {
    ...iris,
    fragment: "#v=1&case=own&x=1,2;3,5&gamma=1,1&beta=0,0&dy=1,0;0,1&node=x&cell=1,1",
    brief: true,
  };
  assert.equal(
    elementOf(own),
    `<backnorm-lab link="#v=1&amp;case=own&amp;x=1,2;3,5&amp;gamma=1,1&amp;beta=0,0&amp;dy=1,0;0,1&amp;node=x&amp;cell=1,1" view="embed" height="600" role="region" aria-label="Batch norm's backward pass: iris"></backnorm-lab>`,
  );
});
