/** What a DOM without layout lacks, such as jsdom's: there the element shows its numbers, and nothing has a size. */

/** A ResizeObserver, or one that never calls. */
export const resizeObserver = (
  resized: ResizeObserverCallback,
): Pick<ResizeObserver, "observe" | "disconnect"> =>
  typeof ResizeObserver === "undefined" ? { observe() {}, disconnect() {} } : new ResizeObserver(resized);

/** Whether a media query holds; `otherwise` where there is no medium. */
export const isMedium = (query: string, otherwise = false): boolean =>
  typeof matchMedia === "undefined" ? otherwise : matchMedia(query).matches;
