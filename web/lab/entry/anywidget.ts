/** `backnorm/anywidget`: the lab as a notebook widget for anywidget (https://anywidget.dev). */
import { kAsking } from "../session/address.ts";
import type { Giving, LabSelection, LabVerdict } from "../session/backnorm-lab.ts";
import { define } from "./define.ts";

/** anywidget's model of the Python object. Traits are synced by name. */
export interface Model {
  /** The value of a trait; undefined if the class has none of that name. */
  get(name: string): unknown;
  /** Sets a trait here; `save_changes` sends it. */
  set(name: string, value: unknown): void;
  /** Sends what was set to Python. */
  save_changes(): void;
  /** Calls `changed` on an event such as "change:preset". */
  on(event: string, changed: () => void): void;
  /** Ends that. */
  off(event: string, changed: () => void): void;
}

/** What anywidget imports: the module's default export. */
export interface Widget {
  /**
   * Shows the lab in `el`. Traits with the names of attributes, and the traits `case` and `mine`, set those of the element, now
   * and on every change. The traits `selection` and `verdict`, if the class has them, receive the details of the events. Returns
   * the clean-up function.
   */
  render(context: { model: Model; el: HTMLElement }): Promise<() => void>;
}

const kGiving = ["case", "mine"] as const satisfies (keyof Giving)[];

const render: Widget["render"] = async ({ model, el }) => {
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
};

/** The widget. */
const widget: Widget = { render };
export default widget;
