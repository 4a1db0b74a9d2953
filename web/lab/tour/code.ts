import { html } from "lit";
import type { GraphEdge, NodeId } from "../../src/index.ts";
import { kColumnAxes } from "../maths/axes.ts";
import { codeLine, edgeLine } from "../maths/code-lines.ts";
import { stepsOf } from "../maths/graph-facts.ts";
import { math } from "../maths/mathml.ts";
import { verdictChip } from "../ui/verdict.ts";
import { kNaive } from "./column.ts";
import type { Stage, View } from "./stage.ts";

/** What a reader prints who takes the statistics for constants. */
const isPrinted = (id: NodeId) => id !== "var" && id !== "mean";

/** The program of the first scene, with the verdict on each of its arrays. */
export function code({ locale, bn, column, mine }: Stage): View {
  const { tour } = locale.tour;
  const { code: names, formulas, notation } = locale;
  const steps = stepsOf(bn.graph).filter(isPrinted);
  const { nodes } = bn.trace(column.kase, { mistakes: [kNaive] });
  const arrays = Object.fromEntries(
    steps.map((id) => [`d${id}`, nodes.find((node) => node.id === id)?.grad as Float64Array]),
  );
  const { nodes: findings } = bn.diagnose(column.kase, arrays);
  const direct = bn.graph.edges.find(({ from, to }) => from === "xc" && to === "xhat") as GraphEdge;
  const coding = { notation, ddof: 0, axes: kColumnAxes } as const;
  const lineOf = (id: NodeId) =>
    id === "x" ? edgeLine(bn.graph, direct, names.dx, coding) : codeLine(bn.graph, id, coding);
  return {
    title: tour.code.title(math(formulas.partials.x)),
    picture: html`
      <ol class="program">${steps.map((id) => {
        const isRight = findings.find((one) => one.id === `d${id}`)?.truth === "pass";
        return html`<li data-array=${`d${id}`} class=${isRight ? "" : "wrong"}><code>${lineOf(id)}</code>
          ${isRight ? verdictChip("pass", tour.code.right) : verdictChip("fail", tour.code.wrong)}</li>`;
      })}</ol>`,
    act: html`<a class="control act" name="act" href=${mine}>${tour.code.act}</a>`,
    said: tour.code.said,
  };
}
