import type { Norm } from "../../src/index.ts";
import { type NormKeys, readNorm } from "../maths/norms.ts";
import type { NotationId } from "../maths/notations.ts";
import type { Language } from "../model/choices.ts";
import type { Opening } from "../model/openings.ts";
import { drawOf } from "../session/link.ts";
import { plainName, seedOf } from "./seed.ts";

/** What the links of a class have in common. */
export interface Plan {
  norm: Norm;
  /** As in a link: 6x3. */
  shape: string;
  /** Of group norm. */
  groups: number;
  notation: NotationId;
  language: Language;
  opening: Opening;
}

/** A student with a link. */
export interface Student {
  name: string;
  seed: number;
  /** From "#" on. */
  fragment: string;
  /** The example that the link opens with, counted from 1. */
  example: number | undefined;
}

interface Usual {
  shape: string;
  /** The spread and the mean of x, on which mistakes show. */
  draw: string;
}

/** A shape to begin with. Its sides differ, since a sum along the wrong axis would have the right shape otherwise. */
export const kUsual: Readonly<Record<Norm, Usual>> = {
  batch: { shape: "6x3", draw: "2:10" },
  layer: { shape: "3x5", draw: "2:10" },
  group: { shape: "2x6x2x3", draw: "2:10" },
  instance: { shape: "2x3x2x4", draw: "2:10" },
  // a larger mean would leave little of dx
  rms: { shape: "3x5", draw: "2:1" },
};

/** More numbers don't print well, and a check of them takes seconds. */
export const kMostNumbers = 10_000;
export const kMostStudents = 500;
/** The examples of Find my mistake, which begin again after them. */
const kExamples = 5;

/** 6 × 3, 6*3 and 6, 3 mean 6x3. */
export const plainShape = (text: string) =>
  text
    .normalize("NFKC")
    .trim()
    .replace(/^[([]|[)\]]$/g, "")
    .replace(/\s*[x×*,]\s*/gi, "x");

const baseOf = ({ norm, shape }: Plan, seed: number) =>
  `randn:${seed}:${plainShape(shape)}:${kUsual[norm].draw}`;

const keysOf = ({ norm, groups }: Plan): NormKeys =>
  norm === "batch" ? {} : { norm, ...(norm === "group" ? { groups } : {}) };

/** Whether the norm can have the shape, with two values or more in a group. */
export function isPossible(plan: Plan): boolean {
  const { shape = [] } = drawOf(baseOf(plan, 0)) ?? {};
  if (shape.length === 0 || shape.reduce((all, one) => all * one, 1) > kMostNumbers) return false;
  try {
    return readNorm({ shape, ...keysOf(plan) }).m > 1;
  } catch {
    return false;
  }
}

const openings: Readonly<Record<Opening, readonly string[]>> = {
  assignment: ["mode=no-spoiler"],
  mine: ["open=mine"],
  example: ["open=mine"],
  graph: ["node=x"],
  steps: ["node=x", "lens=steps"],
  paths: ["node=x", "lens=paths"],
  closed: ["node=x", "lens=closed"],
};

function studentOf(plan: Plan, name: string): Student {
  const { notation, language, opening } = plan;
  const seed = seedOf(name);
  const example = opening === "example" ? (seed % kExamples) + 1 : undefined;
  const parts = [
    "v=1",
    `case=${baseOf(plan, seed)}`,
    ...Object.entries(keysOf(plan)).map(([key, value]) => `${key}=${value}`),
    ...openings[opening],
    ...(example === undefined ? [] : [`example=${example}`]),
    ...(notation === "paper" ? [] : [`names=${notation}`]),
    ...(language === "en" ? [] : [`lang=${language}`]),
  ];
  return { name, seed, fragment: `#${parts.join("&")}`, example };
}

/** The names in a list, one a line. The same name again says nothing new. */
export function namesIn(list: string): string[] {
  const names = new Map<string, string>();
  for (const line of list.split(/\r?\n/)) {
    const name = line.replace(/\s+/g, " ").trim();
    if (name && !names.has(plainName(name))) names.set(plainName(name), name);
  }
  return [...names.values()];
}

/** How many lines repeat a name. */
export const repeatsIn = (list: string) =>
  list.split(/\r?\n/).filter((line) => line.trim()).length - namesIn(list).length;

export const studentsOf = (plan: Plan, list: string): Student[] =>
  namesIn(list)
    .slice(0, kMostStudents)
    .map((name) => studentOf(plan, name));
