/** The script of the page: runs the tests of a file, `?file=`, or makes all calls by an engine, `?engine=`. */
import type { Engine } from "backnorm";
import { load, parseNpy } from "backnorm";
import { digestOf, linesOf } from "../bits.ts";
import { calls } from "../calls.ts";
import { run } from "./node-test.ts";

export type Digests = Record<string, { digest: string; numbers: number }>;

declare global {
  interface Window {
    /** What came of it, once all is done. */
    outcome?: unknown;
    /** A result in full, for those that differ. */
    linesOfCall(name: string): string[];
  }
}

async function callAll(engine: Engine): Promise<Digests> {
  const bn = await load({ engine });
  const results: Record<string, unknown> = {};
  const digests: Digests = {};
  for (const [name, call] of Object.entries(calls)) {
    results[name] = await call(bn, { parseNpy });
    digests[name] = await digestOf(results[name]);
  }
  window.linesOfCall = (name) => linesOf(results[name]);
  return digests;
}

/** What goes wrong outside of every test. */
const faults: string[] = [];
for (const type of ["error", "unhandledrejection", "securitypolicyviolation"])
  addEventListener(type, (event) => {
    const { message, reason, violatedDirective } = event as Event & Record<string, unknown>;
    faults.push(`${type}: ${message ?? reason ?? violatedDirective}`);
  });

const wanted = new URLSearchParams(location.search);
const file = wanted.get("file");
try {
  if (file) await import(`/tests/web/${file.replace(/ts$/, "js")}`);
  const outcome = file ? await run() : await callAll(wanted.get("engine") as Engine);
  window.outcome = faults.length > 0 ? faults.join("\n") : outcome;
} catch (error) {
  window.outcome = `${error}\n${(error as Error).stack}`; // who looks at it says it
}
