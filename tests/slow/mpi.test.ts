/** The example of a batch on four MPI ranks, in C++. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const example = fileURLToPath(new URL("../../cpp/examples/mpi", import.meta.url));

function run(command: string, args: string[]): string {
  // in a container there may be no user but root
  const rights = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
  const env = { ...process.env, ...rights };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: example, env, encoding: "utf8" });
  assert.equal(status, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

// The steps of `cmake --workflow --preset run`, in a folder of their own.
test("four MPI ranks give the results of one pass over the whole batch", async () => {
  const folder = await mkdtemp(join(tmpdir(), "backnorm-mpi-"));
  try {
    assert.match(run("cmake", ["--workflow", "--list-presets"]), /"run"/);
    run("cmake", ["--preset", "run", "-B", folder]);
    const [printed = ""] = run("cmake", ["--build", folder, "--target", "run"]).match(/^\{.*\}$/m) ?? [];
    const { ranks, ...furthest } = JSON.parse(printed) as Record<string, number>;
    assert.equal(ranks, 4);
    assert.deepEqual(Object.keys(furthest), ["y", "dx", "dgamma", "dbeta"]);
    // Sums of 103 values in another order: 103 u = 1.1e-14 of their terms, of which the largest value is a few.
    for (const [name, error] of Object.entries(furthest)) assert.ok(error <= 1e-13, `${name}: ${error}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
