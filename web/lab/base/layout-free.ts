/** What a DOM without layout lacks, such as jsdom's: there the element shows its numbers, and nothing has a size. */

/**
 * Tells the size of an element's content, in the frame after it has changed. At once, what follows from it could change a size
 * again, and browsers report that to the page as an error. Without layout it never tells.
 */
export function resizeObserver(
  resized: (size: DOMRectReadOnly) => void,
): Pick<ResizeObserver, "observe" | "disconnect"> {
  if (typeof ResizeObserver === "undefined") return { observe() {}, disconnect() {} };
  let frame = 0;
  const observer = new ResizeObserver(([entry]) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => resized((entry as ResizeObserverEntry).contentRect));
  });
  return {
    observe: (element) => observer.observe(element),
    disconnect() {
      cancelAnimationFrame(frame);
      observer.disconnect();
    },
  };
}

/** Whether a media query holds; `otherwise` where there is no medium. */
export const isMedium = (query: string, otherwise = false): boolean =>
  typeof matchMedia === "undefined" ? otherwise : matchMedia(query).matches;
