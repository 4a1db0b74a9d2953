/** The packed package where JavaScript runs outside of a browser, and not in Node. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { install, kFirstRow, run } from "./packed.ts";

let project = "";
before(async () => {
  project = await install(["deno-bun"]);
});

for (const runtime of ["bun", "deno"]) {
  for (const entry of ["backnorm", "backnorm/streaming"]) {
    test(`${runtime} runs a script on ${entry}`, async () => {
      const main = join(project, "main.js");
      const code = (await readFile(main, "utf8")).replace(/from "backnorm[^"]*"/, `from "${entry}"`);
      await writeFile(main, code);
      assert.ok(code.includes(`from "${entry}"`));
      const printed = await run("npm", ["run", "--silent", runtime], project);
      assert.equal(printed.trim(), `webassembly pass ${kFirstRow}`);
    });
  }
}
