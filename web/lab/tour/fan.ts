import { html, svg } from "lit";

/** Lines from one number to all rows, or from all rows to one number. Their ends are where rows of that many cells are. */
export function fan(rows: number, isBack = false) {
  const ends = Array.from({ length: rows }, (_, at) => ((at + 0.5) * 100) / rows);
  return html`
    <svg class=${isBack ? "fan back" : "fan"} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      ${ends.map((y) => svg`<path vector-effect="non-scaling-stroke" d=${isBack ? `M100 ${y} C45 ${y} 55 50 0 50` : `M0 50 C55 50 45 ${y} 100 ${y}`}></path>`)}
    </svg>`;
}
