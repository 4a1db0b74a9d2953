import type { BacknormLab } from "../app/lab.ts";
import type { LabVerdict } from "../session/backnorm-lab.ts";

/** The messages that the host page may send. */
const kGiving = { "backnorm:case": "case", "backnorm:mine": "mine" } as const;

/** In a frame, takes a case and arrays from the host page, through the same reader as the element's properties. */
export function listenToParent(lab: BacknormLab) {
  if (parent === window) return;
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || typeof data !== "object" || data === null || !Object.hasOwn(kGiving, data.type))
      return;
    const name = kGiving[data.type as keyof typeof kGiving];
    lab[name] = null; // each message counts, the same one again too
    lab[name] = data[name];
  });
}

/** In a frame, tells the host page the height of the lab and its verdicts. */
export async function tellParent(lab: BacknormLab) {
  if (parent === window) return;
  // "*": the messages contain nothing secret, and a sandboxed frame does not know its host page
  const tell = (message: unknown) => parent.postMessage(message, "*");
  lab.addEventListener("backnorm-verdict", (event) =>
    tell({ type: "backnorm:verdict", ...(event as CustomEvent<LabVerdict>).detail }),
  );
  await lab.updateComplete;
  // the height of the content, because the lab itself is at least as tall as the frame
  const content = lab.renderRoot.querySelector(".page") as HTMLElement;
  new ResizeObserver(() => {
    if (!lab.session.computed) return; // otherwise the frame would shrink at first
    const height = Math.ceil(content.getBoundingClientRect().height);
    tell({ type: "backnorm:height", height });
    tell({ subject: "lti.frameResize", height }); // learning platforms use their own message
  }).observe(content);
}
