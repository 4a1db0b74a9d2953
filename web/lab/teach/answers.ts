import type { Backnorm, Graph, Mistake, NodeId, Trace } from "../../src/index.ts";
import { stepsOf } from "../maths/graph-facts.ts";
import { nameOfNorm, type PageCase } from "../maths/norms.ts";
import { switchableIn } from "../model/mistakes.ts";
import { readLink } from "../session/link.ts";
import { baseOf, caseOf } from "../session/origin.ts";
import type { Student } from "./plan.ts";

/** What a teacher needs to recognise a student's numbers and to mark them. */
export interface Answer {
  kase: PageCase;
  dgamma: Float64Array;
  dx: Float64Array;
  /** The sum of the absolute values of dx; the plain sum is 0 in most norms. */
  total: number;
  /** The mistake in the example that the link opens with. */
  mistake: Mistake | undefined;
  /** The first wrong array in it, such as dvar. */
  firstWrong: string | undefined;
}

/** The case that a link opens with, read as the page reads it. */
export async function caseIn(bn: Backnorm, fragment: string): Promise<PageCase> {
  const known = { nodes: ["x" as NodeId], mistakes: [], moments: [] };
  const { kase } = readLink(fragment, known, {
    base: "cs231n",
    selection: { node: "x", cell: { row: 0, column: 0 } },
  });
  if (!kase) throw new Error(`no case in ${fragment}`);
  return caseOf(await baseOf(bn, kase.base, kase.changes), kase) as PageCase;
}

/** The mistake of an example. usual: the mistakes of Find my mistake's examples, of which a norm may lack some. */
function mistakeOf(bn: Backnorm, kase: PageCase, example: number, usual: readonly string[]): Mistake {
  const known = switchableIn(bn, nameOfNorm(kase));
  const own = usual.flatMap((id) => known.find((mistake) => mistake.id === id) ?? []);
  const examples = own.length > 0 ? own : known.slice(0, usual.length);
  return examples[(example - 1) % examples.length] as Mistake;
}

const gradientOf = ({ nodes }: Trace<Float64Array>, id: NodeId) =>
  nodes.find((node) => node.id === id)?.grad as Float64Array;

export async function answerOf(
  bn: Backnorm,
  { fragment, example }: Student,
  usual: readonly string[],
): Promise<Answer> {
  const kase = await caseIn(bn, fragment);
  const trace = bn.trace(kase);
  const mistake = example === undefined ? undefined : mistakeOf(bn, kase, example, usual);
  const dx = gradientOf(trace, "x");
  return {
    kase,
    dgamma: gradientOf(trace, "gamma"),
    dx,
    total: dx.reduce((sum, value) => sum + Math.abs(value), 0),
    mistake,
    firstWrong: mistake && firstWrongOf(bn, kase, mistake.id),
  };
}

/** The first wrong array of an example, as Find my mistake says it. */
function firstWrongOf(bn: Backnorm, kase: PageCase, mistake: string): string | undefined {
  const trace = bn.trace(kase, { mistakes: [mistake] });
  const steps = stepsOf(bn.graphOf(nameOfNorm(kase)) as Graph);
  const printed = Object.fromEntries(steps.map((step) => [`d${step}`, gradientOf(trace, step)]));
  return bn.diagnose(kase, printed).firstWrong ?? undefined;
}
