import { PageError } from "./page-error.ts";

/**
 * A module that was fetched. An engine may take the beginning of a file for a module of its own; it lacks the exports,
 * which stand at the end. Throws an error that says so.
 */
export function uncut<Module extends object>(module: Module): Module {
  if (Object.keys(module).length === 0) throw new PageError("cut-off", {});
  return module;
}
