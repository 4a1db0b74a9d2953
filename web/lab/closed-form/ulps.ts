const kNumber = new Float64Array(1);
const kBits = new Uint32Array(kNumber.buffer);
const kHigh = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** A number's place among all float64, in two halves: neighbours are 1 apart, and both zeros are at 0. */
function placeOf(value: number): [high: number, low: number] {
  kNumber[0] = value;
  const [high, low] = [kBits[kHigh] as number, kBits[1 - kHigh] as number];
  const size = high & 0x7fffffff;
  return high === size ? [size, low] : [-size, -low];
}

/** How many float64 lie from b to a, with a sign: exact below 2^53. NaN where one of them is. */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  const [[highA, lowA], [highB, lowB]] = [placeOf(a), placeOf(b)];
  return (highA - highB) * 2 ** 32 + (lowA - lowB);
}

/** How often 0, how often few, and where most: what a matrix of ulps comes to. */
export function ulpsTold(ulps: ArrayLike<number>, few: number) {
  let [zero, within, most, at] = [0, 0, 0, 0];
  for (let i = 0; i < ulps.length; i++) {
    const size = Math.abs(ulps[i] as number);
    if (size === 0) zero++;
    if (size <= few) within++;
    if (size > most) [most, at] = [size, i];
  }
  return { zero, within, most, at };
}
