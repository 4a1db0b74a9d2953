/** The same name, however it was typed: letters of full width, capitals and spaces make no difference. */
export const plainName = (name: string) =>
  name.normalize("NFKC").split(/\s+/).filter(Boolean).join(" ").toLowerCase();

/**
 * The seed of a student's random numbers, 0 to 2³² − 1: the FNV-1a hash, 32 bits, of the plain name in UTF-8. Links and printed
 * sheets rely on it, so that it never changes; both teaching pages have it in Python.
 */
export function seedOf(name: string): number {
  let hash = 2166136261;
  for (const byte of new TextEncoder().encode(plainName(name))) hash = Math.imul(hash ^ byte, 16777619);
  return hash >>> 0;
}
