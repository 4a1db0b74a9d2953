// Synchronized batch norm on four workers that share no memory: a few numbers per channel go back and forth.
import { load } from "backnorm";

/** Asks every worker for a step and waits for all answers. */
const all = (workers, step, dataOf) =>
  Promise.all(
    workers.map(
      (worker, at) =>
        new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = reject;
          worker.postMessage({ step, data: dataOf(at) });
        }),
    ),
  );

const add = (arrays) => arrays.reduce((sum, array) => sum.map((value, at) => value + array[at]));

const bn = await load();
const [rows, columns] = [103, 7]; // 26, 26, 26 and 25 rows
const [x, gamma, beta, dy] = bn.randn(4, [rows * columns, columns, columns, rows * columns]);
const parts = [0, 26, 52, 78].map((begin, at, begins) => {
  const end = begins[at + 1] ?? rows;
  const slice = (array) => array.slice(begin * columns, end * columns);
  return { x: slice(x), dy: slice(dy), shape: [end - begin, columns], gamma, beta };
});

const workers = parts.map(() => new Worker(new URL("part.js", import.meta.url), { type: "module" }));
const statistics = bn.mergeStatistics(await all(workers, "take", (at) => parts[at]));
const halves = await all(workers, "normalize", () => statistics);
const dbeta = add(halves.map(({ sums }) => sums.dbeta));
const dgamma = add(halves.map(({ sums }) => sums.dgamma));
const dx = await all(workers, "apply", () => ({ dbeta, dgamma }));
for (const worker of workers) worker.terminate();

const joined = { y: halves.flatMap(({ y }) => [...y]), dx: dx.flatMap((part) => [...part]), dbeta, dgamma };
const { y, cache } = bn.forward(x, { shape: [rows, columns], gamma, beta });
const whole = { y, ...bn.backward(dy, cache) };
const furthest = Object.fromEntries(
  Object.entries(whole).map(([name, values]) => {
    const most = Math.max(...values.map(Math.abs));
    return [name, Math.max(...values.map((value, at) => Math.abs(value - joined[name][at]))) / most];
  }),
);
document.querySelector("#result").textContent = JSON.stringify(furthest);
