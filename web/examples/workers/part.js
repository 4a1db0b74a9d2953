// One part of a batch: its statistics go out, those of all come back; then its sums, and those of all.
import { load } from "backnorm";

const loading = load();
let part;
let cache;

const steps = {
  take: (bn, data) => {
    part = data;
    return bn.statistics(part.x, part);
  },
  normalize: (bn, statistics) => {
    const { y, ...rest } = bn.normalize(part.x, statistics, part);
    cache = rest.cache;
    return { y, sums: bn.sums(part.dy, cache) };
  },
  apply: (bn, sums) => bn.apply(part.dy, cache, sums),
};

addEventListener("message", async ({ data: { step, data } }) => {
  postMessage(steps[step](await loading, data));
});
