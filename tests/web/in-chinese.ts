/** Errors in Chinese: what the page says of whatever the package refuses. */
import assert from "node:assert/strict";
import { fault } from "../../web/lab/words/zh/faults.ts";

/** Names, code and bytes, which are the same in every language. */
const international =
  /\b(?:[xy]|gamma|beta|dy|eps|ddof|shape|seed|sizes|JSON|descr|fortran_order|dtype|True|False|true|false|null|undefined|NaN|Float(?:32|64)Array|NumPy|Python|WebAssembly|SIMD|MiB|UTF-8|np\.[^ ]*|torch\.[^ ]*|[0-9a-f]{2})(?![\w])|\.npy|\.npz|fallback\.js/g;

/** For assert.throws(): whether an error is said in Chinese, but for what it quotes. */
export function inChinese(error: unknown): true {
  const said = fault(error);
  assert.match(said, /应为.+，实为.+[^。]$/s);
  const left = said
    .replace(/“[^”]*”/g, "")
    .replace(international, "")
    .match(/[A-Za-z]{2,}/g);
  assert.deepEqual(left, null, `${said}\n${(error as Error).message}`);
  assert.doesNotMatch(
    said,
    /[\p{Script=Han}][A-Za-z0-9[]|[A-Za-z0-9\]]\p{Script=Han}/u,
    "spaces between scripts",
  );
  return true;
}
