/** As much of Node's other modules as the package's tests use, for browsers. */
import assert from "./assert.ts";

export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

/** Thrown by what no browser has: the test that asked for it is left out, and says so. */
export class OnlyInNode extends Error {
  override name = "OnlyInNode";
}
const onlyInNode = (what: string) => () => {
  throw new OnlyInNode(what);
};

export const execFile = onlyInNode("processes");
export const setFlagsFromString = onlyInNode("the flags of V8");

Object.assign(globalThis, {
  process: { env: {}, memoryUsage: onlyInNode("the memory of a process") },
  // Without headers of its own a page has the class, but not by its name.
  SharedArrayBuffer: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer.constructor,
});

// The root of the site is the root of the project.
export const fileURLToPath = (url: URL | string) => new URL(url).pathname;
export const join = (...parts: string[]) => parts.join("/").replace(/\/+/g, "/");

/** Texts of the project by their paths: what has no time to wait reads these. */
const texts: Record<string, string> = await (await fetch("/texts.json")).json();

export function readFileSync(path: URL | string): string {
  const text = texts[typeof path === "string" ? path : path.pathname];
  if (text === undefined) throw new Error(`${path} is not among the texts that site.ts gives`);
  return text;
}

export const readdirSync = (folder: string) =>
  Object.keys(texts)
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1));

export const readFile = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());

/** Of another realm: a script that names globals, in braces and parentheses. */
export function runInNewContext(script: string): unknown {
  if (!/^\(\{[\w, ]+\}\)$/.test(script)) throw new OnlyInNode(`a context that runs ${script}`);
  const frame = document.createElement("iframe");
  document.body.append(frame);
  return frame.contentWindow;
}
