import { type SVGTemplateResult, svg } from "lit";
import type { Graph, GraphEdge } from "../../src/index.ts";
import { isMedium } from "../base/layout-free.ts";
import { type Computed, nodeTrace } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import type { Moment } from "../model/moment.ts";
import { shadePaths } from "../ui/heat-map.ts";
import { type Card, tensorFrame } from "./arrangement.ts";

/** The duration of each of the two parts of an animation, in milliseconds. */
const kPart = 200;

/** Whether the user accepts animation. */
export const mayMove = () => !isMedium("(prefers-reduced-motion: reduce)", true);

/** The edges that a step uses: into the node that it computes, or back to it. */
export const edgesOf = ({ pass, made }: Moment, { edges }: Graph): GraphEdge[] =>
  edges.filter(({ from, to }) => (pass === "forward" ? to : from) === made);

/** A tensor that changes its shape: a strip that spreads into a matrix, or a matrix that folds into a strip. */
export function ghosts(
  moment: Moment,
  graph: Graph,
  computed: Computed,
  cards: ReadonlyMap<string, Card>,
): SVGTemplateResult[] {
  const { sheets } = computed.layout;
  const forward = moment.pass === "forward";
  return edgesOf(moment, graph).flatMap(({ from, to }) => {
    const [source, target] = forward ? [from, to] : [to, from];
    const [a, b] = [cards.get(source) as Card, cards.get(target) as Card];
    if (a.tensor.width === b.tensor.width && a.tensor.height === b.tensor.height) return [];
    const { value, grad } = nodeTrace(computed, source);
    const frame = tensorFrame(b, forward ? "value" : "grad");
    const width = Math.max(a.tensor.width, b.tensor.width);
    const height = Math.max(a.tensor.height, b.tensor.height);
    const whole = {
      x: frame.x + (frame.width - width) / 2,
      y: frame.y + (frame.height - height) / 2,
      width,
      height,
    };
    const scale = ({ tensor }: Card) => `${tensor.width / width}, ${tensor.height / height}`;
    const { rows, columns } = sheets[extentOf(graph, source)];
    return [
      svg`<g class="ghost" data-start=${scale(a)} data-end=${scale(b)}>${shadePaths(forward ? value : grad, rows, columns, whole)}</g>`,
    ];
  });
}

/** Runs an animation that was drawn: first the pulses along the arrows, then the change of shape. */
export async function run(root: ParentNode, { pass }: Moment): Promise<void> {
  const every = (selector: string) => [...root.querySelectorAll(selector)];
  const shapes = every(".ghost");
  const [start, end] = pass === "forward" ? [0.13, -1] : [-1, 0.13];
  const easing = "ease-in-out";
  const arrive = shapes.length > 0 ? 2 * kPart : kPart;
  const animations = [
    ...every(".pulse").map((pulse) =>
      pulse.animate({ strokeDashoffset: [start, end] }, { duration: kPart, easing, fill: "both" }),
    ),
    ...shapes.flatMap((ghost) => {
      const { start: from, end: to } = (ghost as SVGElement).dataset;
      const timing: KeyframeAnimationOptions = { duration: kPart, delay: kPart, easing, fill: "both" };
      return [
        ghost.animate({ transform: [`scale(${from})`, `scale(${to})`] }, timing),
        ghost.animate({ opacity: [0, 1] }, { duration: 1, delay: kPart, fill: "both" }),
      ];
    }),
    ...every(".arriving").map((tensor) =>
      tensor.animate({ opacity: [0, 1] }, { duration: 1, delay: arrive, fill: "both" }),
    ),
  ];
  // an animation cancelled by a later step has ended too
  await Promise.allSettled(animations.map(({ finished }) => finished));
  for (const animation of animations) animation.cancel();
}
