import { load } from "backnorm";

// Listens before it awaits, or what is posted until then would be lost; and with an `await` outside of all functions
// Vite would want a configuration.
const loading = load();
addEventListener("message", async ({ data: preset }) => {
  const bn = await loading;
  const { x, dy, ...options } = bn.presets[preset];
  const { cache } = bn.forward(x, options);
  const { dx } = bn.backward(dy, cache);
  const { verdict } = bn.gradcheck(bn.presets[preset]);
  postMessage({ engine: bn.engine, verdict, dx });
});
