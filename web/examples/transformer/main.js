// Trains the transformer with layer norm, then with RMS norm: the loss of every tenth step, and what the model writes.
import { load } from "backnorm";
import { train } from "./transformer.js";

const bn = await load();
for (const norm of ["layer", "rms"]) {
  const { losses, sample } = train(bn, { norm });
  console.log(`${norm} norm`);
  for (let step = 0; step < losses.length; step += 10)
    console.log(`step ${step}: loss ${losses[step].toFixed(6)}`);
  console.log(sample);
}
