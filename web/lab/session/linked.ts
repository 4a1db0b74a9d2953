import type { Case } from "../../src/index.ts";
import type { MistakeRow } from "../../src/mistakes.ts";
import type { Computed } from "../maths/computed.ts";
import type { Choices } from "../model/choices.ts";
import { kFirst } from "../model/first-case.ts";
import { kEnd, momentsOf } from "../model/moment.ts";
import { type Address, documentAddress } from "./address.ts";
import {
  type CaseLink,
  type Changes,
  choicesOf,
  type Known,
  kMostCharacters,
  kOwn,
  type ReadLink,
  readLink,
  writeLink,
} from "./link.ts";
import { changesOf, type Origin } from "./origin.ts";
import type { Scene } from "./scene.ts";

/** Browsers limit how often the address may change, and take milliseconds for it. */
const kAddressPause = 250;

/** What a page without a fragment shows. */
const kAtFirst = {
  base: kFirst,
  selection: { node: "var", cell: { row: 0, column: 0 } },
} satisfies { base: string; selection: Choices["selection"] };

/** The link of what is shown: read when it changes from outside, written some time after the reader changes something. */
export class Linked {
  readonly #scene: Scene;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #changes: { kase: Case<Float64Array>; origin: Origin; changes: Changes } | undefined;
  address: Address = documentAddress;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** What the address says now. Before the engine has come, nobody knows which nodes and mistakes there are. */
  read(): ReadLink & { fragment: string } {
    const { bn, base, selection } = this.#scene;
    const known: Known = {
      nodes: bn?.graph.nodes.map((node) => node.id) ?? [],
      mistakes: bn?.mistakes.filter(({ switchable }) => switchable).map(({ id }) => id) ?? [],
      moments: bn ? momentsOf(bn.graph).map(({ id }) => id) : [],
    };
    const { address } = this;
    const { fragment } = address;
    const here = fragment ? { base, selection } : kAtFirst;
    return { fragment, ...readLink(fragment, known, here, (key) => address.nameOf(key)) };
  }

  /** The case as a link says it. */
  get kase(): CaseLink {
    const { kase } = this.#scene.computed as Computed;
    const { origin } = this.#scene;
    if (this.#changes?.kase !== kase || this.#changes.origin !== origin)
      this.#changes = { kase, origin, changes: changesOf(kase, origin.kase) };
    return { base: origin.base, changes: this.#changes.changes };
  }

  /** The case as the address says it: of one that is too large, only that there is one. */
  get saidCase(): CaseLink {
    const { size } = this.#fragment(this.#scene);
    return size > kMostCharacters ? { base: kOwn, changes: {} } : this.kase;
  }

  #fragment(choices: Choices): { fragment: string; size: number } {
    const fragment = writeLink(choices, this.kase);
    const fits = fragment.length <= kMostCharacters;
    return {
      fragment: fits ? fragment : writeLink(choices, { base: kOwn, changes: {} }),
      size: fragment.length,
    };
  }

  /** What leads here, and how many characters that is; nothing, if those are too many. `href`: on the whole page, if anybody knows where that is. */
  get here(): { fragment: string | undefined; href: string | undefined; size: number } {
    const { fragment, size } = this.#fragment({ ...choicesOf(this.#scene), brief: false });
    if (size > kMostCharacters) return { fragment: undefined, href: undefined, size };
    return { fragment, href: this.address.whole(fragment), size };
  }

  /** Leads to where a mistake, made on this case, is first seen. */
  to({ id, edges, nodes }: MistakeRow): string {
    const node = nodes[0] ?? edges[0]?.from ?? "x";
    const selection = { node, cell: this.#scene.selection.cell };
    const fragment = writeLink(
      { ...choicesOf(this.#scene), selection, lens: "graph", mistake: id, moment: kEnd },
      this.kase,
    );
    // on this page it leads to the case that is here
    return fragment.length <= kMostCharacters ? fragment : fragment.replace(/&case=.*(?=&node=)/, "");
  }

  /** A step of the reader's, which the browser's buttons go back to, is written at once; what moves by small steps, later. */
  write({ isStep = false } = {}) {
    this.forget();
    if (isStep) this.#write(true);
    else this.#timer = setTimeout(() => this.#write(false), kAddressPause);
  }

  /** Writes at once what waits for a pause. */
  flush() {
    if (this.#timer !== undefined) this.writeNow();
  }

  writeNow() {
    this.forget();
    this.#write(false);
  }

  /** What waits to be written belongs to an address that was left. */
  forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #write(isStep: boolean) {
    this.#timer = undefined;
    if (!this.#scene.computed) return;
    const { fragment } = this.#fragment(this.#scene);
    if (fragment !== this.address.fragment) this.address.write(fragment, isStep);
  }
}
