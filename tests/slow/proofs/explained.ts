/** Whether an explanation of diagnose is true: what it says is computed again, from the learner's own arrays. */
import type { Explanation, Factor, FloatArray, Formula, NormCase, Relation, Root } from "backnorm";

/** Arrays by id; of a statistic a number per group. */
export type Arrays = Record<string, ArrayLike<number>>;

type Extent = "elements" | "statistics" | "parameters";
const statistics = ["mean", "var", "std", "invstd", "dmean", "dvar", "dstd", "dinvstd"];
const parameters = ["gamma", "beta", "dgamma", "dbeta"];
export const extentOf = (id: string): Extent =>
  statistics.includes(id) ? "statistics" : parameters.includes(id) ? "parameters" : "elements";

const largest = (values: readonly number[]) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Batch or layer norm, from the mathematics alone: plain loops over groups. */
export class World {
  /** What follows from the arrays before, and what stands: the learner's array, where there is one. */
  readonly own: Record<string, number[]> = {};
  readonly held: Record<string, ArrayLike<number>> = {};
  readonly #kase: NormCase;
  readonly #size: number;
  readonly #columns: number;
  readonly #isLayer: boolean;

  /** root: computes std, whatever the learner's is. infers: a learner's invstd alone says what std is. */
  constructor(kase: NormCase, learners: Arrays, root?: Root, infers = false) {
    this.#kase = kase;
    this.#size = kase.x.length;
    this.#columns = kase.shape?.at(-1) as number;
    this.#isLayer = kase.norm === "layer";
    this.#compute(learners, root, infers);
  }

  #group(at: number) {
    return this.#isLayer ? Math.floor(at / this.#columns) : at % this.#columns;
  }
  /** The place in its group. */
  #row(at: number) {
    return this.#isLayer ? at % this.#columns : Math.floor(at / this.#columns);
  }
  /** What np.roll makes of an array. */
  moved(id: string, by: number, along: "rows" | "columns"): number[] {
    const values = this.own[id] as number[];
    const lanes = extentOf(id) === "elements" ? this.#columns : values.length;
    const rows = values.length / lanes;
    return values.map((_, at) => {
      const [row, column] = [Math.floor(at / lanes), at % lanes];
      const isDown = (along === "rows") !== this.#isLayer;
      const from = isDown
        ? ((row - by + rows) % rows) * lanes + column
        : row * lanes + ((column - by + lanes) % lanes);
      return values[from] as number;
    });
  }
  #parameter(at: number) {
    return at % this.#columns;
  }
  get rows() {
    return this.#isLayer ? this.#columns : this.#size / this.#columns;
  }
  get groups() {
    return this.#size / this.rows;
  }
  #counts(): Record<Factor["counts"][number]["of"], number> {
    const samples = this.#kase.shape?.[0] as number;
    const ddof = this.#kase.ddof ?? 0;
    return {
      rows: this.rows,
      divisor: this.rows - ddof,
      "other-divisor": this.rows - 1 + ddof,
      shares: this.#size / this.#columns,
      samples,
      channels: this.#columns,
      positions: this.#size / this.#columns / samples,
    };
  }

  #lane(extent: Extent, at: number) {
    return extent === "elements" ? at : extent === "statistics" ? this.#group(at) : this.#parameter(at);
  }
  #lanes(extent: Extent) {
    return { elements: this.#size, statistics: this.groups, parameters: this.#columns }[extent];
  }
  /** The array's value where the element is. */
  at(id: string, element: number): number {
    return (this.held[id] as ArrayLike<number>)[this.#lane(extentOf(id), element)] as number;
  }
  sum(extent: Extent, term: (element: number) => number): number[] {
    const total = new Array<number>(this.#lanes(extent)).fill(0);
    for (let at = 0; at < this.#size; ++at) {
      const lane = this.#lane(extent, at);
      total[lane] = (total[lane] as number) + term(at);
    }
    return total;
  }

  #compute(learners: Arrays, root: Root | undefined, infers: boolean) {
    const { x, gamma, beta, dy, eps = 1e-5, ddof = 0 } = this.#kase;
    const [M, m] = [this.rows, this.rows - ddof];
    const inputs: Arrays = { x, gamma, beta: beta ?? gamma, dy };
    for (const [id, value] of Object.entries(inputs)) this.held[id] = learners[id] ?? value;
    const keep = (id: string, values: number[]) => {
      this.own[id] = values;
      const given = id === "std" && root ? undefined : learners[id];
      this.held[id] = given?.length === values.length ? given : values;
    };
    const each = (id: string, term: (at: number) => number) =>
      keep(
        id,
        Array.from({ length: this.#size }, (_, at) => term(at)),
      );
    const group = (id: string, term: (at: number) => number) => keep(id, this.sum("statistics", term));
    /** From other statistics. */
    const lane = (id: string, term: (of: (other: string) => number) => number) =>
      keep(
        id,
        Array.from({ length: this.groups }, (_, at) => term((other) => this.held[other]?.[at] as number)),
      );
    const v = (id: string, at: number) => this.at(id, at);
    group("mean", (i) => v("x", i) / M);
    each("xc", (i) => v("x", i) - v("mean", i));
    each("sq", (i) => v("xc", i) ** 2);
    group("var", (i) => v("sq", i) / m);
    const inverse = learners["invstd"];
    const isInferred = infers && !root && !learners["std"] && inverse?.length === this.groups;
    lane("std", (of) => (root ? this.root(root, of("var")) : Math.sqrt(of("var") + eps)));
    if (isInferred)
      keep(
        "std",
        Array.from(inverse, (value) => 1 / value),
      );
    lane("invstd", (of) => 1 / of("std"));
    each("xhat", (i) => v("xc", i) * v("invstd", i));
    each("scaled", (i) => v("xhat", i) * v("gamma", i));
    each("y", (i) => v("scaled", i) + v("beta", i));
    each("dscaled", (i) => v("dy", i));
    keep(
      "dbeta",
      this.sum("parameters", (i) => v("dy", i)),
    );
    keep(
      "dgamma",
      this.sum("parameters", (i) => v("dscaled", i) * v("xhat", i)),
    );
    each("dxhat", (i) => v("dscaled", i) * v("gamma", i));
    group("dinvstd", (i) => v("dxhat", i) * v("xc", i));
    lane("dstd", (of) => -of("dinvstd") / of("std") ** 2);
    lane("dvar", (of) => of("dstd") / (2 * of("std")));
    each("dsq", (i) => v("dvar", i) / m);
    each("xc->xhat", (i) => v("dxhat", i) * v("invstd", i));
    each("xc->sq", (i) => 2 * v("xc", i) * v("dsq", i));
    each("dxc", (i) => v("xc->xhat", i) + v("xc->sq", i));
    group("dmean", (i) => -v("dxc", i));
    each("x->xc", (i) => v("dxc", i));
    each("x->mean", (i) => v("dmean", i) / M);
    each("dx", (i) => v("x->xc", i) + v("x->mean", i));
  }

  /** dx by a closed form, which has `by` / M where the sums are divided. */
  closed(by: number): number[] {
    const v = (id: string, at: number) => this.at(id, at);
    const sums = [() => 1, (i: number) => v("xhat", i)].map((of) =>
      this.sum("statistics", (i) => v("dxhat", i) * of(i)),
    );
    const [plain, along] = sums as [number[], number[]];
    return Array.from({ length: this.#size }, (_, i) => {
      const group = this.#group(i);
      const rest = (plain[group] as number) + v("xhat", i) * (along[group] as number);
      return (v("dxhat", i) - (rest * by) / this.rows) / v("std", i);
    });
  }

  root({ inside, outside, scale }: Root, variance: number) {
    return Math.sqrt(this.constant(scale) * variance + inside) + outside;
  }
  constant({ constant, counts }: Factor): number {
    const known = this.#counts();
    return counts.reduce((product, { of, exponent }) => product * known[of] ** exponent, constant);
  }

  /** A number per lane. id: of an array that a formula may be of itself. */
  formula(extent: Extent, formula: Formula, id?: string): number[] {
    const lanes = this.#lanes(extent);
    const own = id === undefined ? undefined : this.own[id];
    const perLane = (of: string, lane: number) =>
      of === id ? (own?.[lane] as number) : this.#perLane(of, extent, lane);
    const [begin, end] = formula.rows ?? [0, Infinity];
    const heads = formula.sum
      ? this.sum(extent, (i) => {
          const isSummed = this.#row(i) >= begin && this.#row(i) < end;
          return isSummed
            ? (formula.sum as string[]).reduce((product, id) => product * this.at(id, i), 1)
            : 0;
        })
      : Array.from({ length: lanes }, (_, lane) => (formula.array ? perLane(formula.array, lane) : 1));
    const { shared } = formula;
    if (shared === "mean") heads.fill(heads.reduce((a, b) => a + b, 0) / lanes);
    else if (shared !== null) heads.fill(heads[shared] as number);
    const constant = this.constant(formula);
    return heads.map((head, lane) =>
      formula.powers.reduce((product, { of, exponent }) => {
        const value = perLane(of, lane);
        return product * (formula.absolute && of === "gamma" ? Math.abs(value) : value) ** exponent;
      }, head * constant),
    );
  }
  /** NaN if it differs within the lane. */
  #perLane(id: string, extent: Extent, lane: number): number {
    const all = Array.from({ length: this.#size }, (_, i) => i).filter((i) => this.#lane(extent, i) === lane);
    const values = new Set(all.map((i) => this.at(id, i)));
    return values.size === 1 ? ([...values][0] as number) : Number.NaN;
  }

  /** Values times a factor for each group; of parameters, where a group has its own. */
  scaled(id: string, values: readonly number[], factors: readonly number[]): number[] {
    const extent = extentOf(id);
    if (extent === "elements") return values.map((value, at) => value * (factors[this.#group(at)] as number));
    return values.map(
      (value, at) => value * (values.length === factors.length ? (factors[at] as number) : Number.NaN),
    );
  }

  /** The coefficients of the patterns in an array of elements, for each group: [pattern][group]. */
  project(values: ArrayLike<number>, patterns: readonly (string | null)[]): number[][] {
    const found = patterns.map(() => new Array<number>(this.groups).fill(0));
    for (let group = 0; group < this.groups; ++group) {
      const own = Array.from({ length: this.#size }, (_, i) => i).filter((i) => this.#group(i) === group);
      const columns = patterns.map((id) => own.map((i) => (id === null ? 1 : this.at(id, i))));
      const scales = columns.map((column) => largest(column) || 1);
      const unit = columns.map((column, at) => column.map((value) => value / (scales[at] as number)));
      const solution = leastSquares(
        unit,
        own.map((i) => values[i] as number),
      );
      for (const [at, value] of solution.entries())
        (found[at] as number[])[group] = value / (scales[at] as number);
    }
    return found;
  }
  combine(patterns: readonly (string | null)[], coefficients: readonly number[][]): number[] {
    return Array.from({ length: this.#size }, (_, i) =>
      patterns.reduce(
        (total, id, at) =>
          total + (coefficients[at]?.[this.#group(i)] as number) * (id === null ? 1 : this.at(id, i)),
        0,
      ),
    );
  }
}

/** By Gram and Schmidt, twice; a column that the others give counts as 0. */
function leastSquares(columns: readonly number[][], wanted: readonly number[]): number[] {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((total, value, at) => total + value * (b[at] as number), 0);
  const basis: number[][] = [];
  const upper: number[][] = [];
  for (const column of columns) {
    let rest = [...column];
    const shares = basis.map(() => 0);
    for (let round = 0; round < 2; ++round) {
      for (const [at, one] of basis.entries()) {
        const share = dot(one, rest);
        shares[at] = (shares[at] as number) + share;
        rest = rest.map((value, i) => value - share * (one[i] as number));
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    const isNew = length > 1e-9 * Math.sqrt(dot(column, column));
    upper.push([...shares, isNew ? length : Infinity]);
    basis.push(isNew ? rest.map((value) => value / length) : rest.map(() => 0));
  }
  const solution = basis.map((one) => dot(one, wanted));
  for (let at = solution.length - 1; at >= 0; --at) {
    solution[at] = (solution[at] as number) / (upper[at]?.[at] as number);
    for (let above = 0; above < at; ++above)
      solution[above] =
        (solution[above] as number) - (upper[at]?.[above] as number) * (solution[at] as number);
  }
  return solution;
}

/** A world to look from, and the same with another root. */
export interface Place {
  world: World;
  rooted: (root: Root) => World[];
}

const kPowers = [1, 2, 3];

/** The right array for another root: in a world that has it, or by a power of std in the formula alone. */
function* withRoot(id: string, root: Root, { world, rooted }: Place): Generator<number[]> {
  for (const other of rooted(root)) yield other.own[id] as number[];
  const right = world.own[id] as number[];
  const [std, variance] = [world.held["std"], world.held["var"]] as [ArrayLike<number>, ArrayLike<number>];
  const factors = Array.from(std, (value, at) => value / world.root(root, variance[at] as number));
  for (const power of kPowers)
    yield world.scaled(
      id,
      right,
      factors.map((factor) => factor ** power),
    );
}

/** Every value that the explanation gives for the array, one for each way to read it. */
export function* readings(
  id: string,
  explanation: Explanation,
  given: FloatArray,
  place: Place,
): Generator<number[]> {
  const { world } = place;
  switch (explanation.kind) {
    case "formula":
      yield world.formula(extentOf(id), explanation.formula, id);
      return;
    case "eps":
      yield* withRoot(id, explanation.root, place);
      return;
    case "moved":
      yield world.moved(id, explanation.by, explanation.along);
      return;
    case "elements": {
      // the values that are furthest off are the wrong ones
      const right = world.own[id] as number[];
      const off = right.map((value, at) => [Math.abs((given[at] as number) - value), at] as const);
      const worst = off.toSorted(([a], [b]) => b - a).slice(0, explanation.count);
      const wrong = new Set(worst.map(([, at]) => at));
      yield right.map((value, at) => (wrong.has(at) ? (given[at] as number) : value));
      return;
    }
    case "offset":
      yield (world.own[id] as number[]).map((value) => value + explanation.by);
      return;
    case "clipped": {
      const { low, high } = explanation;
      const clip = (value: number) => Math.min(Math.max(value, low ?? -Infinity), high ?? Infinity);
      yield (world.own[id] as number[]).map(clip);
      return;
    }
    case "not-finite":
      yield (world.own[id] as number[]).map((value, at) =>
        Number.isFinite(given[at]) ? value : (given[at] as number),
      );
      return;
    case "sign":
      yield (world.own[id] as number[]).map((value) => -value);
      return;
    case "name":
      yield Array.from(world.own[explanation.other] ?? world.held[explanation.other] ?? []);
      return;
    case "paths": {
      const patterns = explanation.shares.map(({ pattern }) => pattern);
      const partsOf = (values: number[]) => world.project(values, patterns);
      const right = partsOf(world.own[id] as number[]);
      // For each share, every reading of its coefficients.
      const choices = explanation.shares.map(({ state, formula, root }, at): number[][] => {
        if (state === "right") return [right[at] as number[]];
        if (state === "root" && root)
          return [...withRoot(id, root, place)].map((values) => partsOf(values)[at] as number[]);
        if (state === "formula" && formula) return [world.formula("statistics", formula)];
        return [new Array<number>(world.groups).fill(0)];
      });
      const open = patterns.filter((_, at) => explanation.shares[at]?.state === "other");
      for (const known of combinations(choices)) {
        const told = world.combine(patterns, known);
        const rest = told.map((value, at) => (given[at] as number) - value);
        const more = world.combine(open, world.project(rest, open));
        yield told.map((value, at) => value + (more[at] as number));
      }
    }
  }
}

function* combinations<One>(choices: readonly (readonly One[])[]): Generator<One[]> {
  const [first, ...rest] = choices;
  if (!first) return yield [];
  for (const one of first) for (const others of combinations(rest)) yield [one, ...others];
}

/** What the relation gives for the array; null where nothing is to be computed. */
export function related(id: string, relation: Relation, { world }: Place): number[] | null {
  const right = world.own[id] as number[];
  switch (relation.kind) {
    case "ratio":
      return right.map((value) => value * relation.ratio);
    case "equals":
      return Array.from(world.own[relation.other] ?? world.held[relation.other] ?? []);
    case "power": {
      const power: Formula = {
        ...{ constant: 1, counts: [], absolute: false, rows: null, sum: null, array: null },
        ...{ ratio: null, named: true, shared: null },
        powers: [{ of: relation.of, exponent: relation.exponent }],
      };
      const factors = world.formula(extentOf(id) === "elements" ? "statistics" : extentOf(id), power);
      if (extentOf(id) !== "elements") return right.map((value, at) => value * (factors[at] as number));
      return right.map((value, at) => value * world.at(relation.of, at) ** relation.exponent);
    }
    default:
      return null;
  }
}
