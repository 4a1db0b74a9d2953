/** `backnorm/anywidget`: the lab as a widget of notebooks, by anywidget's convention (https://anywidget.dev). */
import type { LabSelection, LabVerdict } from "./backnorm-lab.ts";
import { BacknormLab } from "./lab.ts";
import { kAsking } from "./surroundings.ts";

/** What anywidget hands over of the Python object, whose traits are synced by name. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, changed: () => void): void;
  off(event: string, changed: () => void): void;
}

/**
 * Shows the lab in `el`. Traits that are named as its attributes ask for what they say, now and whenever they change;
 * `selection` and `verdict`, if the class has them, are given the details of the events. Returns what ends it.
 */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const lab = new BacknormLab();
  const ask = () => {
    for (const name of kAsking) lab[name] = model.get(name) as string | undefined;
  };
  const tell = (name: string) => (event: Event) => {
    model.set(name, (event as CustomEvent<LabSelection | LabVerdict>).detail);
    model.save_changes();
  };
  ask();
  lab.addEventListener("backnorm-select", tell("selection"));
  lab.addEventListener("backnorm-verdict", tell("verdict"));
  for (const name of kAsking) model.on(`change:${name}`, ask);
  el.append(lab);
  return () => {
    for (const name of kAsking) model.off(`change:${name}`, ask);
    lab.remove();
  };
}

export default { render };
