/** The package's types as its users' compilers read them: which calls there are, and what each may be given. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./support.ts";

const folder = join(root, "dist/types");
const source = readdirSync(folder)
  .map((name) => readFileSync(join(folder, name), "utf8"))
  .join("\n")
  .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
  .replaceAll("=>", "⇒"); // which closes no bracket

/** Cuts a text where a mark stands outside all brackets. */
function split(text: string, mark: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    if ("([{<".includes(letter)) depth += 1;
    if (")]}>".includes(letter)) depth -= 1;
    if (letter === mark && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** What stands from the bracket at `start` to the one that closes it. */
function bracketed(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if ("([{<".includes(text[at] as string)) depth += 1;
    if (")]}>".includes(text[at] as string)) depth -= 1;
    if (depth === 0) return text.slice(start + 1, at);
  }
  throw new Error(`nothing closes the bracket in ${text.slice(start, start + 80)}`);
}

type Fields = Record<string, string>;

/** The types of `name: type`, `name?: type` and of methods, as "(parameters): result". */
function membersOf(body: string, mark: string): Fields {
  const members = split(body, mark).map((member) =>
    /^(?:readonly )?(\w+)\??(?:<[^(]*>)?(?::\s*([\s\S]*)|(\([\s\S]*))$/.exec(member),
  );
  return Object.fromEntries(members.flatMap((found) => (found ? [[found[1], found[2] ?? found[3]]] : [])));
}

/** What is written behind a name where it is declared. */
function declared(name: string): Fields | undefined {
  const found = new RegExp(`export interface ${name}(?:<[^{]*?>)?(?: extends ([^{]*))?\\s*\\{`).exec(source);
  if (found) {
    const own = membersOf(bracketed(source, found.index + found[0].length - 1), ";");
    return Object.assign({}, ...split(found[1] ?? "", ",").map(fieldsOf), own);
  }
  const alias = new RegExp(`export type ${name}(?:<[^=]*>)? = `).exec(source);
  return alias ? fieldsOf(split(source.slice(alias.index + alias[0].length), ";")[0] as string) : undefined;
}

const quoted = (names: string) => [...names.matchAll(/"(\w+)"/g)].map(([, name]) => name as string);

/** The fields of a type; "*" where they have any name. None of a number, a string, an array of numbers. */
export function fieldsOf(type: string): Fields {
  const written = type.trim().replace(/^readonly /, "");
  const either = split(written, "|");
  if (either.length > 1) return Object.assign({}, ...either.map(fieldsOf));
  if (written.startsWith("{")) return membersOf(bracketed(written, 0), ";");
  if (written.endsWith("[]")) return { "*": written.slice(0, -2) };
  const [, name = "", parameters = ""] = /^(\w+)(?:<([\s\S]*)>)?$/.exec(written) ?? [];
  const [first = "", second = ""] = split(parameters, ",");
  if (name === "AbortSignalLike") return {}; // a value, whose members nobody gives one by one
  if (name === "Readonly") return fieldsOf(first);
  if (name === "Record") return { "*": second };
  if (name === "Omit" || name === "Pick") {
    const named = quoted(second);
    const keeps = (field: string) => named.includes(field) === (name === "Pick");
    return Object.fromEntries(Object.entries(fieldsOf(first)).filter(([field]) => keeps(field)));
  }
  return declared(name) ?? {};
}

/** Every place in what a type holds: ["running", "mean"]. */
function placesOf(fields: Fields): string[][] {
  return Object.entries(fields).flatMap(([name, type]) => {
    const inner = placesOf(fieldsOf(type));
    return name === "*" && inner.length === 0 ? [] : [[name], ...inner.map((path) => [name, ...path])];
  });
}

/** Of each call of the object that load() gives, and of each exported function, its parameters and all that they may hold. */
export function placesOfCalls(): Record<string, string[][]> {
  const methods = Object.entries(fieldsOf("Backnorm")).filter(([, type]) => type.startsWith("("));
  const index = readFileSync(join(folder, "index.d.ts"), "utf8");
  const functions = [...source.matchAll(/export declare function (\w+)(?:<[^(]*>)?(?=\()/g)]
    .filter(([, name]) => new RegExp(`export \\{[^}]*\\b${name}\\b[^}]*\\} from`).test(index))
    .map(({ index, 0: head, 1: name }) => [name as string, source.slice(index + head.length)] as const);
  return Object.fromEntries(
    [...methods, ...functions].map(([name, type]) => [name, placesOf(membersOf(bracketed(type, 0), ","))]),
  );
}
