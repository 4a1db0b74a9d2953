/**
 * Scrolls an opened panel into view, because it may open at the bottom of the page. A foreign page is not scrolled if only
 * its attributes opened the panel.
 */
export function bringIntoView(tool: Element) {
  const { host } = tool.getRootNode() as ShadowRoot;
  if (host.matches("[linked], :focus-within")) tool.parentElement?.scrollIntoView({ block: "nearest" });
}
