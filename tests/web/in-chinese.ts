/** Errors in Chinese: what the page says of whatever the package or the page itself refuses. */
import assert from "node:assert/strict";
import { fault } from "../../web/lab/words/zh/faults.ts";

/** Names, code and bytes, which are the same in every language. */
const international =
  /\b(?:[xy]|gamma|beta|dy|dx|eps|ddof|shape|dtype|momentum|decay|data|id|bn\.mistakes|forward\(\)|infer\(\)|runningMean|runningVar|layout|axis|norm|groups|normalizedDims|channels-first|channels-last|batch|layer|group|instance|rms|sums\(\)|apply\(\)|layer|cache|JSON|True|False|true|false|null|undefined|NaN|\w+Array|ArrayBuffer|DataView|AbortSignal|NumPy|Python|MATLAB|Octave|Julia|R|pandas|CS231n|Kratzert|makemore|PyTorch|WebAssembly|engine|backnorm\.wasm|\d+\.\d+\.\d+\+[0-9a-f]+|HDF5|pickle|safetensors|parseNpz|SIMD|RMS|MiB|UTF-8|np\.savez(?:_compressed|\("arrays\.npz", dx=dx\))?|np\.[^ ]*|(?:jsonencode|println|write\.csv)\(dx\)|print\(dx\.to_csv\(\)\)|torch\.[^ ]*|https:\S*|[0-9a-f]{2})(?![\w])|\.npy|\.npz|fallback\.js/g;

/** Names among an error's params. */
const named = ["names", "examples", "meant", "instead", "id", "part"];

/** For assert.throws(): whether an error is said in Chinese, but for its argument and what it quotes or names. */
export function inChinese(error: unknown): true {
  const said = fault(error);
  assert.match(said, /应为.+，实为.+[^。]$/s);
  const { params } = error as { params: Record<string, unknown> };
  const names = named.flatMap((name) => params[name]).filter((name) => typeof name === "string");
  names.sort((one, other) => other.length - one.length); // std is in invstd
  const unquoted = said.replace(/“[^”]*”/g, "“”");
  const left = names
    .reduce((text, name) => text.replaceAll(name, ""), unquoted.replace(/^[^：]*：/, ""))
    .replace(international, "")
    .match(/[A-Za-z]{2,}/g);
  assert.deepEqual(left, null, `${said}\n${(error as Error).message}`);
  const spaces = /[\p{Script=Han}][A-Za-z0-9[]|[A-Za-z0-9\]]\p{Script=Han}/u;
  assert.doesNotMatch(unquoted, spaces, "spaces between scripts");
  return true;
}
