import { nothing, svg } from "lit";
import type { Words } from "../words/vocabulary.ts";
import { type Card, tensorFrame } from "./arrangement.ts";

/** Beyond this many gates, only the first few and an ellipsis are drawn. This many inputs stand for any number. */
const kMostGates = 6;
const kMostInputs = 4;

/** The two shapes where the shape changes. On a phone, letters replace numbers that are too long. */
export function shapes(rows: number, columns: number, spreads: boolean, tall: boolean): string {
  const long = tall && `${rows}${columns}${columns}`.length > 7;
  const [row, matrix] = long ? ["D", "N×D"] : [`${columns}`, `${rows}×${columns}`];
  return spreads ? `${row} → ${matrix}` : `${matrix} → ${row}`;
}

interface Bank {
  words: Words["graph"];
  rows: number;
  columns: number;
  divisor: number;
  /** The middle of the lower edge. */
  at: readonly [x: number, y: number];
  /** The card that it computes, if its outputs can be drawn into the cells. */
  card: Card | undefined;
  state: string;
  /** Whether it shows the backward pass, in which each sum becomes a copy. */
  back: boolean;
}

/** The gate of a mean: one sum gate for each of D columns, each with N inputs. */
export function sumGates({ words, rows, columns, divisor, at: [x, y], card, state, back }: Bank) {
  const shown = columns > kMostGates ? kMostGates - 1 : columns;
  const slots = Math.min(columns, kMostGates);
  const step = Math.min(20, (card ? 116 : 64) / slots);
  const radius = Math.min(7, step / 2 - 0.8);
  const foot = card ? 13 : 6;
  const [cy, top] = [y - foot - radius, y - foot - 2 * radius - 13];
  const inputs = Math.min(rows, kMostInputs);
  const cells = card && tensorFrame(card, "value");
  const middle = (i: number) => x + (i - (slots - 1) / 2) * step;
  const gates = Array.from({ length: shown }, (_, i) => middle(i));
  const comb = gates
    .flatMap((cx) =>
      Array.from({ length: inputs }, (_, k) => {
        const across = inputs === 1 ? 0 : (k / (inputs - 1) - 0.5) * step * 0.72;
        return `M${(cx + across).toFixed(1)} ${top}L${cx} ${cy - radius}`;
      }),
    )
    .join("");
  const stems = gates
    .map(
      (cx, i) =>
        `M${cx} ${cy + radius}L${cells ? (cells.x + ((i + 0.5) * cells.width) / slots).toFixed(1) : cx} ${y}`,
    )
    .join("");
  const inLetters = !card && rows > 999;
  const lines = back
    ? [shapes(rows, columns, true, !card), ...words.bankBack(rows, divisor)]
    : [shapes(rows, columns, false, !card), ...words.bank(inLetters ? "N" : rows, inLetters ? "D" : columns)];
  return svg`
    <g class=${`bank ${state}`} aria-hidden="true">
      <path d=${comb + stems}></path>
      ${gates.map(
        (cx) => svg`<circle cx=${cx} cy=${cy} r=${radius}></circle>
          <text class="sum" x=${cx} y=${cy + radius * 0.5} font-size=${(radius * 1.45).toFixed(1)}>Σ</text>`,
      )}
      ${columns > kMostGates ? svg`<text class="sum more" x=${middle(shown)} y=${cy + 3}>…</text>` : nothing}
      ${lines.map((line, i) => svg`<text class=${`copies ${i === 0 ? "sizes" : ""}`} x=${x} y=${top - 6 - (2 - i) * 12} text-anchor="middle">${line}</text>`)}
    </g>`;
}
