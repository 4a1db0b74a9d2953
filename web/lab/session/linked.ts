import type { Graph } from "../../src/index.ts";
import type { MistakeRow } from "../../src/mistakes.ts";
import type { Computed } from "../maths/computed.ts";
import type { PageCase } from "../maths/norms.ts";
import type { Choices } from "../model/choices.ts";
import { kFirst } from "../model/first-case.ts";
import { kEnd, momentsOf } from "../model/moment.ts";
import { type Address, documentAddress } from "./address.ts";
import { deckLink } from "./deck.ts";
import {
  type CaseLink,
  type Changes,
  choicesOf,
  type Known,
  kMostCharacters,
  kOwn,
  type MineLink,
  minePart,
  packedPart,
  type ReadLink,
  readLink,
  type SaidMine,
  writeLink,
} from "./link.ts";
import { changesOf, type Origin } from "./origin.ts";
import type { Scene } from "./scene.ts";

/** Browsers limit how often the address may change, and take milliseconds for it. */
const kAddressPause = 250;

/** What our own page opens with if its URL has no fragment. An element on a foreign page always has one. */
const kOpening = "#v=1&tour=1";

/** The state of a page without a fragment. */
const kAtFirst = {
  base: kFirst,
  selection: { node: "var", cell: { row: 0, column: 0 } },
} satisfies { base: string; selection: Choices["selection"] };

const kNoArrays: MineLink = { plain: "", packed: undefined, count: 0, whole: () => "" };

const nodesOf = ({ nodes }: Graph) => nodes.map(({ id }) => id);

/** The link to the current state: read when it changes from outside, written shortly after the reader changes something. */
export class Linked {
  readonly #scene: Scene;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #changes: { kase: PageCase; origin: Origin; changes: Changes } | undefined;
  address: Address = documentAddress();
  /** The reader's own arrays. */
  mine: MineLink = kNoArrays;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** The contents of the current URL. Before the engine has loaded, the nodes and mistakes are unknown. */
  read(): ReadLink & { fragment: string } {
    const { bn, base, selection } = this.#scene;
    const known: Known = {
      nodes: bn ? [...new Set([bn.graph, bn.graphOf("rms") as Graph].flatMap(nodesOf))] : [],
      mistakes: bn ? bn.mistakes.filter(({ switchable }) => switchable).map(({ id }) => id) : [],
      moments: bn ? momentsOf(bn.graph).map(({ id }) => id) : [],
    };
    const { address } = this;
    const { fragment } = address;
    const here = fragment && !/[#&]deck=/.test(fragment) ? { base, selection } : kAtFirst;
    const nameOf = (key: string) => address.nameOf(key);
    const { carried } = address;
    const read = readLink(fragment || kOpening, known, here, {
      nameOf,
      most: fragment === carried ? Infinity : undefined,
    });
    if (read.deck) read.kase ??= { base: kFirst, changes: {} }; // a slide shows the same whatever was there
    const isSign = read.kase?.base === kOwn && Object.keys(read.kase.changes).length === 0;
    if (!carried || !isSign) return { fragment, ...read };
    const whole = readLink(carried, known, here, { most: Infinity }); // a URL only has a sign of so large a case
    return { fragment, ...read, kase: whole.kase, mine: read.mine ?? whole.mine };
  }

  /** The case, for a link. */
  get kase(): CaseLink {
    const { kase } = this.#scene.computed as Computed;
    const { origin } = this.#scene;
    if (this.#changes?.kase !== kase || this.#changes.origin !== origin)
      this.#changes = { kase, origin, changes: changesOf(kase, origin.kase) };
    return { base: origin.base, changes: this.#changes.changes };
  }

  /** The case, for the URL. A case that is too large only leaves a sign that there is one. */
  get saidCase(): CaseLink {
    const { size } = this.#fragment(this.#scene);
    return size > kMostCharacters ? { base: kOwn, changes: {} } : this.kase;
  }

  /** The arrays are left out if they don't fit, and then the case. */
  #fragment(choices: Choices): { fragment: string; size: number } {
    const { kase } = this;
    const forms = new Set([minePart(this.mine.plain), packedPart(this.mine.packed) ?? "", ""]);
    const links = Array.from(forms, (mine) => writeLink(choices, kase, mine));
    const found = links.find(({ length }) => length <= kMostCharacters);
    const size = Math.min(...links.map(({ length }) => length));
    return found === undefined
      ? { fragment: writeLink(choices, { base: kOwn, changes: {} }), size }
      : { fragment: found, size };
  }

  /**
   * The link to the current state and its length, or no link if it is too long. `href`: on the whole page, if its URL is known.
   * `lacksMine`: the reader's own arrays didn't fit into it.
   */
  get here(): { fragment: string | undefined; href: string | undefined; size: number; lacksMine: boolean } {
    const { fragment, size } = this.#fragment({ ...choicesOf(this.#scene), brief: false });
    const lacksMine = this.mine.count > 0 && !/&minez?=/.test(fragment);
    if (size > kMostCharacters) return { fragment: undefined, href: undefined, size, lacksMine };
    return { fragment, href: this.address.whole(fragment), size, lacksMine };
  }

  /** Whether a link has the arrays that are here. */
  isSameMine({ plain, packed }: SaidMine): boolean {
    return plain === undefined ? packed === this.mine.packed : plain === this.mine.plain;
  }

  /** The link to the case alone, as an assignment has it. */
  get fragmentOfCase(): string {
    return writeLink({ ...choicesOf(this.#scene), brief: false }, this.kase);
  }

  /** The link to the current state, however long it is: for a page that carries it. */
  get carried(): string {
    return writeLink({ ...choicesOf(this.#scene), brief: false }, this.kase, minePart(this.mine.whole()));
  }

  /** A link to the node where a mistake first shows on this case. */
  to({ id, edges, nodes }: MistakeRow): string {
    const node = nodes[0] ?? edges[0]?.from ?? "x";
    const selection = { node, cell: this.#scene.selection.cell };
    return this.with({ selection, lens: "graph", mistake: id, moment: kEnd });
  }

  /** A link to the current case with other choices. */
  with(others: Partial<Choices>): string {
    const fragment = writeLink({ ...choicesOf(this.#scene), ...others }, this.kase);
    // on this page the link keeps the current case
    return fragment.length <= kMostCharacters ? fragment : fragment.replace(/&case=.*(?=&node=)/, "");
  }

  /** A choice of the reader is written at once, as an entry of the browser's history. A stream of small changes is written later. */
  write({ isStep = false } = {}) {
    this.forget();
    if (isStep) this.#write(true);
    else this.#timer = setTimeout(() => this.#write(false), kAddressPause);
  }

  /** Writes a delayed change at once. */
  flush() {
    if (this.#timer !== undefined) this.writeNow();
  }

  writeNow() {
    this.forget();
    this.#write(false);
  }

  /** Drops a delayed change, which belongs to a URL that was left. */
  forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #write(isStep: boolean) {
    this.#timer = undefined;
    if (!this.#scene.computed) return;
    const { deck, slide } = this.#scene;
    const fragment = deck ? deckLink(deck, slide) : this.#fragment(this.#scene).fragment;
    if (fragment !== this.address.fragment) this.address.write(fragment, isStep);
  }
}
