/** As much of node:test as the package's tests use, for browsers: tests are kept until run.ts runs them. */
import { OnlyInNode } from "./node.ts";

type Body = () => unknown;
interface Options {
  skip?: boolean | string;
  timeout?: number;
}

const tests: { title: string; body: Body; skip: boolean | string }[] = [];

export function test(title: string, ...rest: [Body] | [Options, Body]) {
  const [{ skip = false }, body] = rest.length === 2 ? rest : [{} as Options, rest[0]];
  tests.push({ title, body, skip });
}
export const after = () => {}; // what is printed in the end is for Node

export interface Outcome {
  title: string;
  /** What went wrong, or what the browser lacks; neither where it passed. */
  failed?: string;
  leftOut?: string;
}

async function outcomeOf(body: Body): Promise<Omit<Outcome, "title">> {
  try {
    await body();
    return {};
  } catch (error) {
    if (error instanceof OnlyInNode) return { leftOut: error.message };
    const { name, message, stack } = error as Error;
    return { failed: `${name}: ${message}\n${stack}` };
  }
}

export async function run(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { title, body, skip } of tests)
    outcomes.push({ title, ...(skip ? { leftOut: `${skip}` } : await outcomeOf(body)) });
  return outcomes;
}
