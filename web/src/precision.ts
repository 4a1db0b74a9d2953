/** The arithmetic of a program. */
export type Precision = "float64" | "float32" | "float16" | "bfloat16";

/** From the finest to the coarsest: the order of C++. */
export const precisions: readonly Precision[] = ["float64", "float32", "float16", "bfloat16"];

/** With and without the name of a library in front. "float" is PyTorch's for float32, Python's for float64. */
const names: readonly [RegExp, Precision][] = [
  [/^(?:torch\.float|(?:\w+\.)?(?:float32|single)|[<>=]?f4)$/, "float32"],
  [/^(?:(?:\w+\.)?(?:float64|double)|(?:np\.|numpy\.)?float|[<>=]?f8)$/, "float64"],
  [/^(?:(?:\w+\.)?(?:float16|half)|[<>=]?f2)$/, "float16"],
  [/^(?:\w+\.)?bfloat16$/, "bfloat16"],
];

/** The precision that a dtype in a text names. */
export const precisionOf = (word: string): Precision | undefined =>
  names.find(([pattern]) => pattern.test(word))?.[1];
