/** As much of node:test as the package's tests use, for browsers: tests are kept until run.ts runs them. */
import { OnlyInNode } from "./node.ts";

type Body = () => unknown;
interface Options {
  skip?: boolean | string;
  timeout?: number;
}

const tests: { title: string; body: Body; skip: boolean | string }[] = [];
const last: Body[] = [];

export function test(title: string, ...rest: [Body] | [Options, Body]) {
  const [{ skip = false }, body] = rest.length === 2 ? rest : [{} as Options, rest[0]];
  tests.push({ title, body, skip });
}
export const after = (body: Body) => void last.push(body);

export interface Outcome {
  title: string;
  /** What went wrong, or what the browser lacks; neither where it passed. */
  failed?: string;
  leftOut?: string;
}

export async function run(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { title, body, skip } of tests) {
    if (skip) {
      outcomes.push({ title, leftOut: String(skip) });
      continue;
    }
    try {
      await body();
      outcomes.push({ title });
    } catch (error) {
      const { name, message, stack } = error as Error;
      if (error instanceof OnlyInNode) outcomes.push({ title, leftOut: message });
      else outcomes.push({ title, failed: `${name}: ${message}\n${stack}` });
    }
  }
  for (const body of last) await body();
  return outcomes;
}
