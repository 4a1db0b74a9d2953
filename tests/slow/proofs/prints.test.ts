import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type Case, type Claim, type Diagnosis, load, type ParsedArray } from "backnorm";
import { readArrays, readerOfNames } from "../../../web/lab/read/arrays.ts";
import { arraysInLink } from "../../../web/lab/read/link-arrays.ts";
import { mineText } from "../../../web/src/link.ts";

interface Printed extends Case {
  texts: [way: string, text: string][];
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const printed = spawnSync("/usr/bin/python3", ["tests/data/prints.py"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 2 ** 28,
});
assert.equal(printed.status, 0, printed.stderr);
const cases = JSON.parse(printed.stdout) as Printed[];

const bn = await load();
const names = readerOfNames(bn.graph);

// a number alone is a list of one in a link
const plain = ({ data, shape, resolution, dtype }: ParsedArray) => ({
  data,
  shape: shape.length === 0 ? [1] : shape,
  resolution,
  dtype,
});
let differ = 0;

function judge(kase: Case, text: string): Diagnosis {
  const { arrays, unread } = readArrays(text, names);
  assert.deepEqual(unread, [], text);
  const linked = arraysInLink(mineText(arrays.map(({ name, array }) => [name, array])));
  differ += Number(
    !isDeepStrictEqual(
      linked.map(({ array }) => plain(array)),
      arrays.map(({ array }) => plain(array)),
    ),
  );
  const claims = arrays.map(({ name, array }): [string, Claim] => [name, array]);
  assert.deepEqual(
    claims.map(([name]) => name),
    ["dx", "dgamma", "dbeta"],
  );
  return bn.diagnose(kase, Object.fromEntries(claims));
}

test("right gradients in any print are never called wrong", () => {
  const wrong = new Map<string, string[]>();
  const verdicts = { pass: 0, undecidable: 0, fail: 0 };
  for (const { texts, ...rest } of cases) {
    const [x, gamma, beta, dy] = [rest.x, rest.gamma, rest.beta, rest.dy].map((a) => Float64Array.from(a));
    const kase = { ...rest, x, gamma, beta, dy } as Case;
    for (const [way, text] of texts) {
      const found = judge(kase, text);
      const isHalf = /float16/.test(way); // whose rounding could always hide a mistake of some percent
      if (!isHalf) for (const { truth } of found.nodes) verdicts[truth] += 1;
      if (found.firstWrong === null) continue;
      const list = wrong.get(way) ?? [];
      wrong.set(way, list);
      list.push(`${kase.shape} eps ${kase.eps} ddof ${kase.ddof}: ${found.firstWrong}`);
    }
  }
  assert.equal(cases.length, 138);
  // a whole number printed with fifteen zeros keeps nine of them in a link
  assert.ok(differ <= 1, `${differ} prints are read otherwise from a link`);
  assert.deepEqual([...wrong], [], JSON.stringify(verdicts));
  // three decimals of a small gradient leave it open
  assert.ok(verdicts.undecidable < 0.02 * verdicts.pass, JSON.stringify(verdicts));
});
