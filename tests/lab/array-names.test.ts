/** What arrays are called, in every notation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { codeOf, namesOf } from "../../web/lab/array-names.ts";
import { readerOfNames } from "../../web/lab/claims.ts";
import { kNotations, notationOf } from "../../web/lab/notations.ts";
import { usualNames } from "../../web/src/dialects.ts";

const bn = await load();
const names = readerOfNames(bn.graph);

test("whatever a notation calls an array is read as that array, and stands in the table of names", () => {
  for (const { id: notation, code } of kNotations.map(notationOf))
    for (const id of names.ids) {
      assert.equal(names.idOf(codeOf(id, code)), id, `${codeOf(id, code)} of ${notation}`);
      const listed = namesOf(id, code);
      assert.equal(listed[0], codeOf(id, code));
      assert.equal(new Set(listed).size, listed.length);
      for (const name of usualNames(id)) assert.ok(listed.includes(name), name);
    }
});
