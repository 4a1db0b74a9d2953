const kNumber = new Float64Array(1);
const kBits = new Uint32Array(kNumber.buffer);
const kHigh = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** The rank of a number among all float64 numbers, in two halves: neighbours are 1 apart, and both zeros are at 0. */
function placeOf(value: number): [high: number, low: number] {
  kNumber[0] = value;
  const [high, low] = [kBits[kHigh] as number, kBits[1 - kHigh] as number];
  const size = high & 0x7fffffff;
  return high === size ? [size, low] : [-size, -low];
}

/** The signed number of float64 steps from b to a, exact below 2^53. NaN if one of them is NaN. */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  const [[highA, lowA], [highB, lowB]] = [placeOf(a), placeOf(b)];
  return (highA - highB) * 2 ** 32 + (lowA - lowB);
}

/** A summary of a matrix of ulps: how many are 0, how many are few, and where the most are. */
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
