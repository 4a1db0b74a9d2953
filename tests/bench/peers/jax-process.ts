/** jax-js for kernels.ts in a Node that has Float16Array, by the protocol of python.py. */
import { createInterface } from "node:readline";
import type { Case } from "../case.ts";
import { InThisProcess, type Pass } from "../contestant.ts";
import { start } from "./jax.ts";

const { version, make } = await start();
const contestant = new InThisProcess("jax-js", version, make);

async function answer(line: string): Promise<string> {
  const [verb, ...words] = line.split(" ");
  if (verb === "time") return String(await contestant.time(words[0] as Pass));
  const [norm, groups, dtype, ...shape] = words;
  const passes = await contestant.prepare({
    norm: norm as Case["norm"],
    groups: Number(groups),
    dtype: dtype as Case["dtype"],
    shape: shape.map(Number),
  });
  return passes.join(" ");
}

console.log(`${version} in Node ${process.version}`);
for await (const line of createInterface({ input: process.stdin })) {
  console.log(await answer(line).catch((error: Error) => `error: ${error.message.replaceAll("\n", " ")}`));
}
