import { nothing, svg } from "lit";
import type { GroupKind } from "../../src/words.ts";
import type { Computed } from "../maths/computed.ts";
import type { Words } from "../words/vocabulary.ts";
import { type Card, tensorFrame } from "./arrangement.ts";

/** Beyond this many gates, only the first few and an ellipsis are drawn. This many inputs stand for any number. */
const kMostGates = 6;
const kMostInputs = 4;

const kLetters: Readonly<Record<GroupKind, readonly [statistics: string, parameters: string, x: string]>> = {
  columns: ["D", "D", "N×D"],
  rows: ["N", "D", "N×D"],
  channels: ["C", "C", "N×C×S"],
  groups: ["N×G", "C", "N×C×S"],
  maps: ["N×C", "C", "N×C×S"],
};

/** The two shapes where the shape changes. Letters replace numbers that are too long. */
export function shapes({ layout }: Computed, isParameter: boolean, spreads: boolean, tall: boolean): string {
  const { shape, statisticsShape, parametersShape } = layout.of;
  const own = isParameter ? parametersShape : statisticsShape;
  const long = [...own, ...shape].join("").length > (tall ? 7 : 12);
  const letters = kLetters[layout.kind];
  const [strip, whole] = long
    ? [letters[isParameter ? 1 : 0], letters[2]]
    : [own.join("×") || "1", shape.join("×")];
  return spreads ? `${strip} → ${whole}` : `${whole} → ${strip}`;
}

interface Bank {
  words: Words["graph"];
  computed: Computed;
  divisor: number;
  /** The middle of the lower edge. */
  at: readonly [x: number, y: number];
  /** The card that it computes, in the wide picture. */
  card: Card | undefined;
  state: string;
  /** Whether it shows the backward pass, in which each sum becomes a copy. */
  back: boolean;
}

/** The gate of a mean: one sum gate for each group, with an input for each of its values. */
export function sumGates(bank: Bank) {
  const { words, computed, divisor, at, card, state, back } = bank;
  const { size, copies } = computed.layout.grouping;
  const { rows: high, columns: wide } = computed.layout.sheets.statistics;
  const count = high * wide;
  const inLetters = !card && size > 999;
  const { kind } = computed.layout;
  const said = back
    ? words.bankBack(copies.statistics, divisor)
    : words.bank(inLetters ? computed.layout.size : size, inLetters ? kLetters[kind][0] : count);
  const lines = [shapes(computed, false, back, !card), ...said];
  const isColumn = wide === 1 && high > 1;
  const drawn =
    card && isColumn ? besideCells(card, high, size) : overCells(bank, count, size, isColumn || high > 1);
  const [x, top] = [at[0], drawn.top];
  return svg`
    <g class=${`bank ${state}`} aria-hidden="true">
      <path d=${drawn.d}></path>
      ${drawn.gates.map(
        ({ x, y, radius }) => svg`<circle cx=${x} cy=${y} r=${radius}></circle>
          <text class="sum" x=${x} y=${y + radius * 0.5} font-size=${(radius * 1.45).toFixed(1)}>Σ</text>`,
      )}
      ${drawn.more ? svg`<text class="sum more" x=${drawn.more[0]} y=${drawn.more[1]}>…</text>` : nothing}
      ${lines.map((line, i) => svg`<text class=${`copies ${i === 0 ? "sizes" : ""}`} x=${x} y=${top - 6 - (2 - i) * 12} text-anchor="middle">${line}</text>`)}
    </g>`;
}

interface Drawn {
  d: string;
  gates: { x: number; y: number; radius: number }[];
  /** Where an ellipsis stands for the others. */
  more: readonly [x: number, y: number] | undefined;
  /** The upper edge. */
  top: number;
}

const fractions = (inputs: number) =>
  Array.from({ length: inputs }, (_, k) => (inputs === 1 ? 0 : k / (inputs - 1) - 0.5));

/** Beside a column of values: a gate in front of each cell, with its inputs from the left. */
function besideCells(card: Card, rows: number, size: number): Drawn {
  const frame = tensorFrame(card, "value");
  const step = frame.height / rows;
  const shown = step < 8 ? Math.max(1, Math.floor(frame.height / 8) - 1) : rows;
  const pitch = shown < rows ? frame.height / (shown + 1) : step;
  const radius = Math.min(6, pitch / 2 - 0.8);
  const x = frame.x - radius - 4;
  const gates = Array.from({ length: shown }, (_, i) => ({ x, y: frame.y + (i + 0.5) * pitch, radius }));
  const d = gates
    .flatMap(({ y }) => [
      ...fractions(Math.min(size, kMostInputs)).map(
        (at) => `M${card.x + 5} ${(y + at * pitch * 0.72).toFixed(1)}L${(x - radius).toFixed(1)} ${y}`,
      ),
      `M${x + radius} ${y}H${frame.x}`,
    ])
    .join("");
  return { d, gates, more: shown < rows ? [x, frame.y + frame.height - 3] : undefined, top: card.y };
}

/** Above a card: in a row, with the inputs from above. isFree: the outputs can't be drawn into the cells. */
function overCells({ at: [x, y], card }: Bank, count: number, size: number, isFree: boolean): Drawn {
  const shown = count > kMostGates ? kMostGates - 1 : count;
  const slots = Math.min(count, kMostGates);
  const step = Math.min(20, (card ? 116 : 64) / slots);
  const radius = Math.min(7, step / 2 - 0.8);
  const foot = card ? 13 : 6;
  const [cy, top] = [y - foot - radius, y - foot - 2 * radius - 13];
  const cells = card && !isFree && tensorFrame(card, "value");
  const middle = (i: number) => x + (i - (slots - 1) / 2) * step;
  const gates = Array.from({ length: shown }, (_, i) => ({ x: middle(i), y: cy, radius }));
  const d = gates
    .flatMap(({ x: cx }, i) => [
      ...fractions(Math.min(size, kMostInputs)).map(
        (at) => `M${(cx + at * step * 0.72).toFixed(1)} ${top}L${cx} ${cy - radius}`,
      ),
      `M${cx} ${cy + radius}L${cells ? (cells.x + ((i + 0.5) * cells.width) / slots).toFixed(1) : cx} ${y}`,
    ])
    .join("");
  return { d, gates, more: count > kMostGates ? [middle(shown), cy + 3] : undefined, top };
}
