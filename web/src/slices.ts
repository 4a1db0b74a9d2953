import type { AbortSignalLike } from "./signal.ts";
import { untilAborted } from "./turns.ts";

/** Half a frame, in milliseconds. */
const kSliceMilliseconds = 8;

/**
 * Takes the steps of a computation in slices of half a frame, or one longer step, with a task between them, so that input
 * and painting can run. Rejects with the signal's reason as soon as it is aborted. `tell` gets what the last step of each
 * slice yields.
 */
export async function inSlices<Step, Result>(
  steps: Generator<Step, Result>,
  signal: AbortSignalLike | undefined,
  tell: (step: Step) => void = () => {},
): Promise<Result> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const end = performance.now() + kSliceMilliseconds;
      let [before, now] = [0, performance.now()];
      let step: IteratorResult<Step, Result>;
      do {
        step = steps.next();
        [before, now] = [now, performance.now()];
      } while (!step.done && now + (now - before) < end); // while another step as long as the last still fits
      if (step.done) return step.value;
      tell(step.value);
      await untilAborted(signal, (resume) => setTimeout(resume));
    }
  } finally {
    steps.return(undefined as never); // frees its memory
  }
}

/** All steps at once. */
export function atOnce<Result>(steps: Generator<unknown, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
