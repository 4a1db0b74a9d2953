/**
 * Brings into view what was unfolded, since at the foot of a page there was no room for it before. Somebody else's page,
 * which only asks for it, stays where it is.
 */
export function bringIntoView(tool: Element) {
  const { host } = tool.getRootNode() as ShadowRoot;
  if (host.matches("[linked], :focus-within")) tool.parentElement?.scrollIntoView({ block: "nearest" });
}
