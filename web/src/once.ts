/**
 * Calls `begin` once and returns its result at every call; tries again after a failure. A call with arguments may succeed
 * where one without them fails, so it begins anew as soon as that one has failed.
 */
export function once<Given extends unknown[], Result>(
  begin: (...given: Given) => Promise<Result>,
): (...given: Given) => Promise<Result> {
  let running: Promise<Result> | undefined;
  return (...given) => {
    if (!running) running = begin(...given);
    else if (given.length > 0) running = running.catch(() => begin(...given));
    const mine = running;
    mine.catch(() => {
      if (running === mine) running = undefined;
    });
    return mine;
  };
}
