import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { load } from "backnorm";
import {
  asMarkdown,
  type Corrupted,
  caseNames,
  corrupt,
  type Examined,
  examine,
  tablePath,
} from "./explanations.ts";

let all: Examined[] = [];
let corrupted: Corrupted[] = [];
const told = ({ caseName, program: { id, style }, set, form }: Examined) =>
  `${caseName}: ${id} (${style ?? ""}), ${set}, ${form}`;

before(async () => {
  const bn = await load();
  all = caseNames().flatMap((name) => examine(bn, name));
  corrupted = corrupt(bn, 2000);
});

test("no right array is called wrong, in whatever way it is given", () => {
  assert.ok(all.length > 5000);
  assert.deepEqual(
    all.flatMap((one) => one.faults.map((fault) => `${told(one)}: ${fault}`)),
    [],
  );
});

test("right programs of any style have no findings, in whatever way they are given", () => {
  const right = all.filter(({ program }) => program.kind === "right");
  assert.ok(right.length >= 20 * 21);
  assert.deepEqual(right.filter(({ outcome }) => outcome !== "right").map(told), []);
});

test("a formula is claimed for at most 1 of 1,000 corrupted arrays", () => {
  // that single values are wrong is no formula, and true of them
  const isFormula = ({ what }: Corrupted) => !what.includes("kind:elements");
  const claimed = corrupted.filter(
    (one) => (one.claim === "named" || one.claim === "bank") && isFormula(one),
  );
  assert.ok(claimed.length <= corrupted.length / 1000, claimed.map(({ what }) => what).join("\n"));
});

test("the committed table equals this run's", () => {
  assert.equal(
    readFileSync(tablePath, "utf8"),
    asMarkdown(all, corrupted),
    "npm run explanations -- --write writes it anew",
  );
});
