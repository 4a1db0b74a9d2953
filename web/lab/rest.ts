/**
 * All of the page that is not needed at first sight, in one piece: each further piece would split what they share once
 * more, and small files compress badly.
 */
import "./bank.ts";
import "./batches.ts";
import "./closed-form.ts";
import { addWords } from "./locale.ts";
import "./mine.ts";
import "./paths.ts";
import "./share.ts";
import "./steps.ts";
import "./sweep.ts";
import { rest } from "./words/en/rest.ts";

export { Float32 } from "./float32.ts";
export { openFile } from "./open-file.ts";
export { pasted } from "./paste.ts";

addWords("en", { rest });
