/** The English words that are loaded later. */
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import { batches } from "./batches.ts";
import { closedForm } from "./closed-form.ts";
import { embed } from "./embed.ts";
import { files } from "./files.ts";
import { mine } from "./mine.ts";
import { paths } from "./paths.ts";
import { present } from "./present.ts";
import { share } from "./share.ts";
import { steps } from "./steps.ts";
import { sweep } from "./sweep.ts";

export const rest = (notation: Notation, setting: Setting) => ({
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
