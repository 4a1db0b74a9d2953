/** Calls `begin` once and returns its result at every call; tries again after a failure. */
export function once<Result>(begin: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => {
    running ??= begin();
    running.catch(() => (running = undefined));
    return running;
  };
}
