/** 全部中文文字。 */
import type { Notation } from "../../maths/notations.ts";
import type { RestWords, Words } from "../vocabulary.ts";
import { batches } from "./batches.ts";
import { check } from "./check.ts";
import { closedForm } from "./closed-form.ts";
import { embed } from "./embed.ts";
import { files } from "./files.ts";
import { graph } from "./graph.ts";
import { inputs } from "./inputs.ts";
import { mine } from "./mine.ts";
import { page } from "./page.ts";
import { paths } from "./paths.ts";
import { share } from "./share.ts";
import { steps } from "./steps.ts";
import { sweep } from "./sweep.ts";

export { tour } from "./tour.ts";

export const first = (notation: Notation): Words => ({
  ...page(notation),
  ...graph(notation),
  ...check(notation),
  ...inputs(notation),
});

export const rest = (notation: Notation): RestWords => ({
  ...steps(notation),
  ...paths(notation),
  ...closedForm(notation),
  ...sweep(notation),
  ...mine(notation),
  ...batches(notation),
  ...files(notation),
  ...share(notation),
  ...embed(),
});
