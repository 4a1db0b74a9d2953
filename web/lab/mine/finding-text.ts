import type { ClaimedInvariant, ParsedArray, Relation } from "../../src/index.ts";
import { inFull, superscript } from "../base/numbers.ts";
import type { Formulas } from "../maths/formulas.ts";
import { digit, equation, type Formula, frac, group, math, minus, mo, row } from "../maths/mathml.ts";
import { isFlat, nameOfNorm, type PageCase, readNorm } from "../maths/norms.ts";
import type { Locale } from "../words/locale.ts";
import { edgeWords, labelOf } from "./array-names.ts";
import { placeText } from "./explanation-text.ts";

/** "5 numbers, 8 decimals". */
export function arrayText({ data, shape, resolution }: ParsedArray, { rest: { mine } }: Locale): string {
  const size = shape.length > 1 ? shape.join("×") : mine.numbers(data.length);
  const isWhole = data.every(Number.isInteger);
  const finest =
    resolution && !isWhole ? Math.round(-Math.log10(2 * Math.min(...new Set(resolution)))) : undefined;
  return mine.array(size, data instanceof Float32Array, finest);
}

const size = (shape: readonly number[]) => `(${shape.join(", ")})`;

/** Adds brackets if a power or factor follows. */
const wrap = (label: string) => (/[ /·]/.test(label) && !/^\(.*\)²$/.test(label) ? `(${label})` : label);

/** A factor as a known count of the case, such as N; undefined if it may be more than one of them. */
function countOf(ratio: number, kase: PageCase): string | undefined {
  const { norm, m, statistics } = readNorm(kase);
  if (norm !== "batch") {
    const name = norm === "layer" || norm === "rms" ? "D" : "M";
    const counts: [number, string][] = m === statistics ? [] : [[m, name], [1 / m, `1/${name}`], [m * m, `${name}²`]]; // biome-ignore format: one line
    return counts.find(([value]) => Math.abs(value) !== 1 && isNear(ratio, value))?.[1];
  }
  const name = isFlat(kase) ? "N" : "M";
  const known: [number, string][] = [
    [m, name],
    [1 / m, `1/${name}`],
    [m - 1, `${name} − 1`],
    [1 / (m - 1), `1/(${name} − 1)`],
    [m / (m - 1), `${name}/(${name} − 1)`],
    [(m - 1) / m, `(${name} − 1)/${name}`],
    [m * m, `${name}²`],
    [1 / (m * m), `1/${name}²`],
  ];
  return known.find(([value]) => Math.abs(value) !== 1 && isNear(ratio, value))?.[1];
}

const isNear = (ratio: number, value: number) => Math.abs(ratio - value) <= 1e-6 * Math.abs(value);

/** How a wrong array is related to the right one. */
export function relationText(relation: Relation | null, kase: PageCase, locale: Locale): string {
  const { labels, rest } = locale;
  const { relation: own } = rest.mine;
  const say = nameOfNorm(kase) === "batch" ? own : { ...own, ...own.inGroups };
  if (!relation) return say.none;
  switch (relation.kind) {
    case "not-finite":
      return say.notFinite(placeText(relation.index, locale));
    case "shape": {
      const { expected, got } = relation;
      const count = expected.reduce((a, b) => a * b, 1);
      return got.length === 1 ? say.length(got[0] as number, count) : say.shape(size(got), size(expected));
    }
    case "transposed":
      return say.transposed;
    case "unsummed":
      return say.unsummed;
    case "wrong-axis":
      return say.wrongAxis;
    case "per-sample":
      return say.perSample;
    case "ratio": {
      const { ratio } = relation;
      if (isNear(ratio, -1)) return say.sign;
      return ratio === 0 ? say.zero : say.ratio(inFull(Number(ratio.toPrecision(4))), countOf(ratio, kase));
    }
    case "power": {
      const { of, exponent } = relation;
      const power = Number.isInteger(exponent) ? superscript(exponent) : `^${inFull(exponent)}`;
      return say.power(`${wrap(labels[of])}${exponent === 1 ? "" : power}`);
    }
    case "equals":
      return say.equals(labelOf(relation.other, labels));
    case "missing-path":
      return say.missingPath(edgeWords(relation.path, locale));
    case "only-path":
      return say.onlyPath(edgeWords(relation.path, locale));
    case "ratio-per-column":
      return say.ratioPerColumn;
    case "offset-per-column":
      return say.offsetPerColumn;
  }
}

const lawsOf = ({
  laws,
  symbols,
  partials: d,
  shifted,
}: Formulas): Record<ClaimedInvariant["id"], Formula> => {
  const { gamma, std } = symbols;
  const times = mo("·");
  return {
    "sum-of-dx": laws.sumOfDx,
    "sum-of-dx-xhat": laws.sumOfDxXhat,
    dvar: equation(d.var, minus(frac(row(gamma, times, d.gamma), row(digit(2), group(shifted))))),
    dmean: equation(d.mean, minus(frac(row(gamma, times, d.beta), std))),
  };
};

/** A law that is broken, and the columns in which it is. */
export function lawText(
  { id, residual, bound }: ClaimedInvariant,
  kase: PageCase,
  { formulas, rest }: Locale,
) {
  const broken = [...residual.keys()].filter(
    (column) => !((residual[column] as number) <= (bound[column] as number)),
  );
  const named = broken.length === residual.length ? [] : broken.slice(0, 6).map((column) => column + 1);
  const isBatch = nameOfNorm(kase) === "batch";
  return rest.mine.broken(math(lawsOf(formulas)[id]), named, named.length > 0 && broken.length > 6, isBatch);
}
