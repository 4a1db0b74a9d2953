import { css, svg, unsafeCSS } from "lit";

/** The number of shades for each sign on the heat maps. */
export const kShades = 12;

/**
 * Colours, type and the few shapes that all elements share. `.unseen` is for screen readers only. The host page can set --backnorm-ink and the like. Blue and
 * orange only ever show the sign of a number; the accent only ever shows the selection.
 */
export const tokens = css`
  :host {
    --paper: var(--backnorm-paper, light-dark(#fbfaf6, #171716));
    --card: var(--backnorm-card, light-dark(#ffffff, #1f1f1e));
    --ink: var(--backnorm-ink, light-dark(#22201b, #ecebe6));
    --muted: var(--backnorm-muted, light-dark(#6a655b, #a5a299));
    --hairline: var(--backnorm-hairline, light-dark(#dfdbd0, #3a3935));
    --wash: var(--backnorm-wash, light-dark(#f3f0e8, #2a2927));
    --accent: var(--backnorm-accent, light-dark(#7b2d72, #e39ad8));
    --accent-wash: var(--backnorm-accent-wash, light-dark(#f8eef6, #35243a));
    --negative: light-dark(#1f5a9c, #63a7ea);
    --positive: light-dark(#b04a08, #f09a4a);
    --zero: light-dark(#f4f2ec, #2b2b2a);
    --surface: var(--card);
    --cut: light-dark(rgb(34 32 27 / 35%), rgb(236 235 230 / 40%));
    --pass: light-dark(#1c6b47, #6fcf9f);
    --fail: light-dark(#b3142e, #ff8797);
    --undecidable: light-dark(#6a5a00, #dcc568);
    --serif: var(--backnorm-serif, "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "DejaVu Serif", serif);
    --sans: var(--backnorm-sans, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
    --mono: var(--backnorm-mono, ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace);
    color: var(--ink);
    font: 14px/1.45 var(--sans);
  }
  * {
    box-sizing: border-box;
  }
  .vanishes {
    background: linear-gradient(var(--accent), var(--accent)) bottom / 100% 1.5px no-repeat;
    color: var(--muted);
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  math {
    font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "Libertinus Math", "Backnorm Math", math, var(--serif);
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
`;

const shade = (sign: string, step: number) =>
  `color-mix(in oklab, var(--${sign}) ${Math.round((100 * step) / kShades)}%, var(--zero))`;

/**
 * The text colour on a shade: the page's own on faint shades, otherwise black or white, whichever has a contrast of 4.5.
 * In the light theme a strong blue is darker than a strong orange.
 */
function inkOn(sign: string, step: number): string {
  const white = sign === "positive" ? 11 : 10;
  const onLight = step < white - 1 ? "var(--ink)" : step < white ? "#000" : "#fff";
  const onDark = step <= 6 ? "var(--ink)" : step < 8 ? "#fff" : "#000";
  return `light-dark(${onLight}, ${onDark})`;
}

/** Values that are not on the scale are hatched. An infinity has the colour of its sign. */
const hatched = {
  nan: ["var(--zero)", "var(--hairline)"],
  pinf: [shade("positive", 2), shade("positive", 5)],
  ninf: [shade("negative", 2), shade("negative", 5)],
} as const;

/** Fill and background colours: .s0 is zero, .p1 to .p12 are positive, .n1 to .n12 negative. */
export const shades = unsafeCSS(
  [
    ...Object.entries(hatched).map(
      ([name, [ground, line]]) =>
        `.${name} { background: repeating-linear-gradient(135deg, ${line} 0 1.5px, ${ground} 1.5px 5px); fill: url(#${name}); }
        #${name} rect { fill: ${ground}; } #${name} path { stroke: ${line}; }`,
    ),
    ".s0 { fill: var(--zero); background: var(--zero); }",
    ...["positive", "negative"].flatMap((sign) =>
      Array.from({ length: kShades }, (_, i) => {
        const colour = shade(sign, i + 1);
        return `.${sign[0]}${i + 1} { fill: ${colour}; background: ${colour}; color: ${inkOn(sign, i + 1)}; }`;
      }),
    ),
  ].join("\n"),
);

/** The patterns that fill .nan, .pinf and .ninf, for the <defs> of a picture. */
export const hatches = Object.keys(hatched).map(
  (name) => svg`
    <pattern id=${name} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="5" height="5"></rect><path d="M0 0V5" stroke-width="3"></path>
    </pattern>`,
);

/** The CSS class of a value on a scale that ends at `most`. A nonzero value never looks like zero. */
export function shadeOf(value: number, most: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "pinf" : "ninf";
  if (!(most > 0) || value === 0) return "s0";
  const step = Math.min(Math.max(Math.ceil((Math.abs(value) / most) ** 0.75 * kShades), 1), kShades);
  return `${value > 0 ? "p" : "n"}${step}`;
}

/** Buttons, framed or as text (.link), lists and fields. */
export const controls = css`
  .control,
  .field {
    min-width: 0;
    max-width: 100%;
    min-height: 34px;
    border: 1px solid var(--hairline);
    border-radius: 7px;
    color: var(--ink);
    font: inherit;
  }
  .control {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 0 12px;
    background: var(--card);
    cursor: pointer;
  }
  .control:hover {
    border-color: var(--muted);
  }
  label.control:focus-within {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .control [type="file"] {
    position: absolute;
    width: 1px;
    height: 1px;
    opacity: 0;
  }
  .link {
    min-height: 24px;
    padding: 0 2px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-decoration: underline;
    text-underline-offset: 3px;
    cursor: pointer;
  }
  .field {
    padding: 0 10px;
    background: var(--paper);
    font: 12px/1.5 var(--mono);
  }
  textarea.field {
    display: block;
    width: 100%;
    padding: 8px 10px;
    resize: vertical;
  }
  .field::placeholder {
    color: var(--muted);
    opacity: 1;
  }
`;

/**
 * What scrolls sideways has a shadow at an edge that cuts it off: covers of the surface's colour, which scroll with the
 * content, hide it elsewhere.
 */
export const scrolls = css`
  .scrolls {
    overflow-x: auto;
    background:
      linear-gradient(to right, var(--surface) 50%, transparent) -2px 0 / 28px 100% no-repeat local,
      linear-gradient(to left, var(--surface) 50%, transparent) calc(100% + 2px) 0 / 28px 100% no-repeat local,
      linear-gradient(to right, transparent 2px, var(--cut) 2px, transparent) left / 12px calc(100% - 4px) no-repeat scroll,
      linear-gradient(to left, transparent 2px, var(--cut) 2px, transparent) right / 12px calc(100% - 4px) no-repeat scroll,
      var(--surface);
  }
`;

/** Text that every panel has: a heading with words beside it, and figures with a caption above. */
export const panelText = css`
  ${scrolls}
  h2 {
    font: 600 17px/1.3 var(--serif);
    margin: 0 0 10px;
  }
  h2 span {
    font: 14px var(--sans);
    color: var(--muted);
    margin-left: 8px;
  }
  figure {
    margin: 0;
    min-width: 0;
    max-width: 100%;
  }
  figcaption {
    color: var(--muted);
    font-size: 12.5px;
    margin-bottom: 5px;
  }
  .term {
    display: flex;
    gap: 12px;
    min-width: 0;
    max-width: 100%;
  }
`;
