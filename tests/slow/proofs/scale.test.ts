import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function run(program: string, ...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (error) throw error;
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

test("200,000 right gradients raise no alarm, and every slight error in a sound one does", () => {
  run("cmake", "--preset", "native");
  run("cmake", "--build", "--preset", "native");
  console.log(run("build/native/tests/cpp/backnorm_tests", "[.scale]"));
});
