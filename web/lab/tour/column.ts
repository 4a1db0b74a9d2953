import type { Backnorm, NodeId, Trace } from "../../src/index.ts";
import { isFlat, type PageCase } from "../maths/norms.ts";
import { kTourCase } from "../model/tour.ts";

/** The mistake of a reader who takes mean and variance for constants: dx = dy·gamma/std. */
export const kNaive = "detached-stats";

/** As many rows as fit on one screen beside a sentence. */
const kMostRows = 5;

/** Whether the tour can show a case: one that can be followed by hand. */
const isByHand = (kase: PageCase): boolean =>
  isFlat(kase) &&
  (kase.shape[0] as number) <= kMostRows &&
  kase.eps === 0 &&
  !kase.ddof &&
  [kase.x, kase.dy].every((values) => values.every(Number.isInteger));

/** The first column of a case, with all that the engine computes of it. */
export class Column {
  readonly kase: PageCase;
  readonly trace: Trace<Float64Array>;
  readonly rows: number;
  readonly columns: number;

  constructor(bn: Backnorm, kase: PageCase) {
    this.kase = kase;
    this.trace = bn.trace(kase) as Trace<Float64Array>;
    [this.rows, this.columns] = kase.shape as [number, number];
  }

  /** Of an array of any size, what belongs to the column. */
  of(values: Float64Array): number[] {
    return Array.from(values).filter((_, at) => at % this.columns === 0);
  }

  value(id: NodeId): number[] {
    return this.of(this.#node(id).value);
  }

  grad(id: NodeId): number[] {
    return this.of(this.#node(id).grad);
  }

  /** A number that the whole column shares. */
  one(id: NodeId, which: "value" | "grad" = "value"): number {
    return this[which](id)[0] as number;
  }

  /** L = Σ dy·y, over the whole case. */
  get loss(): number {
    const y = this.#node("y").value;
    return this.kase.dy.reduce((sum, slope, at) => sum + slope * (y[at] as number), 0);
  }

  /** The case with one number of the column moved. */
  moved(row: number, by: number): PageCase {
    const x = this.kase.x.slice();
    x[row * this.columns] = (x[row * this.columns] as number) + by;
    return { ...this.kase, x };
  }

  get isFinite(): boolean {
    return this.trace.nodes.every(({ value, grad }) =>
      [value, grad].every((all) => all.every(Number.isFinite)),
    );
  }

  #node(id: NodeId) {
    return this.trace.nodes.find((node) => node.id === id) as Trace<Float64Array>["nodes"][number];
  }
}

/** What the tour shows of the page's case, or of its own where that can't be followed by hand. */
export function columnOf(bn: Backnorm, kase: PageCase | undefined): Column {
  const column = kase && isByHand(kase) ? new Column(bn, kase) : undefined;
  return column?.isFinite ? column : new Column(bn, bn.presets[kTourCase] as PageCase);
}
