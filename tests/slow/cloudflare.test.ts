/** The packed package in workerd, the server that Cloudflare Workers run on. It compiles no WebAssembly at run time. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { before, test } from "node:test";
import { env, install, kFirstRow, lay, run } from "./packed.ts";

let project = "";
before(async () => {
  project = await install(["cloudflare"]);
});

/** Changes a file of the example; each text must be there. */
async function change(name: string, changes: Record<string, string>) {
  const path = join(project, name);
  let text = await readFile(path, "utf8");
  for (const [from, to] of Object.entries(changes)) {
    assert.ok(text.includes(from), `${name}: ${from}`);
    text = text.replace(from, to);
  }
  await writeFile(path, text);
}

/** What the Worker answers to as many requests at once. */
async function answers(requests: number): Promise<string[]> {
  await run("npm", ["run", "build"], project);
  const port = ["--socket-addr=http=127.0.0.1:0", "--control-fd=1"]; // any free one, which it then prints
  const workerd = spawn("node_modules/.bin/workerd", ["serve", "config.capnp", ...port], {
    cwd: project,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(workerd, "exit");
  try {
    for await (const line of createInterface(workerd.stdout)) {
      const { event, port } = JSON.parse(line);
      if (event !== "listen") continue;
      const asked = Array.from({ length: requests }, async () => {
        const response = await fetch(`http://127.0.0.1:${port}`);
        return `${response.status} ${(await response.text()).trim()}`;
      });
      return await Promise.all(asked);
    }
    throw new Error("workerd ended without having said where it listens");
  } finally {
    workerd.kill();
    await ended;
  }
}

test("a Worker that imports backnorm.wasm runs WebAssembly", async () => {
  assert.deepEqual(await answers(3), Array(3).fill(`200 webassembly pass ${kFirstRow}`));
});

for (const entry of ["backnorm", "backnorm/streaming"]) {
  test(`a Worker without a module runs ${entry} in JavaScript`, async () => {
    await lay("cloudflare", project);
    await change("worker.js", {
      'import module from "backnorm/backnorm.wasm";': "",
      '"backnorm/streaming"': `"${entry}"`,
      "load({ module })": "load()",
    });
    assert.deepEqual(await answers(1), [`200 javascript pass ${kFirstRow}`]);
  });
}

test("a Worker may give the module to the entry backnorm too", async () => {
  await lay("cloudflare", project);
  await change("worker.js", { '"backnorm/streaming"': '"backnorm"' });
  assert.deepEqual(await answers(1), [`200 webassembly pass ${kFirstRow}`]);
});

test("a Worker is told when its module is another file", async () => {
  await lay("cloudflare", project);
  await change("worker.js", {
    "const bn = await load({ module });": `
      const error = await load({ module }).catch((error) => error);
      if (error instanceof Error) return new Response(error.code, { status: 500 });
      const bn = error;`,
  });
  await writeFile(join(project, "empty.wasm"), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  await change("config.capnp", { "node_modules/backnorm/dist/backnorm.wasm": "empty.wasm" });
  assert.deepEqual(await answers(1), ["500 invalid-module"]);
});
