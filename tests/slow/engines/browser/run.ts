/** The script of the page: runs the tests of a file, `?file=`, or makes all calls by an engine, `?engine=`. */
import type { Engine } from "backnorm";
import { digestsBy } from "../calls.ts";
import { run } from "./node-test.ts";

declare global {
  interface Window {
    /** What came of it, once all is done. */
    outcome?: unknown;
  }
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
  const outcome = file ? await run() : await digestsBy(wanted.get("engine") as Engine);
  window.outcome = faults.length > 0 ? faults.join("\n") : outcome;
} catch (error) {
  window.outcome = `${error}\n${(error as Error).stack}`; // who looks at it says it
}
