/** Red, green, blue and how much of it covers, 0 to 1 each: what any program that opens an SVG can read. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

const clamp = (value: number) => Math.min(Math.max(value, 0), 1);
const encoded = (linear: number) =>
  clamp(linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);

/** Ottosson's matrices, as CSS Color 4 has them. */
function fromOklab(lightness: number, a: number, b: number) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ] as const;
}

/** A colour as browsers compute it: rgb(…), and of a mixture oklab(…) or color(srgb …). Nothing, if it covers nothing. */
export function colourOf(computed: string): Colour | undefined {
  const space = /^(rgb|oklab|color\(srgb)/.exec(computed)?.[1];
  const [a, b, c, alpha = 1] = computed
    .slice(space?.length)
    .split(/[\s,/()]+/)
    .filter(Boolean)
    .map((part) => (part.endsWith("%") ? Number.parseFloat(part) / 100 : Number(part) || 0)) as [
    number,
    number,
    number,
    number?,
  ];
  if (!space || alpha === 0) return undefined;
  if (space === "oklab") return [...fromOklab(a, b, c), alpha];
  const most = space === "rgb" ? 255 : 1;
  return [clamp(a / most), clamp(b / most), clamp(c / most), alpha];
}

/** As a filter greys it. */
export function greyed([red, green, blue, alpha]: Colour): Colour {
  const grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return [grey, grey, grey, alpha];
}

export const hexOf = ([red, green, blue]: Colour) =>
  `#${[red, green, blue]
    .map((part) =>
      Math.round(part * 255)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
