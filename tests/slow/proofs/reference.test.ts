import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = join(root, "tests/data");
const python = "/usr/bin/python3"; // the one whose NumPy and PyTorch are those of the system

function runPython(...args: string[]) {
  const { error, status, stdout, stderr } = spawnSync(python, args, { cwd: root, encoding: "utf8" });
  if (error) throw error;
  return { status, output: `${stdout}${stderr}`.trim() };
}

for (const [script, how] of [
  ["reference.py", "byte for byte"],
  ["norms.py", "byte for byte"],
  ["digits.py", "losses within 1e-13"],
  ["transformer.py", "losses within 1e-13"],
] as const) {
  test(`${script} reproduces the committed files, ${how}`, () => {
    const asked =
      "import numpy, torch, sklearn as s; print(numpy.__version__, torch.__version__, s.__version__)";
    const { status: found, output: versions } = runPython("-c", asked);
    assert.equal(found, 0, `${python} needs python3-numpy, python3-torch and python3-sklearn: ${versions}`);
    const [numpy, torch, sklearn] = versions.split(" ");
    const here = `NumPy ${numpy}, PyTorch ${torch}, scikit-learn ${sklearn}`;

    const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
    const heads = files.map((name) => readFileSync(join(folder, name), "utf8").split("\n"));
    const own = heads.filter(([, writtenBy]) => writtenBy?.includes(`tests/data/${script},`));
    const strangers = [...new Set(own.map(([, , writer]) => writer?.slice(2)))].filter(
      (writer) => writer !== here,
    );
    const why =
      strangers.length === 0
        ? "The versions are those that the files name, so the script or a file was changed."
        : `The files were written by ${strangers.join(" and by ")}, and here is ${here}: run it anew and see whether more than last digits differ.`;

    const { status, output } = runPython(`tests/data/${script}`, "--check");
    assert.equal(status, 0, `${output}\n${why}`);
  });
}
