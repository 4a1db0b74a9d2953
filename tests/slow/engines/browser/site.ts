/** The package's tests as a site: their files bundled for browsers, beside the package itself as it is published. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { digestsBy } from "../calls.ts";
import { onlyInNode, testsOnlyInNode } from "../only-in-node.ts";
import type { Outcome } from "./node-test.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const { serve } = (await import(join(root, ".scripts/serve.js"))) as {
  serve(options: { root: string }): Promise<{ url: string; close(): Promise<void> }>;
};
const here = "tests/slow/engines/browser";

const all = (await readdir(join(root, "tests/web"))).filter((name) => name.endsWith(".test.ts")).sort();
for (const name of Object.keys({ ...onlyInNode, ...testsOnlyInNode }))
  assert.ok(all.includes(name), `only-in-node.ts speaks of ${name}, which is not there`);
/** Files of tests/web that run in browsers: all that are not known to need Node. */
export const testFiles = all.filter((name) => !(name in onlyInNode));

const forBrowsers: Plugin = {
  name: "for browsers",
  setup({ onResolve }) {
    const shims: Record<string, string> = { "node:assert/strict": "assert.ts", "node:test": "node-test.ts" };
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path: join(root, here, shims[path] ?? "node.ts") }));
    onResolve({ filter: /^backnorm$/ }, () => ({ path: "/dist/index.js", external: true }));
    const engines = { filter: /^\.\/(?:webassembly|fallback)\.js$/ };
    onResolve(engines, ({ path }) => ({ path: `/dist/${path.slice(2)}`, external: true }));
    onResolve({ filter: /^\/tests\// }, ({ path }) => ({ path, external: true }));
  },
};

/** Texts that the tests read. */
async function texts(): Promise<Record<string, string>> {
  const list = async (folder: string, kind: RegExp) =>
    (await readdir(join(root, folder))).filter((name) => kind.test(name)).map((name) => `${folder}/${name}`);
  const paths = [...(await list("tests/data", /\.txt$/)), ...(await list("tests/web", /\.ts$/))];
  paths.push(...(await list("dist/types", /\.d\.ts$/)), ...(await list("web/reference", /\.md$/)));
  paths.push("CHANGELOG.md", "tests/data/DETECTION.md", "web/src/errors.ts");
  const all = paths.map(async (path) => [`/${path}`, await readFile(join(root, path), "utf8")]);
  return Object.fromEntries(await Promise.all(all));
}

/** Every test of a file passed, but for those that ask for what only Node has. */
function assertPassed(file: string, outcome: unknown) {
  assert.ok(Array.isArray(outcome) && outcome.length > 0, `${file}: ${outcome}`);
  const outcomes = outcome as Outcome[];
  const failed = outcomes.flatMap(({ title, failed }) => (failed ? [`${title}: ${failed}`] : []));
  assert.equal(
    failed.length,
    0,
    `${failed.length} of ${outcomes.length} failed:\n${failed.slice(0, 3).join("\n")}`,
  );
  const leftOut = outcomes.flatMap(({ title, leftOut }) => (leftOut ? [[title, leftOut]] : []));
  assert.deepEqual(leftOut, Object.entries(testsOnlyInNode[file] ?? {}), `${file}: what was left out`);
}

/** A page for each test, which ends with a `window.outcome`, and what checks that. */
const testsOn = (url: string) => [
  ...testFiles.map((file) => ({
    title: `${file} passes in the browser as it does in Node`,
    address: `${url}?file=${file}`,
    check: (outcome: unknown) => assertPassed(file, outcome),
  })),
  ...(["webassembly", "javascript"] as const).map((engine) => ({
    title: `every call by ${engine} gives bit for bit what it gives in Node`,
    address: `${url}?engine=${engine}`,
    check: async (outcome: unknown) => assert.deepEqual(outcome, await digestsBy(engine)),
  })),
];

/** Under the policy of `npm start`. close() takes it away again. */
export async function serveTests() {
  const folder = await mkdtemp(join(tmpdir(), "backnorm-tests-"));
  await build({
    absWorkingDir: root,
    entryPoints: [...testFiles.map((name) => `tests/web/${name}`), `${here}/run.ts`],
    outdir: folder,
    outbase: root,
    bundle: true,
    splitting: true,
    chunkNames: "tests/web/[name]-[hash]", // whence ../data is tests/data
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    define: { "process.env.NODE_DEBUG": "undefined" },
    plugins: [forBrowsers],
  });
  await symlink(join(root, "dist"), join(folder, "dist"));
  await writeFile(join(folder, "texts.json"), JSON.stringify(await texts()));
  await writeFile(
    join(folder, "index.html"),
    `<!doctype html><html lang="en"><title>Tests</title><link rel="icon" href="/dist/page/favicon.svg"><body><script type="module" src="/${here}/run.js"></script></body></html>`,
  );
  const { url, close } = await serve({ root: folder });
  return {
    tests: testsOn(url),
    close: async () => {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}
