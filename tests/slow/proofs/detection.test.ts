import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { load, type Mistake } from "backnorm";
import {
  asMarkdown,
  caseNames,
  type Examined,
  examine,
  examineNorms,
  norms,
  tablePath,
} from "./detection.ts";

let all: Examined[] = [];
let ofNorms: Examined[] = [];
let bank: readonly Mistake[] = [];
const of = (kind: string) => all.filter(({ program }) => program.kind === kind);
const told = ({ caseName, program: { id, style } }: Examined) => `${caseName}: ${id} (${style})`;

before(async () => {
  const bn = await load();
  bank = bn.mistakes;
  all = caseNames().flatMap((name) => examine(bn, name));
  ofNorms = examineNorms(bn);
});

test("every mistake is named on every case, or provably below the rounding bound", () => {
  assert.ok(of("single").length > 1000);
  const rest = of("single").filter(({ outcome }) => outcome === "found" || outcome === "missed");
  assert.deepEqual(rest.map(told), []);
});

test("no pair of mistakes and no program outside the bank is missed", () => {
  assert.ok(of("pair").length >= 10 * 12 && of("unknown").length >= 10 * 12);
  const missed = [...of("pair"), ...of("unknown")].filter(({ outcome }) => outcome === "missed");
  assert.deepEqual(missed.map(told), []);
});

test("the first wrong array is found, no right array is called wrong, and no mistake is named falsely", () => {
  assert.deepEqual(
    all.flatMap((one) => one.faults.map((fault) => `${told(one)}: ${fault}`)),
    [],
  );
});

test("right programs of any style have no findings", () => {
  assert.equal(of("right").length, 5 * 12);
  const found = of("right").filter((one) => one.found.firstWrong !== null || one.found.mistakes.length > 0);
  assert.deepEqual(found.map(told), []);
});

test("every mistake of every norm is named on every case, or provably below the rounding bound; others are found", () => {
  const single = ofNorms.filter(({ program }) => program.kind === "single");
  for (const norm of norms) {
    const ids = single
      .filter(({ caseName }) => caseName.startsWith(`${norm}-`))
      .map(({ program }) => program.id);
    const known = bank.filter((one) => one.switchable && one.norms.includes(norm)).map(({ id }) => id);
    const missing = known.filter((id) => !ids.includes(id));
    assert.deepEqual(missing, norm === "batch" ? ["transposed"] : [], norm); // no matrix here, but in the other table
  }
  const rest = single.filter(({ outcome }) => outcome === "found" || outcome === "missed");
  assert.deepEqual(rest.map(told), []);
  const unknown = ofNorms.filter(({ program }) => program.kind === "unknown");
  assert.ok(unknown.length > 10);
  assert.deepEqual(unknown.filter(({ outcome }) => outcome === "missed").map(told), []);
});

test("right programs of every norm have no findings, and no right array of a wrong one is called wrong", () => {
  const right = ofNorms.filter(({ program }) => program.kind === "right");
  assert.equal(right.length, 5 * 8 * 2 * 2);
  const found = right.filter((one) => one.found.firstWrong !== null || one.found.mistakes.length > 0);
  assert.deepEqual(found.map(told), []);
  assert.deepEqual(
    ofNorms.flatMap((one) => one.faults.map((fault) => `${told(one)}: ${fault}`)),
    [],
  );
});

/** Of the mistakes around the passes: what is found at the first call and at the second. */
async function twoCalls(id: string) {
  const both = examine(await load(), "cs231n", true).filter(({ program }) => program.id === id);
  const [first, second] = [1, 2].map((call) => both.find(({ program }) => program.call === call)?.found);
  assert.ok(first && second, id);
  return { first, second };
}

test("accumulated gradients are right at the first call and twice as large at the second", async () => {
  const { first, second } = await twoCalls("accumulate");
  assert.equal(first.firstWrong, null);
  const wrong = second.nodes.filter(({ truth }) => truth === "fail");
  assert.ok(wrong.some(({ id }) => id === "dgamma") && wrong.some(({ id }) => id === "dbeta"));
  for (const { id, relation } of wrong.filter(({ id }) => id === "dgamma" || id === "dbeta")) {
    assert.ok(relation?.kind === "ratio" && Math.abs(relation.ratio - 2) < 1e-12, id);
  }
});

test("a batch centred in place has another mean at the second call", async () => {
  const { first, second } = await twoCalls("in-place");
  assert.equal(first.firstWrong, null);
  assert.equal(second.firstWrong, "mean");
  assert.deepEqual(second.mistakes, []);
});

test("a forward pass that normalizes by moving statistics is wrong at std, differently at each call", async () => {
  const { first, second } = await twoCalls("stateful-forward");
  assert.equal(first.firstWrong, "std");
  assert.equal(second.firstWrong, "std");
  const errorOf = (found: typeof first) => found.nodes.find(({ id }) => id === "std")?.maxError;
  assert.notEqual(errorOf(first), errorOf(second));
});

test("a momentum that weighs the wrong value is visible in no array of the passes", async () => {
  const { first, second } = await twoCalls("momentum");
  assert.equal(first.firstWrong, null);
  assert.equal(second.firstWrong, null);
});

test("the committed table equals this run's", () => {
  assert.equal(readFileSync(tablePath, "utf8"), asMarkdown(all, ofNorms), "npm run detection writes it anew");
});
