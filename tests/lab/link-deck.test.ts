/** Decks in links: what they say is what is read, and what is wrong in them is a sentence. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, type NodeId } from "backnorm";
import fc from "fast-check";
import { momentsOf } from "../../web/lab/model/moment.ts";
import { type Deck, deckLink, partsOf, slidesOf } from "../../web/lab/session/deck.ts";
import { readLink } from "../../web/lab/session/link.ts";
import { lessonLink } from "../../web/lab/teach/lessons.ts";
import { Locale } from "../../web/lab/words/locale.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

const bn = await load();
const known = {
  nodes: bn.graph.nodes.map(({ id }) => id),
  mistakes: [],
  moments: momentsOf(bn.graph).map(({ id }) => id),
};
const otherwise = { base: "cs231n", selection: { node: "var" as NodeId, cell: { row: 0, column: 0 } } };
const read = (fragment: string) => readLink(fragment, known, otherwise);

const kPrintable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");

const slide = fc.record(
  {
    title: fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constant(kPrintable)),
    link: fc.constantFrom("", "case=notes&node=x", "case=own&x=1%2C-2%3B3%2C5e-7&mine=d_x__%3A1%2C2_"),
  },
  { noNullPrototype: true },
);
const deck: fc.Arbitrary<Deck> = fc.record(
  {
    slides: fc.array(slide, { minLength: 2, maxLength: 5 }),
    shared: fc.constantFrom("", "lang=zh&names=cs231n"),
  },
  { noNullPrototype: true },
);

test("a link holds every character of a deck, and none that mail programs or wikis break", () => {
  fc.assert(
    fc.property(deck, fc.nat({ max: 1 }), (wanted, at) => {
      const link = deckLink(wanted, at + 1);
      assert.match(link, /^#v=1&[\w=&,;:.%-]+$/);
      const found = read(link);
      assert.deepEqual([found.deck, found.slide], [wanted, at + 1]);
      assert.equal(deckLink(found.deck as Deck, found.slide), link);
    }),
    { numRuns: 500 },
  );
});

test("a deck survives programs that write the fragment anew", () => {
  const wanted = { slides: [{ title: kPrintable, link: "case=notes&node=x" }], shared: "" };
  const link = new URLSearchParams(deckLink(wanted, 1).slice(1)).toString();
  assert.deepEqual(read(`#${link}`).deck, wanted);
});

test("a slide shows what its parts say, and otherwise those of the link", () => {
  const { choices, kase, faults } = read(
    "#v=1&case=notes&lens=steps&deck=One_,node=mean_;Two_,node=x_,lens=closed&slide=2",
  );
  assert.deepEqual(faults, []);
  assert.deepEqual([kase?.base, choices.selection.node, choices.lens], ["notes", "x", "closed"]);
});

test("what the links of a lesson have in common is written once", () => {
  const slides = [
    { title: "One", link: "v=1&case=notes&node=mean&lang=zh" },
    { title: "Two", link: "v=1&case=notes&node=var&lang=zh" },
  ];
  const link = lessonLink(slides);
  assert.equal(link, "#v=1&case=notes&lang=zh&deck=One_,node=mean_;Two_,node=var&slide=1");
  const { deck, faults } = read(link);
  assert.deepEqual(faults, []);
  for (const [at, { link }] of slides.entries())
    assert.deepEqual(
      [...partsOf(deck as Deck, at + 1)].sort(),
      [...new URLSearchParams(link)].filter(([key]) => key !== "v").sort(),
    );
});

test("each fault in a deck has a sentence", () => {
  const { words } = new Locale("en", "paper", bn.graph);
  for (const [link, sentence] of [
    ["#v=1&deck=", /^The link’s deck: expected slides such as .*, got “”\.$/],
    ["#v=1&slide=2", /^The link’s deck: expected slides such as /],
    ["#v=1&deck=One_node", /^The link’s deck: .* got “One_node”\.$/],
    ["#v=1&deck=One_,node", /^The link’s deck/],
    ["#v=1&deck=One_,deck=Two", /^The link’s deck/],
    ["#v=1&deck=One_,tour=1", /^The link’s deck/],
    ["#v=1&deck=One_;Two&slide=3", /^The link’s slide: expected 1, 2, got “3”\.$/],
    ["#v=1&deck=One_;Two&slide=0", /^The link’s slide/],
    ["#v=1&deck=One_,node=dvar", /^The link’s node: .* got “dvar”\.$/],
    ["#v=1&deck=One_,colour=red", /^The link: .* got “colour”, which was ignored\.$/],
  ] as const) {
    const { faults } = read(link);
    assert.equal(faults.length, 1, link);
    assert.match(words.link(words.fault(faults[0])), sentence);
  }
});

test("no text makes the reader of decks throw, and what it takes has a title on every slide", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("_", ",", ";", "=", "a", "x=1") }), (text) => {
      for (const { title } of slidesOf(text) ?? []) assert.equal(typeof title, "string");
    }),
  );
});
