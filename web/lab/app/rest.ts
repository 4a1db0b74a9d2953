/**
 * Everything that the first view does not need, in one chunk. More chunks would split the shared code further, and small
 * files compress badly.
 */
import "../mine/bank.ts";
import "../train/batches.ts";
import "../closed-form/closed-form.ts";
import { addWords } from "../words/locale.ts";
import "../mine/mine.ts";
import "../paths/paths.ts";
import "../present/present.ts";
import "../share/share.ts";
import "../steps/steps.ts";
import "../check/sweep.ts";
import { rest } from "../words/en/rest.ts";

export { Float32 } from "../check/float32.ts";
export { arraysInLink, unpacked } from "../read/link-arrays.ts";
export { fromFiles, fromObject, fromText } from "../session/intake.ts";

addWords("en", { rest });
