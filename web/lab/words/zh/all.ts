/** 全部中文文字。 */
import type { Setting } from "../../maths/layout.ts";
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
import { present } from "./present.ts";
import { share } from "./share.ts";
import { steps } from "./steps.ts";
import { sweep } from "./sweep.ts";

export { tour } from "./tour.ts";

export const first = (notation: Notation, setting: Setting): Words => ({
  ...page(notation, setting),
  ...graph(notation, setting),
  ...check(notation, setting),
  ...inputs(notation),
});

export const rest = (notation: Notation, setting: Setting): RestWords => ({
  ...steps(notation, setting),
  ...paths(notation, setting),
  ...closedForm(notation, setting),
  ...sweep(notation, setting),
  ...mine(notation, setting),
  ...batches(notation),
  ...files(notation),
  ...share(notation),
  ...embed(),
  ...present(),
});
