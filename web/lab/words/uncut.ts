import { PageError } from "./page-error.ts";

/**
 * Checks a fetched module. An engine may accept the beginning of a file as a whole module; it then lacks the exports at
 * the end. Throws an error that says so.
 */
export function uncut<Module extends object>(module: Module): Module {
  if (Object.keys(module).length === 0) throw new PageError("cut-off", {});
  return module;
}
