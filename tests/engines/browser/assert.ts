/** As much of node:assert/strict as the package's tests use, for browsers. tests/web/shims.test.ts holds it to Node's. */

export class AssertionError extends Error {
  override name = "AssertionError";
}

export function fail(message: string | Error = "failed"): never {
  throw message instanceof Error ? message : new AssertionError(message);
}

/** For messages: short, and -0 is not 0. */
function shown(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "bigint" || typeof value === "number") return String(value);
  if (value instanceof Error || value instanceof RegExp || typeof value === "function") return String(value);
  try {
    return (
      JSON.stringify(ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value) ?? String(value)
    ).slice(0, 400);
  } catch {
    return String(value); // what holds itself, or a bigint
  }
}

const isObject = (value: unknown): value is Record<PropertyKey, unknown> =>
  typeof value === "object" && value !== null;
const kindOf = (value: object) => Object.prototype.toString.call(value);

/** Own properties that can be listed; an error's name and message too. */
function propertiesOf(value: object): PropertyKey[] {
  const own = Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  return value instanceof Error ? [...new Set([...own, "name", "message"])] : own;
}

export function areEqual(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return Object.is(a, b);
  if (a === b) return true;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) || kindOf(a) !== kindOf(b)) return false;
  if (Array.isArray(a) && a.length !== (b as unknown as unknown[]).length) return false;
  if (a instanceof Set) {
    const others = b as unknown as Set<unknown>;
    return a.size === others.size && [...a].every((one) => !isObject(one) && others.has(one));
  }
  if (/Map|Weak|Date|RegExp|Promise/.test(kindOf(a))) fail(`assert.ts compares no ${kindOf(a)}`);
  if (a instanceof ArrayBuffer)
    return areEqual(new Uint8Array(a), new Uint8Array(b as unknown as ArrayBuffer));
  const [keys, others] = [propertiesOf(a), propertiesOf(b)];
  return (
    keys.length === others.length && keys.every((key) => others.includes(key) && areEqual(a[key], b[key]))
  );
}

export function ok(value: unknown, message?: string | Error): asserts value {
  if (!value) fail(message ?? `${shown(value)} is not true`);
}

const claim = (holds: boolean, message: string | Error | undefined, otherwise: () => string) => {
  if (!holds) fail(message instanceof Error ? message : `${message ? `${message}: ` : ""}${otherwise()}`);
};

export const equal = (got: unknown, want: unknown, message?: string | Error) =>
  claim(Object.is(got, want), message, () => `${shown(got)}, expected ${shown(want)}`);
export const notEqual = (got: unknown, other: unknown, message?: string | Error) =>
  claim(!Object.is(got, other), message, () => `${shown(got)}, expected anything else`);
export const deepEqual = (got: unknown, want: unknown, message?: string | Error) =>
  claim(areEqual(got, want), message, () => `${shown(got)}, expected ${shown(want)}`);
export const notDeepEqual = (got: unknown, other: unknown, message?: string | Error) =>
  claim(!areEqual(got, other), message, () => `${shown(got)}, expected anything else`);
export const match = (text: string, pattern: RegExp, message?: string | Error) =>
  claim(pattern.test(text), message, () => `${shown(text)}, expected ${pattern}`);
export const doesNotMatch = (text: string, pattern: RegExp, message?: string | Error) =>
  claim(!pattern.test(text), message, () => `${shown(text)}, expected nothing of ${pattern}`);

type Expected = RegExp | object | ((error: unknown) => unknown);

/** What was thrown is as a pattern, a class, a function or an object says; the object may have patterns for texts. */
function check(error: unknown, expected: Expected | string | undefined) {
  if (expected === undefined || typeof expected === "string") return;
  if (expected instanceof RegExp) match(String(error), expected);
  else if (typeof expected === "function") {
    const isClass = expected === Error || expected.prototype instanceof Error;
    if (isClass) claim(error instanceof (expected as ErrorConstructor), undefined, () => `${error}`);
    else if ((expected as (error: unknown) => unknown)(error) !== true)
      fail(`${error} is not as it should be`);
  } else {
    for (const [key, want] of Object.entries(expected)) {
      const got = (error as Record<string, unknown>)[key];
      if (want instanceof RegExp && typeof got === "string") match(got, want, key);
      else deepEqual(got, want, key);
    }
  }
}

export function throws(call: () => unknown, expected?: Expected | string, message?: string) {
  try {
    call();
  } catch (error) {
    return check(error, expected);
  }
  fail(`nothing was thrown${message ? `: ${message}` : ""}`);
}

export const doesNotThrow = (call: () => unknown) => void call();

export async function rejects(
  promise: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected | string,
  message?: string,
) {
  try {
    await (typeof promise === "function" ? promise() : promise);
  } catch (error) {
    return check(error, expected);
  }
  fail(`nothing was rejected${message ? `: ${message}` : ""}`);
}

export default Object.assign(ok, {
  AssertionError,
  ok,
  equal,
  notEqual,
  deepEqual,
  notDeepEqual,
  match,
  doesNotMatch,
  throws,
  doesNotThrow,
  rejects,
  fail,
});
