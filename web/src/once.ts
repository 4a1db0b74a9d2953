/** What `begin` gave, at every call; but anew where it failed. */
export function once<Result>(begin: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => {
    running ??= begin();
    running.catch(() => (running = undefined));
    return running;
  };
}
