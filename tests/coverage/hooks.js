// Module hooks: what a test imports of web/src and web/lab itself counts as well.
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { instrument, measured } from "./instrument.js";

export async function load(url, context, next) {
  const path = url.startsWith("file:") ? fileURLToPath(url.split("?")[0]) : "";
  if (!measured.test(path)) return next(url, context);
  const { code } = await transform(instrument(path).code, { loader: "ts", target: "es2022" });
  return { format: "module", source: code, shortCircuit: true };
}
