/**
 * What `diagnose` says was computed: wrong NumPy programs, in the ways in which people give their arrays.
 * tests/data/wrong_elsewhere.py writes them with their prints, those of wrong_programs.py among them. `npm run explanations`
 * prints the table, with a line for each program that isn't explained; with `-- --write` it writes
 * tests/data/EXPLANATIONS.md.
 *
 * A formula, a path or an eps counts as true if it gives the learner's array when explained.ts computes it again from
 * the learner's own arrays, by loops that share nothing with the C++.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Backnorm,
  type Claim,
  type Diagnosis,
  type Explanation,
  type Finding,
  type FloatArray,
  load,
  type NormCase,
  parseArray,
  type Recognition,
  type Relation,
} from "backnorm";
import { type Arrays, extentOf, type Place, readings, related, World } from "./explained.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = "/usr/bin/python3"; // the one whose NumPy is that of the system

function runPython(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ["tests/data/wrong_elsewhere.py", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`wrong_elsewhere.py ${args.join(" ")}: ${stderr}`);
  return stdout;
}

// ---- What was given ----------------------------------------------------------------------------------------

const texts = ["typed", "print 8", "print 4", "print 3", "plain"] as const;
const forms = ["numbers", ...texts, "float32"] as const;
type Form = (typeof forms)[number];
/** numbers: all digits, as numbers. float32: computed in it, handed in as float64. */
const formNames: Record<Form, string> = {
  numbers: "as numbers",
  typed: "typed, 17 digits",
  "print 8": "printed, 8 digits",
  "print 4": "printed, 4 digits",
  "print 3": "printed, 3 digits",
  plain: "without brackets, 8 digits",
  float32: "float32 without saying so",
};
const sets = ["all", "dx, dgamma, dbeta", "dx"] as const;
type Given = (typeof sets)[number];
type Hidden = Extract<Recognition, { kind: "hidden" }>;
const isGiven = (set: Given, id: string) =>
  set === "all" ? !["x", "gamma", "beta", "dy"].includes(id) : set.split(", ").includes(id);

/** What a program of wrong_elsewhere.py should be explained as. */
type Expectation =
  | { bank: string }
  | { relation: Relation["kind"]; ratio?: number; of?: string; other?: string }
  | {
      explained: string;
      eps?: number;
      outside?: boolean;
      twice?: boolean;
      sum?: string[];
      rows?: boolean;
      shared?: boolean;
      shares?: Record<string, "right" | "missing" | "shared" | number | string | null>;
    };

export interface Program {
  id: string;
  kind: "right" | "single" | "pair" | "unknown" | "elsewhere";
  style?: string;
  ids?: string[];
  first?: string | null;
  where?: string;
  expect?: Record<string, Expectation[]>;
  arrays: Record<
    string,
    {
      offset: number;
      shape: number[];
      /** The largest difference from the right array in exact enough arithmetic; null if the shape is wrong. */
      differs: number | null;
      texts: Record<(typeof texts)[number], string>;
      float32: number;
    }
  >;
}

interface Stored {
  name: string;
  kase: NormCase<Float64Array>;
  programs: Program[];
  read: (offset: number, shape: readonly number[]) => Float64Array;
}

function stored(name: string): Stored {
  const folder = mkdtempSync(join(tmpdir(), "backnorm-"));
  try {
    runPython("--write", folder, name);
    const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
    const { buffer, byteOffset } = readFileSync(join(folder, "data.bin"));
    const read = (offset: number, shape: readonly number[]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      const from = byteOffset + offset;
      return new Float64Array(buffer.slice(from, from + length * Float64Array.BYTES_PER_ELEMENT));
    };
    const { shape, eps, ddof, norm } = index.case as {
      shape: number[];
      eps: number;
      ddof: 0 | 1;
      norm?: "layer";
    };
    const [x, gamma, beta, dy] = ["x", "gamma", "beta", "dy"].map((id) =>
      read(...(index.case[id] as [number, number[]])),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    const kase = {
      x,
      gamma,
      beta,
      dy,
      shape,
      eps,
      ddof,
      ...(norm ? { norm } : { layout: "channels-last" as const }),
    } as const;
    return { name, kase, programs: index.programs, read };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// ---- What was said -----------------------------------------------------------------------------------------

export const outcomes = ["right", "part", "not", "wrongly", "invisible"] as const;
/**
 * right: the first wrong array is named and what it is is said, of two mistakes both. part: the first wrong array is
 * right, and something true but less is said. not: nothing is said, or no array is called wrong. wrongly: something false.
 */
export type Outcome = (typeof outcomes)[number];

export interface Examined {
  caseName: string;
  program: Program;
  set: Given;
  form: Form;
  outcome: Outcome;
  why: string;
  /** Right arrays that were called wrong. */
  faults: string[];
  /** Right arrays of which it was said what they were computed as, but for conventions. */
  restated: string[];
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

interface Asked {
  bn: Backnorm;
  kase: NormCase<Float64Array>;
  program: Program;
  form: Form;
  claims: Record<string, { data: FloatArray; resolution?: Float64Array }>;
  found: Diagnosis;
}

/** The learner's world: with all of their arrays, with those alone that are wrong, and with none. */
function places({ kase, claims, found }: Asked): Place[] {
  const wrong = found.nodes.filter(({ truth }) => truth === "fail").map(({ id }) => id);
  const all: Arrays = Object.fromEntries(Object.entries(claims).map(([id, { data }]) => [id, data]));
  const some: Arrays = Object.fromEntries(Object.entries(all).filter(([id]) => wrong.includes(id)));
  const ways = [
    { held: all, infers: false },
    { held: some, infers: false },
    { held: some, infers: true },
    { held: {}, infers: false },
  ];
  return ways.map(({ held, infers }) => {
    const world = new World(kase, held, undefined, infers);
    return {
      world,
      // In the array alone, the arrays before it as they are; or in all that follows.
      rooted: (other) => [
        new World(kase, { ...world.held, ...held }, other),
        new World(kase, held, other),
        new World(kase, {}, other),
      ],
    };
  });
}

/**
 * Whether computed values are the given ones: within twice the bound that diagnose has for the array, in proportion where
 * the array is larger than the right one; in few digits, where those of the arrays before it count too, within a share of
 * its distance to the right array.
 */
function agrees(asked: Asked, { id, bound }: Finding, values: readonly number[] | null, rounded = 0.03) {
  const { data, resolution } = asked.claims[id] as Asked["claims"][string];
  if (values?.length !== data.length) return false;
  const right = new World(asked.kase, {}).own[id] as number[];
  const growth = Math.max(1, largest(data) / (largest(right) || 1));
  const distance = largest(right.map((value, at) => value - (data[at] as number)));
  const share = ["numbers", "typed"].includes(asked.form) ? 1e-9 : rounded;
  return values.every((value, at) => {
    const off = Math.abs(value - (data[at] as number));
    return off <= Math.max(2 * bound * growth + 2 * (resolution?.[at] ?? 0), share * distance);
  });
}

const isTrue = (asked: Asked, finding: Finding, explanation: Explanation) =>
  places(asked).some((place) => {
    const { data } = asked.claims[finding.id] as Asked["claims"][string];
    return [...readings(finding.id, explanation, data, place)].some((values) =>
      agrees(asked, finding, values),
    );
  });

/** Relations that say all of an array. */
const whole: Relation["kind"][] = [
  ...(["shape", "transposed", "unsummed", "wrong-axis", "per-sample", "power", "equals"] as const),
  ...(["missing-path", "only-path"] as const),
];
const fractions = [1, 2, 3, 4, 5, 6, 8, 10].flatMap((above) =>
  [1, 2, 3, 4, 6, 8, 10].map((below) => above / below),
);
const isClose = (a: number, b: number, share: number) => Math.abs(a - b) <= share * Math.abs(b);

/** A ratio that people write: a fraction times powers of M and M - 1. */
function isNamed({ kase }: Asked, ratio: number) {
  const { rows } = new World(kase, {});
  const powers = [-2, -1, 0, 1, 2].flatMap((a) => [-1, 0, 1].map((b) => rows ** a * (rows - 1) ** b));
  return powers.some((power) => fractions.some((one) => isClose(Math.abs(ratio), power * one, 1e-4)));
}

function isWhole(explanation: Explanation): boolean {
  if (explanation.kind === "formula") return explanation.formula.named;
  if (explanation.kind !== "paths") return true;
  return explanation.shares.every(({ state, formula }) => state !== "other" && (formula?.named ?? true));
}

const factors: Record<string, string> = { dxhat: "dy", dscaled: "dy", xhat: "xc", scaled: "xc" };
/** But for factors of a group. */
const bare = (sum: readonly string[]) =>
  sum
    .map((id) => factors[id] ?? id)
    .sort()
    .join();

function meets(asked: Asked, expected: Expectation, { relation, explanation }: Finding): boolean {
  if ("bank" in expected) return asked.found.mistakes.some(({ id }) => id === expected.bank);
  if ("relation" in expected) {
    if (relation?.kind !== expected.relation) return false;
    if (relation.kind === "ratio" && expected.ratio !== undefined)
      return isClose(relation.ratio, expected.ratio, 1e-3);
    if (relation.kind === "power") return relation.of === expected.of;
    return relation.kind !== "equals" || relation.other === expected.other;
  }
  if (!explanation || expected.explained !== explanation.kind) {
    // A root may stand in the paths.
    const shares = explanation?.kind === "paths" ? explanation.shares : [];
    const roots = shares.flatMap(({ root: one }) => (one ? [one] : []));
    return expected.explained === "eps" && roots.some((one) => meetsRoot(expected, one));
  }
  switch (explanation.kind) {
    case "eps":
      return meetsRoot(expected, explanation.root);
    case "formula": {
      const { sum, rows, shared } = explanation.formula;
      if (expected.rows && !rows) return false;
      return expected.shared ? shared !== null : !expected.sum || bare(sum ?? []) === bare(expected.sum);
    }
    case "paths":
      return Object.entries(expected.shares ?? {}).every(([pattern, wanted]) => {
        const share = explanation.shares.find((one) => (one.pattern ?? "1") === pattern);
        if (wanted === "right" || wanted === "missing") return share?.state === wanted;
        if (share?.state !== "formula") return false;
        if (wanted === null) return true;
        if (wanted === "shared") return share.formula?.shared !== null;
        const { ratio } = share.formula as { ratio: Parameters<World["constant"]>[0] | null };
        return (
          ratio !== null && isClose(new World(asked.kase, {}).constant(ratio), numberOf(wanted, asked), 1e-3)
        );
      });
    default:
      return true;
  }
}

function numberOf(wanted: number | string, { kase: { shape = [], norm } }: Asked): number {
  if (typeof wanted === "number") return wanted;
  const [N, C] = [shape[0] as number, shape.at(-1) as number];
  if (wanted === "H·W") return shape.slice(1, -1).reduce((a, b) => a * b, 1);
  return norm === "layer" ? C / N : N / C;
}

function meetsRoot(
  { eps, outside = false, twice = false }: { eps?: number; outside?: boolean; twice?: boolean },
  found: { inside: number; outside: number },
) {
  if (twice) return found.inside > 0 && found.outside > 0;
  if (eps === undefined || found.inside * found.outside > 0) return false;
  const [added, other] = outside ? [found.outside, found.inside] : [found.inside, found.outside];
  return other === 0 && (eps === 0 ? added === 0 : isClose(added, eps, 0.05));
}

const stateOrder = ["wrongly", "not", "part", "right"] as const;
type State = (typeof stateOrder)[number];

/** Whether the mistake gives every array that was handed in. */
function fits({ bn, kase, claims, found }: Asked, id: string): boolean {
  const { nodes } = bn.trace(kase, { mistakes: [id] });
  return found.nodes.every((finding) => {
    const isGradient = finding.id.startsWith("d") && !finding.id.includes(">");
    const node = nodes.find((one) => one.id === (isGradient ? finding.id.slice(1) : finding.id));
    const { data, resolution } = claims[finding.id] as Asked["claims"][string];
    const values = isGradient ? node?.grad : node?.value;
    if (values?.length !== data.length) return true; // another shape, or a contribution
    return values.every((value, at) => {
      const slack = 8 * finding.bound * Math.max(1, largest(data) / (largest(values) || 1));
      return Math.abs(value - (data[at] as number)) <= slack + 2 * (resolution?.[at] ?? 0);
    });
  });
}

/** They compute with another dy than the one they were given. */
const otherInputs = ["dy in half precision", "the last row of dy dropped"];

/** Whether the array follows from the learner's others by the right formula, so that nothing is wrong in it. */
const isInherited = (asked: Asked, finding: Finding) =>
  places(asked).some((place) => agrees(asked, finding, place.world.own[finding.id] as number[], 1e-3));

/** What is said of one wrong array. */
function judgeArray(asked: Asked, finding: Finding): { state: State; why: string } {
  const { program, found } = asked;
  const { relation, explanation, id } = finding;
  const said = [
    ...(found.mistakes.length > 0 ? [`bank ${found.mistakes.map((one) => one.id).join(", ")}`] : []),
    ...(relation ? [`relation ${shown(relation)}`] : []),
    ...(explanation ? [`explained ${shown(explanation)}`] : []),
  ];
  const why = `${id}: ${said.join("; ") || "nothing is said"}`;
  const own = [program.id, ...(program.ids ?? [])];
  const wanted = program.expect?.[id] ?? program.expect?.["*"];
  const banks = [...own, ...(wanted ?? []).flatMap((one) => ("bank" in one ? [one.bank] : []))];
  const strangers = found.mistakes.filter((one) => !banks.includes(one.id));
  const isOwn = strangers.length < found.mistakes.length;
  if (!isOwn && strangers.some((one) => !fits(asked, one.id))) return { state: "wrongly", why };
  const explanationHolds = explanation !== null && isTrue(asked, finding, explanation);
  if (explanation && ["formula", "paths"].includes(explanation.kind) && isInherited(asked, finding))
    return { state: "wrongly", why: `${why}, which is the right formula: nothing is wrong in it` };
  if (explanation && !explanationHolds) return { state: "wrongly", why: `${why}, which isn't so` };
  if (found.recognition?.kind === "other-inputs")
    return { state: otherInputs.includes(program.id) ? "part" : "wrongly", why: `${why}; other inputs` };
  if (found.recognition?.kind === "hidden") return judgeHidden(asked, found.recognition);
  if (found.recognition) {
    const state = program.id.includes("layer norm") ? "right" : "wrongly";
    return { state, why: `${why}; ${shown(found.recognition)}` };
  }
  if (wanted ? wanted.some((one) => meets(asked, one, finding)) : isOwn) return { state: "right", why };
  if (!wanted) {
    if (explanation && isWhole(explanation)) return { state: "right", why };
    if (relation && (whole.includes(relation.kind) || isNamedRelation(asked, finding)))
      return { state: "right", why };
  }
  return { state: explanation || relation || found.mistakes.length > 0 ? "part" : "not", why };
}

/** What is said of an array that wasn't given, and from which all that was given should follow. */
function judgeHidden(asked: Asked, { id, explanation }: Hidden): { state: State; why: string } {
  const { kase, program, found } = asked;
  const why = `hidden ${id}: ${shown(explanation)}`;
  const right = new World(kase, {});
  const place: Place = { world: right, rooted: (root) => [new World(kase, {}, root)] };
  const ratio = explanation.kind === "formula" && explanation.formula.ratio;
  const values = ratio
    ? [(right.own[id] as number[]).map((value) => value * right.constant(ratio))]
    : [...readings(id, explanation, new Float64Array(0), place)];
  const holds = values.some((value) =>
    worldsOf(kase, id, value, ratio ? right.constant(ratio) : 1).some((arrays) =>
      found.nodes.every((node) => agrees(asked, node, arrays[node.id] ?? null)),
    ),
  );
  if (!holds) return { state: "wrongly", why: `${why}, which isn't so` };
  const wanted = program.expect?.[id] ?? program.expect?.["*"] ?? [];
  const meetsRatio = (one: Expectation) =>
    "relation" in one &&
    one.relation === "ratio" &&
    ratio &&
    (one.ratio === undefined || isClose(right.constant(ratio), one.ratio, 1e-3));
  const bare = { id, relation: null, explanation } as unknown as Finding;
  const isMet = wanted.some((one) => meetsRatio(one) || meets(asked, one, bare));
  return { state: isMet ? "right" : "part", why };
}

/** What follows from a forward value, in each way in which programs go on from it. */
function worldsOf(kase: NormCase, id: string, value: number[], ratio: number): Record<string, number[]>[] {
  const right = new World(kase, {});
  const held: Arrays[] = [{ [id]: value }];
  if (id === "mean") held.push({ mean: value, var: right.own["var"] as number[] });
  const worlds = held.map((arrays) => new World(kase, arrays));
  const counted = new World(kase, { mean: value });
  const scaled = new World(kase, {
    mean: value,
    var: (counted.own["var"] as number[]).map((one) => one * ratio),
  });
  if (id === "mean") worlds.push(scaled);
  return worlds.flatMap((world) => [
    world.own,
    ...[1, ratio].map((by) => ({ ...world.own, dx: world.closed(by) })),
  ]);
}

const isNamedRelation = (asked: Asked, finding: Finding) =>
  finding.relation?.kind === "ratio" &&
  isNamed(asked, finding.relation.ratio) &&
  places(asked).some((place) =>
    agrees(asked, finding, related(finding.id, finding.relation as Relation, place)),
  );

const shown = (what: object) =>
  JSON.stringify(what, (key, value) =>
    value === null || (Array.isArray(value) && value.length === 0) || (key === "named" && value)
      ? undefined
      : typeof value === "number"
        ? Number(value.toPrecision(6))
        : value,
  ).replaceAll('"', "");

/** The ids in the order in which the first wrong array is found. */
function orderOf({ graph }: Backnorm): string[] {
  return [
    ...graph.nodes.map(({ id }) => id as string),
    ...["dbeta", "dgamma"],
    ...graph.backwardOrder.map((id) => `d${id}`),
  ];
}

function restatedIn({ nodes }: Diagnosis): string[] {
  const isConvention = (one: Explanation) => one.kind === "sign" || one.kind === "name";
  return nodes.flatMap(({ id, truth, explanation }) =>
    truth === "pass" && explanation && !isConvention(explanation) ? [`${id}: ${shown(explanation)}`] : [],
  );
}

function judge(asked: Asked): Pick<Examined, "outcome" | "why" | "faults"> {
  const { bn, kase, program, found } = asked;
  const right = new World(kase, {});
  const isRight = ({ id }: Finding) => {
    const differs = program.arrays[id]?.differs ?? Number.POSITIVE_INFINITY;
    return differs <= 1e-13 * (largest(right.own[id] ?? [1]) || 1);
  };
  const faults = found.nodes
    .filter((one) => one.truth === "fail" && isRight(one))
    .map(({ id, maxError, bound }) => `${id} is right, and is called wrong: ${maxError}, bound ${bound}`);
  // By what the mistake does, and by what is left of it in the numbers as they were given.
  const visible = found.nodes.filter(({ id, bound }) => {
    const { data } = asked.claims[id] as Asked["claims"][string];
    const wanted = right.own[id] as number[];
    const off = wanted.map((value, at) => Math.abs(value - (data[at] as number)));
    const differs = program.arrays[id]?.differs ?? Number.POSITIVE_INFINITY;
    return !(differs <= bound || (data.length === wanted.length && largest(off) <= bound));
  });
  if (program.kind === "right") {
    const quiet =
      found.firstWrong === null && found.mistakes.length === 0 && !found.recognition && faults.length === 0;
    const conventions = found.nodes.filter(({ explanation }) => explanation);
    return {
      outcome: quiet && conventions.length === 0 ? "right" : "wrongly",
      why: `first ${found.firstWrong}`,
      faults,
    };
  }
  if (found.firstWrong === null) {
    const outcome = visible.length === 0 ? "invisible" : "not";
    return { outcome, why: "no array is called wrong", faults };
  }
  const first = found.nodes.find(({ id }) => id === found.firstWrong) as Finding;
  const order = orderOf(bn);
  const before = visible.filter(
    ({ id }) => order.includes(id) && order.indexOf(id) < order.indexOf(first.id),
  );
  const isFirst = first.id === program.first || (!isRight(first) && before.length === 0);
  if (!isFirst)
    return {
      outcome: "wrongly",
      why: `blames ${first.id}, and ${before[0]?.id ?? "nothing"} is wrong`,
      faults,
    };
  const here = found.nodes.filter((one) => one.truth === "fail" && one.local === "fail" && !isRight(one));
  const judged = [first, ...here.filter((one) => one !== first)].map((one) => judgeArray(asked, one));
  const worst = judged.find(({ state }) => state === "wrongly");
  if (worst) return { outcome: "wrongly", why: worst.why, faults };
  const head = judged[0] as { state: State; why: string };
  const isTwo = program.kind === "pair" || Object.keys(program.expect ?? {}).length > 1;
  const less = isTwo && head.state === "right" ? judged.find(({ state }) => state !== "right") : undefined;
  return less ? { outcome: "part", why: less.why, faults } : { outcome: head.state, why: head.why, faults };
}

// ---- All of them -------------------------------------------------------------------------------------------

function claimsOf({ read }: Stored, program: Program, set: Given, form: Form): Asked["claims"] {
  const own = Object.entries(program.arrays).filter(([id]) => isGiven(set, id));
  return Object.fromEntries(
    own.map(([id, array]) => {
      if (form === "numbers") return [id, { data: read(array.offset, array.shape), shape: array.shape }];
      if (form === "float32") return [id, { data: read(array.float32, array.shape), shape: array.shape }];
      return [id, parseArray(array.texts[form])];
    }),
  );
}

export const caseNames = (): string[] => runPython("--list").trim().split(/\s+/);

export function examine(bn: Backnorm, caseName: string): Examined[] {
  const all = stored(caseName);
  return all.programs.flatMap((program) =>
    sets.flatMap((set) =>
      forms.map((form): Examined => {
        const claims = claimsOf(all, program, set, form);
        const found = bn.diagnose(all.kase, claims as Record<string, Claim>);
        const asked: Asked = { bn, kase: all.kase, program, form, claims, found };
        return { caseName, program, set, form, ...judge(asked), restated: restatedIn(found) };
      }),
    ),
  );
}

// ---- Corruptions -------------------------------------------------------------------------------------------

const corruptions = ["mix", "noise", "value"] as const;
export interface Corrupted {
  kind: (typeof corruptions)[number];
  what: string;
  /** A formula that people write, or another root, or a convention; one whose constant is only what fits; a mistake of the bank. */
  claim: "named" | "unnamed" | "bank" | null;
  restated: string[];
}

/** Numbers in [0, 1), the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One right array in each is replaced: by a mix with another, with noise, or in one value. */
export function corrupt(bn: Backnorm, count: number): Corrupted[] {
  const random = seeded(20);
  const kases = caseNames()
    .filter((name) => name.endsWith("batch"))
    .map((name) => stored(name).kase);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const pick = <One>(all: readonly One[]) => all[Math.floor(random() * all.length)] as One;
  return Array.from({ length: count }, (_, at): Corrupted => {
    const kind = corruptions[at % corruptions.length] as Corrupted["kind"];
    const kase = pick(kases);
    const right = new World(kase, {}).own;
    const ids = Object.keys(right).filter((id) => !id.includes(">"));
    const set = pick(sets);
    const id = pick(set === "all" ? ids : set.split(", "));
    const other = pick(ids.filter((one) => one !== id && extentOf(one) === extentOf(id)));
    const [values, others] = [right[id] as number[], right[other] as number[]];
    const [a, b, one] = [normal(), normal(), Math.floor(random() * values.length)];
    const scale = 10 ** (-4 * random());
    const data = values.map((value, i) => {
      if (kind === "mix") return a * value + b * (others[i] as number);
      if (kind === "noise") return value * (1 + scale * normal());
      return i === one ? value + normal() * largest(values) : value;
    });
    const given = Object.fromEntries(
      ids
        .filter((name) => isGiven(set, name))
        .map((name) => [name, Float64Array.from(name === id ? data : (right[name] as number[]))]),
    );
    const found = bn.diagnose(kase, given);
    // Only of the corrupted array.
    const node = found.nodes.find((one) => one.id === id);
    const said = node?.explanation && node.truth === "fail" ? [node.explanation] : [];
    const what = `${kind} ${id}${kind === "mix" ? ` ${a.toFixed(3)}, ${b.toFixed(3)} ${other}` : ""} of ${set}`;
    const shownClaim = [...found.mistakes.map((m) => m.id), ...said.map(shown)].join("; ");
    return { kind, what: `${what}: ${shownClaim}`, claim: claimIn(found, said), restated: restatedIn(found) };
  });
}

function claimIn(found: Diagnosis, said: readonly Explanation[]): Corrupted["claim"] {
  if (found.mistakes.length > 0) return "bank";
  const claims = said.flatMap((one) => {
    if (one.kind === "formula") return [one.formula.named];
    if (one.kind !== "paths") return [true];
    return one.shares.flatMap(({ state, formula }) =>
      state === "root" || state === "missing" ? [true] : formula ? [formula.named] : [],
    );
  });
  return claims.length === 0 ? null : claims.includes(true) ? "named" : "unnamed";
}

// ---- The table ---------------------------------------------------------------------------------------------

const signs: Record<Outcome, string> = { right: "●", part: "◐", not: "○", wrongly: "✗", invisible: "·" };
const groups: [title: string, kinds: Program["kind"][]][] = [
  ["Programs of other styles", ["elsewhere"]],
  ["One mistake of the bank", ["single"]],
  ["Two mistakes of the bank", ["pair"]],
  ["Programs of wrong_programs.py that are not in the bank", ["unknown"]],
];

export function asMarkdown(all: readonly Examined[], corrupted: readonly Corrupted[]): string {
  const count = (rows: readonly Examined[], outcome: Outcome) =>
    rows.filter((row) => row.outcome === outcome).length;
  const ways = sets.flatMap((set) => forms.map((form) => ({ set, form })));
  const share = (rows: readonly Examined[]) => {
    const seen = rows.length - count(rows, "invisible");
    return seen === 0 ? "" : `${((100 * count(rows, "right")) / seen).toFixed(0)} %`;
  };
  const table = (kinds: readonly Program["kind"][]) => [
    "| given | explained right | in part | not | wrongly | invisible | share right | right arrays called wrong |",
    "|---|--:|--:|--:|--:|--:|--:|--:|",
    ...ways.map(({ set, form }) => {
      const rows = all.filter(
        (row) => kinds.includes(row.program.kind) && row.set === set && row.form === form,
      );
      const faults = rows.flatMap((row) => row.faults).length;
      return `| ${set}, ${formNames[form]} | ${outcomes.map((one, at) => `${count(rows, one)}${at === 4 ? ` | ${share(rows)}` : ""}`).join(" | ")} | ${faults} |`;
    }),
  ];
  const matrix = (kinds: readonly Program["kind"][]) => {
    const rows = all.filter((row) => kinds.includes(row.program.kind));
    const ids = [...new Set(rows.map(({ program }) => program.id))];
    return [
      `| | ${sets.join(" | ")} |`,
      `|---|${sets.map(() => "---").join("|")}|`,
      ...ids.map((id) => {
        const cells = sets.map((set) => {
          const own = rows.filter((row) => row.program.id === id && row.set === set);
          const names = [...new Set(own.map(({ caseName }) => caseName))];
          return names
            .map((name) =>
              forms
                .map((form) => {
                  const here = own.filter((row) => row.caseName === name && row.form === form);
                  return signs[worst(here)];
                })
                .join(""),
            )
            .join(" ");
        });
        return `| ${id.replaceAll("|", "\\|")} | ${cells.join(" | ")} |`;
      }),
    ];
  };
  const right = all.filter(({ program }) => program.kind === "right");
  const claims = (claim: Corrupted["claim"], kind?: Corrupted["kind"]) =>
    corrupted.filter((one) => one.claim === claim && (!kind || one.kind === kind)).length;
  return `# What \`diagnose\` says was computed

Written by \`npm run explanations -- --write\`; do not edit. The programs are NumPy, in tests/data/wrong_elsewhere.py and
wrong_programs.py, on CS231n's case of 4×5 and on one of 8×4, and share nothing with the C++. What is said of a wrong array
is computed again, from the program's own arrays, and counts as true only if it gives that array.

- Explained right: the first wrong array is found, and what it is is said: for programs of other styles what
  wrong_elsewhere.py says of them, for those of wrong_programs.py the bank's name, or a relation or formula that gives the
  array. Of two mistakes, both.
- In part: the first wrong array is found, and something true but less is said.
- Not: nothing is said, or no array is called wrong although one differs by more than its bound.
- Wrongly: another array is blamed first, or what is said doesn't give the array.
- Invisible: no array differs by more than its bound. These don't count in the share.

${groups.map(([title, kinds]) => `## ${title}\n\n${table(kinds).join("\n")}`).join("\n\n")}

## Right programs

${count(right, "right")} of ${right.length} runs without findings; ${right.flatMap((row) => row.faults).length} right arrays called wrong.

Of all ${all.length} runs, ${all.filter((row) => row.restated.length > 0).length} say of a right array what it was computed as.

## Each program of other styles

● right · ◐ in part · ○ not · ✗ wrongly · · invisible. A word a case (4×5, 8×4), a sign a way: ${forms.map((form) => formNames[form]).join("; ")}.

${matrix(["elsewhere"]).join("\n")}

## Programs of wrong_programs.py that aren't explained right

Those that fail for dx alone in float32 only are left out.

${matrixOfRest(all, matrix)}

## Random corruptions

${corrupted.length} right arrays, each mixed with another, with noise, or with one other value. An explanation whose constant is
only what fits is true of its numbers, as in a mix of two patterns. The last column counts right arrays of which it was
said what they were computed as. Of one other value it is told, truly, that this value is wrong: that counts as a formula here.

| | runs | formulas claimed | with a constant that only fits | mistakes of the bank named | right arrays explained |
|---|--:|--:|--:|--:|--:|
${corruptions.map((kind) => `| ${kind} | ${corrupted.filter((one) => one.kind === kind).length} | ${claims("named", kind)} | ${claims("unnamed", kind)} | ${claims("bank", kind)} | ${corrupted.filter((one) => one.kind === kind).flatMap((one) => one.restated).length} |`).join("\n")}
`;
}

const worst = (rows: readonly Examined[]): Outcome =>
  (["wrongly", "not", "part", "right", "invisible"] as const).find((one) =>
    rows.some((row) => row.outcome === one),
  ) as Outcome;

function matrixOfRest(
  all: readonly Examined[],
  matrix: (kinds: readonly Program["kind"][]) => string[],
): string {
  const bad = new Set(
    all
      .filter(({ outcome }) => outcome !== "right" && outcome !== "invisible")
      .map(({ program }) => program.id),
  );
  const [head, line, ...rows] = matrix(["single", "pair", "unknown"]);
  const rest = rows.filter((row) =>
    [...bad].some((id) => row.startsWith(`| ${id.replaceAll("|", "\\|")} |`)),
  );
  return [head, line, ...rest].join("\n");
}

export const tablePath = join(root, "tests/data/EXPLANATIONS.md");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bn = await load();
  const all = caseNames().flatMap((name) => examine(bn, name));
  const corrupted = corrupt(bn, 2000);
  const open = all.filter(({ outcome }) => outcome !== "right" && outcome !== "invisible");
  for (const { caseName, program, set, form, outcome, why } of open)
    console.log(
      `${outcome}\t${caseName}\t${program.kind}\t${program.id} (${program.style ?? ""})\t${set}\t${form}\t${why}`,
    );
  for (const { caseName, program, set, form, faults } of all)
    for (const fault of faults) console.log(`fault\t${caseName}\t${program.id}\t${set}\t${form}\t${fault}`);
  for (const { caseName, program, set, form, restated } of all)
    for (const one of restated) console.log(`restated\t${caseName}\t${program.id}\t${set}\t${form}\t${one}`);
  for (const { what, claim } of corrupted) if (claim) console.log(`claimed ${claim}\t${what}`);
  const table = asMarkdown(all, corrupted);
  if (process.argv.includes("--write")) writeFileSync(tablePath, table);
  else console.log(table);
}
