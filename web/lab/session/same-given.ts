/** What a value contains, as text: equal texts, equal contents. undefined for what has no text, which equals nothing. */
export function textOfGiven(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, part) => {
      if (typeof part === "number") return Object.is(part, -0) ? "-0" : String(part); // JSON has no NaN
      if (!ArrayBuffer.isView(part)) return part;
      return { [part.constructor.name]: Array.from(part as unknown as ArrayLike<number>) };
    });
  } catch {
    return undefined;
  }
}
