/** Beyond this many rows or columns, they are drawn in bands, each showing its largest value. */
const kMostRows = 40;
const kMostColumns = 100;

export const bandsOf = (rows: number, columns: number) =>
  [Math.min(rows, kMostRows), Math.min(columns, kMostColumns)] as const;

/** The first column of a band. */
const firstOf = (band: number, bands: number, count: number) => Math.floor((band * count) / bands);

interface Blocks {
  blocks: Float64Array;
  most: number;
}

const kFound = new WeakMap<ArrayLike<number>, Blocks>();

/** What a heat map draws of a tensor, which must not change afterwards. It is found once. */
export function blocksOf(values: ArrayLike<number>, rows: number, columns: number): Blocks {
  const found = kFound.get(values) ?? findBlocks(values, rows, columns);
  kFound.set(values, found);
  return found;
}

/** The value of largest size in each block of a row band and a column band, where NaN wins; and the largest finite size. */
function findBlocks(values: ArrayLike<number>, rows: number, columns: number): Blocks {
  const [bands, across] = bandsOf(rows, columns);
  const ends = Int32Array.from({ length: across }, (_, i) => firstOf(i + 1, across, columns));
  const blocks = new Float64Array(bands * across);
  let most = 0;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const begin = at;
    for (let i = 0, block = Math.floor(((row + 1) * bands - 1) / rows) * across; i < across; i++, block++) {
      for (const end = begin + (ends[i] as number); at < end; at++) {
        const value = values[at] as number;
        const size = Math.abs(value);
        if (size > most && size < Infinity) most = size;
        if (size > Math.abs(blocks[block] as number) || Number.isNaN(size)) blocks[block] = value;
      }
    }
  }
  return { blocks, most };
}
