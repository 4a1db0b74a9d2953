import type { BacknormLab } from "../app/lab.ts";

/** The element's class. A page can run several copies of this file, but can define the element only once. */
export async function define(): Promise<typeof BacknormLab> {
  const defined = () => customElements.get("backnorm-lab") as typeof BacknormLab | undefined;
  try {
    return defined() ?? (await import("../app/lab.ts")).BacknormLab;
  } catch (error) {
    const byAnother = defined();
    if (!byAnother) throw error;
    return byAnother;
  }
}
