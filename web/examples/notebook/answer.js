// Writes what backnorm_check(…, page=None) returns. It reads JSON from standard input: a case, and the learner's arrays as in
// the part `mine` of a link.
import { text } from "node:stream/consumers";
import { load } from "backnorm";

const bn = await load();
const { mine, ...given } = JSON.parse(await text(process.stdin));
const kase = { ...given, shape: shapeOf(given.x) };
for (const name of ["x", "gamma", "beta", "dy"]) if (kase[name]) kase[name] = numbersOf(kase[name]);

const claims = {};
const names = {};
const one = Float64Array.of(1);
const tiny = { x: one, shape: [1, 1], gamma: one, dy: one, norm: kase.norm === "rms" ? "rms" : "batch" };
for (const part of mine.split("|")) {
  const [head, rows] = part.split(":");
  const [name, dtype, shape] = head.split("/");
  try {
    bn.diagnose(tiny, { ...names, [name]: one });
  } catch {
    continue; // no array has this name, or it was given by another one already
  }
  names[name] = one;
  const lists = rows.split(";").map((row) => row.split(","));
  claims[name] = {
    data: numbersOf(lists, dtype),
    shape: shape?.split(",").map(Number) ?? shapeOf(lists),
    dtype,
  };
}
const { firstWrong, nodes, mistakes, meaning } = bn.diagnose(kase, claims);

const first = nodes.find(({ id }) => id === firstWrong);
console.log(first ? `The first wrong array is ${first.name}.` : "No array is wrong.");
for (const node of nodes) console.log(`  ${stateOf(node).padEnd(10)}  ${node.name}`);
// Several mistakes may give the same numbers: rather one on the way to that very array.
const fits = mistakes.map(({ id }) => bn.mistakes.find((mistake) => mistake.id === id));
const leadsThere = ({ nodes, edges }) =>
  [...nodes, ...edges.map(({ from }) => from)].some((node) => firstWrong === `d${node}`);
const words = (fits.find(leadsThere) ?? fits[0])?.explanation ?? meaning;
if (words) console.log(words.en);

function shapeOf(lists) {
  return Array.isArray(lists) ? [lists.length, ...shapeOf(lists[0])] : [];
}

function numbersOf(lists, dtype) {
  const numbers = lists.flat(Number.POSITIVE_INFINITY);
  const Numbers = dtype === "float32" ? Float32Array : Float64Array;
  return Numbers.from(numbers, (number) => Number(`${number}`.replace("inf", "Infinity")));
}

/** An array that is wrong only because an earlier one is, inherits that. */
function stateOf({ truth, local }) {
  if (truth === "pass") return "right";
  if (truth === "undecidable") return "undecided";
  return local === "fail" ? "wrong here" : "inherits";
}
