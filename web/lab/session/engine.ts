/**
 * What computes. The page opens with a small module that shows and checks a case; all the rest of the package is
 * fetched when it is first needed.
 */
import readWasm from "built:checker-wasm";
import { type Checker, createChecker } from "../../src/checker.ts";
import { startChecker } from "../../src/checker-module.ts";
import type { Backnorm } from "../../src/index.ts";
import { either } from "../../src/start.ts";
import { uncut } from "../base/uncut.ts";

let opened: Promise<Checker> | undefined;
let whole: Promise<Backnorm> | undefined;

/** What the page opens with. Where WebAssembly does not start, that is the whole package, as JavaScript. */
export function load(): Promise<Checker> {
  opened ??= either(
    async () => createChecker(await startChecker(readWasm), "webassembly"),
    async () => (await fetchWhole()).start("javascript"),
  );
  opened.catch(() => (opened = undefined)); // so that a later call can try again
  return opened;
}

/** The whole package, after a short wait at the first call. */
export function loadWhole(): Promise<Backnorm> {
  whole ??= startWhole();
  whole.catch(() => (whole = undefined)); // so that a later call can try again
  return whole;
}

const fetchWhole = async () => uncut(await import("../../src/load.ts"));

async function startWhole(): Promise<Backnorm> {
  const [{ engine }, all] = await Promise.all([load(), fetchWhole()]);
  return engine === "javascript" ? all.start(engine) : all.load();
}
