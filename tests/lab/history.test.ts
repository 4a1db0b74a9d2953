/** Undo and redo, of anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../web/lab/session/history.ts";

const kAll = () => true;

test("a step is undone and redone, and a new step clears redo", () => {
  const history = new History<string>();
  const seen: string[] = [];
  const show = (name: string) => seen.push(name) > 0;
  history.record("a", "b", 1);
  history.record("b", "c", 1);
  for (const step of ["undo", "undo", "undo", "redo", "redo", "redo", "undo"] as const)
    history.take(step, show);
  assert.deepEqual(seen, ["b", "a", "b", "c", "b"]);
  history.record("b", "d", 1);
  assert.equal(history.can("redo"), false);
  history.take("undo", show);
  assert.equal(seen.at(-1), "b");
});

test("a step whose state can't be shown is not taken", () => {
  const history = new History<string>();
  history.record("a", "b", 1);
  history.take("undo", () => false);
  assert.deepEqual([history.can("undo"), history.can("redo")], [true, false]);
});

test("the history keeps a hundred steps, and fewer for large cases", () => {
  const steps = (numbers: number) => {
    const history = new History<number>();
    for (let i = 0; i < 150; i++) history.record(i, i + 1, numbers);
    let count = 0;
    while (history.can("undo")) history.take("undo", () => ++count > 0);
    return count;
  };
  assert.deepEqual([20, 1e6, 1e9].map(steps), [100, 10, 1]);
  const history = new History<number>();
  history.record(0, 1, 1e9);
  history.record(1, 2, 1e9);
  history.take("undo", kAll);
  assert.deepEqual([history.can("undo"), history.can("redo")], [false, true]);
});
