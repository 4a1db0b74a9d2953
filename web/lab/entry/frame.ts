import type { BacknormLab } from "../app/lab.ts";
import type { LabVerdict } from "../session/backnorm-lab.ts";

/** In a frame, tells the page around it how tall the lab is and what its verdicts are. It listens to nobody. */
export async function tellParent(lab: BacknormLab) {
  if (parent === window) return;
  // "*": nothing of it is secret, and a sandboxed frame does not know who is around it
  const tell = (message: unknown) => parent.postMessage(message, "*");
  lab.addEventListener("backnorm-verdict", (event) =>
    tell({ type: "backnorm:verdict", ...(event as CustomEvent<LabVerdict>).detail }),
  );
  await lab.updateComplete;
  // of what it holds, since the lab itself is at least as tall as the frame
  const content = lab.renderRoot.querySelector(".page") as HTMLElement;
  new ResizeObserver(() => {
    if (!lab.session.computed) return; // so that the frame does not shrink first
    const height = Math.ceil(content.getBoundingClientRect().height);
    tell({ type: "backnorm:height", height });
    tell({ subject: "lti.frameResize", height }); // learning platforms have a message of their own
  }).observe(content);
}
