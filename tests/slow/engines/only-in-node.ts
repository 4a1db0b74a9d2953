/** What of tests/web stays in Node, and why. Everything else runs in browsers as well; ENGINES.md has this list. */

export const onlyInNode: Record<string, string> = {
  "dependencies.test.ts": "is about what is installed",
  "globals.test.ts": "is about a process in which nothing else runs, and about what has no DOM",
  "load.test.ts": "starts Node anew, without WebAssembly, without the fallback, without a compiler",
  "sizes.test.ts": "is about files",
};

/** Tests of files that run in browsers, and what they ask for that only Node has. */
export const testsOnlyInNode: Record<string, Record<string, string>> = {
  "bad-combinations.test.ts": {
    "a case of too many channels is refused before a beta of zeros is made for them":
      "the memory of a process",
  },
  "diagnose.test.ts": { "repeated diagnoses don't grow the memory": "the memory of a process" },
  "gradcheck.test.ts": {
    "an aborted check frees its memory": "the memory of a process",
  },
  "layer.test.ts": {
    "1000000 steps of a layer in webassembly neither grow nor leak memory": "the flags of V8",
    "100000 steps of a layer in javascript neither grow nor leak memory": "the flags of V8",
    "ten thousand layers, made and disposed of, use no more memory than the first": "the flags of V8",
  },
};
