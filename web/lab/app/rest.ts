/**
 * All of the page that is not needed at first sight, in one piece: each further piece would split what they share once
 * more, and small files compress badly.
 */
import "../mine/bank.ts";
import "../train/batches.ts";
import "../closed-form/closed-form.ts";
import { addWords } from "../words/locale.ts";
import "../mine/mine.ts";
import "../paths/paths.ts";
import "../share/share.ts";
import "../steps/steps.ts";
import "../check/sweep.ts";
import { rest } from "../words/en/rest.ts";

export { Float32 } from "../check/float32.ts";
export { openFile } from "../session/open-file.ts";

addWords("en", { rest });
