/** The C++ as native code and as WebAssembly: every call gives the same bits. See tests/cpp/bits_test.cpp. */
import assert from "node:assert/strict";
import { test } from "node:test";

const { run } = (await import(new URL("../../../.scripts/run.js", import.meta.url).href)) as {
  run(command: string, args: string[], options?: object): Promise<void>;
};

const calls = [
  ...["forward", "backward", "infer", "infer_backward", "statistics", "merge", "running", "invstd"],
  ...["normalize", "sums", "apply", "trace", "gradcheck", "diagnose", "fit", "extrapolate", "sweep_steps"],
  ...["taylor_test", "dot_product_test", "norm_forward", "norm_backward"],
];

/** What the tests print when a preset has built them. */
async function bitsBy(preset: string, command: string, ...args: string[]): Promise<string[]> {
  await run("cmake", ["--preset", preset], { quiet: true });
  await run("cmake", ["--build", "--preset", preset, "--target", "backnorm_tests"], { quiet: true });
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(...(/bits [a-z].*/.exec(line) ?? [])); // Catch2 may put a colour before
  await run(command, [...args, "[bits]"], { onLine });
  return lines;
}

test("native code and WebAssembly give the same bits, call by call", async () => {
  const native = await bitsBy("native", "build/native/tests/cpp/backnorm_tests");
  const wasm = await bitsBy("wasm", process.execPath, "build/wasm/tests/cpp/backnorm_tests.js");
  assert.deepEqual(native.filter((line, at) => line !== wasm[at]).slice(0, 20), []);
  assert.equal(native.length, wasm.length);
  for (const call of calls) {
    const digests = native.filter((line) => line.startsWith(`bits ${call} `)).map((line) => line.slice(-16));
    assert.ok(new Set(digests).size >= 6, `${call}: other cases have other bits`);
  }
});
