/** Checks that stop between two slices until the test lets them go on, and clocks that can be counted. */
import type { Place } from "./browser.ts";

/** For the start of a page. A check goes on in tasks that wait for no time: while the page holds, these are kept. */
export const kHeld = `
  globalThis.holds = false;
  const kept = [];
  const { setTimeout: soon } = globalThis;
  globalThis.setTimeout = (act, delay, ...given) =>
    delay === undefined && holds ? kept.push(act) : soon(act, delay, ...given);
  globalThis.goOn = () => {
    holds = false;
    for (const act of kept.splice(0)) soon(act);
  };`;

/** For the start of a page: which clocks run. */
export const kClocks = `
  globalThis.clocks = new Set();
  const { setInterval: start, clearInterval: stop } = globalThis;
  globalThis.setInterval = (...given) => {
    const clock = start(...given);
    clocks.add(clock);
    return clock;
  };
  globalThis.clearInterval = (clock) => {
    clocks.delete(clock);
    stop(clock);
  };`;

declare global {
  interface Window {
    holds: boolean;
    goOn(): void;
    clocks: Set<unknown>;
  }
}

/** From now on a check stops at the end of its slice. */
export const holdChecks = (place: Place) =>
  place.evaluate(() => {
    window.holds = true;
  });

/** All that was held goes on. */
export const goOn = (place: Place) => place.evaluate(() => window.goOn());

/** How many clocks run. */
export const clocks = (place: Place) => place.evaluate(() => window.clocks.size);
