/** `backnorm/anywidget`: the lab as a notebook widget for anywidget (https://anywidget.dev). */
import { kAsking } from "../session/address.ts";
import type { Giving, LabSelection, LabVerdict } from "../session/backnorm-lab.ts";
import { define } from "./define.ts";

/** anywidget's model of the Python object. Traits are synced by name. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, changed: () => void): void;
  off(event: string, changed: () => void): void;
}

const kGiving = ["case", "mine"] as const satisfies (keyof Giving)[];

/**
 * Shows the lab in `el`. Traits with the names of attributes, and the traits `case` and `mine`, set those of the element, now and
 * on every change. The traits `selection` and `verdict`, if the class has them, receive the details of the events. Returns the
 * clean-up function.
 */
async function render({ model, el }: { model: Model; el: HTMLElement }): Promise<() => void> {
  const lab = new (await define())();
  const ask = () => {
    for (const name of kAsking) lab[name] = model.get(name) as string | undefined;
  };
  const give = (name: keyof Giving) => {
    const given = model.get(name) as Giving["mine"];
    if (given) lab[name] = given;
  };
  const giving = kGiving.map((name) => [`change:${name}`, () => give(name)] as const);
  const tell = (name: string) => (event: Event) => {
    if (model.get(name) === undefined) return; // Python's None arrives as null
    model.set(name, (event as CustomEvent<LabSelection | LabVerdict>).detail);
    model.save_changes();
  };
  ask();
  lab.addEventListener("backnorm-select", tell("selection"));
  lab.addEventListener("backnorm-verdict", tell("verdict"));
  for (const name of kAsking) model.on(`change:${name}`, ask);
  for (const [event, changed] of giving) model.on(event, changed);
  for (const name of kGiving) give(name);
  el.append(lab);
  return () => {
    for (const name of kAsking) model.off(`change:${name}`, ask);
    for (const [event, changed] of giving) model.off(event, changed);
    lab.remove();
  };
}

export default { render };
