/** The example of a batch on four MPI ranks, in C++. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

function run(command: string, args: string[], cwd = root): string {
  // in a container there may be fewer processors than ranks, and no user but root
  const rights = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
  const env = { ...process.env, ...rights };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

test("four MPI ranks give the results of one pass over the whole batch", async () => {
  const folder = await mkdtemp(join(tmpdir(), "backnorm-mpi-"));
  try {
    run("cmake", ["-S", "cpp/examples/mpi", "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"]);
    run("cmake", ["--build", folder, "--target", "ranks"]);
    const printed = run("mpirun", ["--oversubscribe", "-n", "4", join(folder, "ranks")]);
    const { ranks, ...furthest } = JSON.parse(printed) as Record<string, number>;
    assert.equal(ranks, 4);
    assert.deepEqual(Object.keys(furthest), ["y", "dx", "dgamma", "dbeta"]);
    // Sums of 103 values in another order: 103 u = 1.1e-14 of their terms, of which the largest value is a few.
    for (const [name, error] of Object.entries(furthest)) assert.ok(error <= 1e-13, `${name}: ${error}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
