import type { LabVerdict } from "./backnorm-lab.ts";

/** In a frame, tells the page around it how tall the lab is and what its verdicts are. It listens to nobody. */
export function tellParent(lab: HTMLElement) {
  if (parent === window) return;
  // "*": nothing of it is secret, and a sandboxed frame does not know who is around it
  const tell = (message: unknown) => parent.postMessage(message, "*");
  new ResizeObserver(() => {
    const height = Math.ceil(lab.getBoundingClientRect().height);
    tell({ type: "backnorm:height", height });
    tell({ subject: "lti.frameResize", height }); // learning platforms have a message of their own
  }).observe(lab);
  lab.addEventListener("backnorm-verdict", (event) =>
    tell({ type: "backnorm:verdict", ...(event as CustomEvent<LabVerdict>).detail }),
  );
}
