// Makes TypeScript count what it runs, by Istanbul: statements, functions, and each arm of a branch.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createInstrumenter } from "istanbul-lib-instrument";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const measured = /\/web\/(src|lab)\/[^.]*\.ts$/; // as Go reads it, too, for esbuild

const instrumenter = createInstrumenter({
  esModules: true,
  coverageGlobalScope: "globalThis",
  coverageGlobalScopeFunc: false, // no eval, which the page's policy refuses
  preserveComments: true,
  compact: false,
  parserPlugins: ["typescript"],
});

/** The file's text with counters in it, TypeScript as before, and what they count. */
export function instrument(path) {
  const code = instrumenter.instrumentSync(readFileSync(path, "utf8"), relative(root, path));
  return { code, coverage: instrumenter.lastFileCoverage() };
}

/** For esbuild, before all that reads these files. */
export const counted = {
  name: "counted",
  setup({ onLoad }) {
    onLoad({ filter: measured }, ({ path }) => ({ contents: instrument(path).code, loader: "ts" }));
  },
};
