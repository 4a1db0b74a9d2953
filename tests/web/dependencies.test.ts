/** What the package, the page and the tools are made of is pinned, and what is installed is what is pinned. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { test } from "node:test";
import { root } from "./support.ts";

interface Locked {
  version: string;
  resolved?: string;
  integrity?: string;
}

const read = (...path: string[]) => JSON.parse(readFileSync(join(root, ...path), "utf8"));
/** The files of a folder, without what was installed or built there. */
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !/^\.|^(node_modules|dist|build)$/.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    });
// Locks of the examples are made by installing them, and the repository ignores them.
const files = filesIn("").filter((path) =>
  /(^|\/)package\.json$|^(?!web\/examples\/).*package-lock\.json$/.test(path),
);
const lockedIn = (lock: string): [path: string, locked: Locked][] =>
  Object.entries(read(lock).packages as Record<string, Locked>).filter(([path]) => path !== "");

test("every lock file pins each package by version and hash, not by URL", () => {
  const locks = files.filter((name) => name.endsWith("package-lock.json"));
  assert.ok(locks.includes("package-lock.json"));
  for (const lock of locks) {
    const all = lockedIn(lock);
    assert.ok(all.length > 10, lock);
    for (const [path, { resolved, integrity, version }] of all) {
      assert.match(version, /^\d+\.\d+\.\d+/, `${lock}: ${path}`);
      assert.match(integrity ?? "", /^sha512-[\w+/]{86}==$/, `${lock}: ${path}`);
      assert.equal(resolved, undefined, `${lock}: ${path} is from the registry, whichever is asked`);
    }
  }
});

test("installed packages have the pinned versions", () => {
  const installed = lockedIn("package-lock.json").filter(([path]) => existsSync(join(root, path)));
  assert.ok(installed.length > 50, "npm ci was here"); // the others are of other systems
  for (const [path, { version }] of installed)
    assert.equal(read(path, "package.json").version, version, path);
});

test("the package has no dependencies at run time, and the examples name exact versions", () => {
  const { dependencies, peerDependencies, optionalDependencies, scripts } = read("package.json");
  assert.deepEqual([dependencies, peerDependencies, optionalDependencies], [undefined, undefined, undefined]);
  for (const hook of ["preinstall", "install", "postinstall"]) assert.equal(scripts[hook], undefined, hook);
  const examples = files.filter((name) => /^web\/examples\/.*package\.json$/.test(name));
  assert.ok(examples.length >= 8);
  for (const name of examples) {
    const { dependencies: needed = {}, devDependencies: tools = {} } = read(name);
    for (const [dependency, version] of Object.entries({ ...needed, ...tools }))
      assert.match(version as string, /^\d+\.\d+\.\d+$/, `${name}: ${dependency}`);
  }
});
