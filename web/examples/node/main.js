// The course's own case: the engine, the verdict on every gradient, and the first row of dx.
import { load } from "backnorm";

const bn = await load();
const { x, dy, ...options } = bn.presets.cs231n;
const { cache } = bn.forward(x, options);
const { dx } = bn.backward(dy, cache);
const { verdict } = bn.gradcheck(bn.presets.cs231n);
const row = Array.from(dx.subarray(0, 5), (value) => value.toFixed(8));
console.log(bn.engine, verdict, row.join(" "));
