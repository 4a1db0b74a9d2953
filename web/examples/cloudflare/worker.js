// A Worker can't compile WebAssembly, but it can import a compiled module. backnorm/streaming has no copy of the module inside.
import module from "backnorm/backnorm.wasm";
import { load } from "backnorm/streaming";

export default {
  async fetch() {
    const bn = await load({ module }); // later requests share it
    const { x, dy, ...options } = bn.presets.cs231n;
    const { dx } = bn.backward(dy, bn.forward(x, options).cache);
    const { verdict } = bn.gradcheck(bn.presets.cs231n);
    const row = Array.from(dx.subarray(0, 5), (value) => value.toFixed(8));
    return new Response(`${bn.engine} ${verdict} ${row.join(" ")}\n`);
  },
};
