/**
 * jax-js on its wasm backend: `jit` of the formula, and `jit(grad)` of Σ y·dy for all parameters at once, which is forward
 * and backward in one. A call is over when its results are ready. Its float64 needs Float16Array, which Node 20 lacks.
 */
import * as jax from "@jax-js/jax";
import { type Case, type Floats, inputsOf, viewOf } from "../case.ts";
import type { Make } from "../contestant.ts";
import { agree, expected } from "../plain.ts";
import peers from "./package.json" with { type: "json" };

export async function start(): Promise<{ version: string; make: Make }> {
  if ("SharedArrayBuffer" in globalThis && "Worker" in globalThis)
    throw new Error("it would run on more than one thread");
  const devices = await jax.init("wasm");
  if (!devices.includes("wasm")) throw new Error("it has no wasm backend here");
  jax.defaultDevice("wasm");
  return { version: peers.dependencies["@jax-js/jax"], make };
}

const make: Make = async (of) => {
  if (of.dtype === "float64" && !("Float16Array" in globalThis)) return {};
  const { shape, parameters } = viewOf(of);
  const inputs = inputsOf(of);
  const array = (values: Floats, of: readonly number[]) =>
    jax.numpy.array(values, {
      shape: [...of],
      dtype: values instanceof Float32Array ? "float32" : "float64",
    });
  const x = array(inputs.x, shape);
  const dy = array(inputs.dy, shape);
  const gamma = array(inputs.gamma, parameters);
  const beta = of.norm === "rms" ? [] : [array(inputs.beta, parameters)];
  const given = [x, gamma, ...beta];
  const owned = () => given.map((one) => one.ref);

  const normalize = normalizeOf(of);
  const loss = (...all: jax.Array[]) =>
    normalize(...all.slice(0, -1))
      .mul(all.at(-1) as jax.Array)
      .sum();
  const forward = jax.jit(normalize);
  const gradients = jax.jit(jax.grad(loss, { argnums: given.map((_, i) => i) }));

  const want = expected(of, inputs);
  agree("its y", await forward(...owned()).data(), want.y);
  const [dx, dgamma, dbeta] = gradients(...owned(), dy.ref) as [jax.Array, jax.Array, jax.Array?];
  agree("its dx", await dx.data(), want.dx);
  agree("its dgamma", await dgamma.data(), want.dgamma);
  if (dbeta) agree("its dbeta", await dbeta.data(), want.dbeta);

  const finish = async (results: jax.Array[]) => {
    await jax.blockUntilReady(results);
    for (const result of results) result.dispose();
  };
  return {
    forward: () => finish([forward(...owned())]),
    both: () => finish(gradients(...owned(), dy.ref)),
    dispose: () => {
      for (const one of [...given, dy]) one.dispose();
      forward.dispose();
      gradients.dispose();
    },
  };
};

function normalizeOf(of: Case): (...inputs: jax.Array[]) => jax.Array {
  const axes = [...viewOf(of).axes];
  const mean = (values: jax.Array) => jax.numpy.mean(values, axes, { keepdims: true });
  const root = (values: jax.Array) => jax.numpy.sqrt(values.add(1e-5));
  return (...inputs) => {
    const [x, gamma, beta] = inputs as [jax.Array, jax.Array, jax.Array?];
    const centred = beta ? x.ref.sub(mean(x)) : x;
    const variance = mean(jax.numpy.square(centred.ref));
    const scaled = centred.div(root(variance)).mul(gamma);
    return beta ? scaled.add(beta) : scaled;
  };
}
