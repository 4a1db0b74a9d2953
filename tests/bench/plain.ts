/**
 * What one writes by hand: loops in the order of memory, sums in float64, mean and variance in two passes. The loops are
 * made anew for each case, so that the engine compiles them for its number type. Every peer in JavaScript is held against them.
 */
import { type Case, type Floats, floats, type Inputs, inputsOf, product, viewOf } from "./case.ts";
import { type Contestant, InThisProcess } from "./contestant.ts";

export interface Outputs {
  readonly y: Floats;
  readonly dx: Floats;
  readonly dgamma: Floats;
  readonly dbeta: Floats;
}
interface Loops {
  forward(): void;
  backward(): void;
}

const kEps = 1e-5;

export function plain(): Contestant {
  return new InThisProcess("plain JavaScript", "", (of) => {
    const { forward, backward } = loopsOf(of, inputsOf(of), outputsOf(of));
    forward();
    return { forward, backward };
  });
}

function outputsOf(of: Case): Outputs {
  const { shape, parameters } = viewOf(of);
  const [size, length] = [product(shape), product(parameters)];
  return { y: floats(of, size), dx: floats(of, size), dgamma: floats(of, length), dbeta: floats(of, length) };
}

function loopsOf(of: Case, inputs: Inputs, outputs: Outputs): Loops {
  const { shape } = viewOf(of);
  if (of.norm === "batch") return channelLoops(shape, inputs, outputs);
  if (of.norm === "layer") return rowLoops(shape, inputs, outputs);
  if (of.norm === "rms") return rmsLoops(shape, inputs, outputs);
  return groupLoops(shape, inputs, outputs);
}

export function expected(of: Case, inputs: Inputs): Outputs {
  const outputs = outputsOf(of);
  const { forward, backward } = loopsOf(of, inputs, outputs);
  forward();
  backward();
  return outputs;
}

/** Throws unless they are equal to a thousandth of the largest value. */
export function agree(what: string, got: ArrayLike<number>, want: ArrayLike<number>): void {
  let largest = 0;
  let worst = got.length === want.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < want.length; i++) {
    worst = Math.max(worst, Math.abs((got[i] as number) - (want[i] as number))); // NaN stays
    largest = Math.max(largest, Math.abs(want[i] as number));
  }
  if (!(worst <= 1e-3 * largest)) throw new Error(`${what} is wrong by ${worst} of ${largest}`);
}

/** Batch norm. */
function channelLoops(shape: readonly number[], inputs: Inputs, outputs: Outputs): Loops {
  const { x, dy, gamma, beta } = inputs;
  const { y, dx, dgamma, dbeta } = outputs;
  const [outer = 0, channels = 0, ...rest] = shape;
  const inner = product(rest);
  const m = outer * inner;
  const mean = new Float64Array(channels);
  const invstd = new Float64Array(channels);
  const sums = new Float64Array(channels);

  function forward() {
    mean.fill(0);
    sums.fill(0);
    for (let n = 0, i = 0; n < outer; n++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (const end = i + inner; i < end; i++) sum += x[i] as number;
        mean[c] = (mean[c] as number) + sum;
      }
    }
    for (let c = 0; c < channels; c++) mean[c] = (mean[c] as number) / m;
    for (let n = 0, i = 0; n < outer; n++) {
      for (let c = 0; c < channels; c++) {
        const mu = mean[c] as number;
        let sum = 0;
        for (const end = i + inner; i < end; i++) sum += ((x[i] as number) - mu) ** 2;
        sums[c] = (sums[c] as number) + sum;
      }
    }
    for (let c = 0; c < channels; c++) invstd[c] = 1 / Math.sqrt((sums[c] as number) / m + kEps);
    for (let n = 0, i = 0; n < outer; n++) {
      for (let c = 0; c < channels; c++) {
        const mu = mean[c] as number;
        const scale = (invstd[c] as number) * (gamma[c] as number);
        const shift = beta[c] as number;
        for (const end = i + inner; i < end; i++) y[i] = ((x[i] as number) - mu) * scale + shift;
      }
    }
  }

  function backward() {
    dgamma.fill(0);
    dbeta.fill(0);
    for (let n = 0, i = 0; n < outer; n++) {
      for (let c = 0; c < channels; c++) {
        const mu = mean[c] as number;
        let p = 0;
        let q = 0;
        for (const end = i + inner; i < end; i++) {
          const d = dy[i] as number;
          p += d;
          q += d * ((x[i] as number) - mu);
        }
        dbeta[c] = (dbeta[c] as number) + p;
        dgamma[c] = (dgamma[c] as number) + q * (invstd[c] as number);
      }
    }
    for (let n = 0, i = 0; n < outer; n++) {
      for (let c = 0; c < channels; c++) {
        const mu = mean[c] as number;
        const scale = (invstd[c] as number) * (gamma[c] as number);
        const ofMean = (dbeta[c] as number) / m;
        const ofVar = ((dgamma[c] as number) * (invstd[c] as number)) / m;
        for (const end = i + inner; i < end; i++) {
          dx[i] = scale * ((dy[i] as number) - ofMean - ((x[i] as number) - mu) * ofVar);
        }
      }
    }
  }

  return { forward, backward };
}

/** Layer norm. */
function rowLoops([rows = 0, m = 0]: readonly number[], inputs: Inputs, outputs: Outputs): Loops {
  const { x, dy, gamma, beta } = inputs;
  const { y, dx, dgamma, dbeta } = outputs;
  const mean = new Float64Array(rows);
  const invstd = new Float64Array(rows);

  function forward() {
    for (let n = 0, at = 0; n < rows; n++, at += m) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += x[at + j] as number;
      const mu = sum / m;
      sum = 0;
      for (let j = 0; j < m; j++) sum += ((x[at + j] as number) - mu) ** 2;
      const inv = 1 / Math.sqrt(sum / m + kEps);
      for (let j = 0; j < m; j++)
        y[at + j] = ((x[at + j] as number) - mu) * inv * (gamma[j] as number) + (beta[j] as number);
      mean[n] = mu;
      invstd[n] = inv;
    }
  }

  function backward() {
    dgamma.fill(0);
    dbeta.fill(0);
    for (let n = 0, at = 0; n < rows; n++, at += m) {
      const mu = mean[n] as number;
      const inv = invstd[n] as number;
      let p = 0;
      let q = 0;
      for (let j = 0; j < m; j++) {
        const d = dy[at + j] as number;
        const xhat = ((x[at + j] as number) - mu) * inv;
        dbeta[j] = (dbeta[j] as number) + d;
        dgamma[j] = (dgamma[j] as number) + d * xhat;
        p += d * (gamma[j] as number);
        q += d * (gamma[j] as number) * xhat;
      }
      for (let j = 0; j < m; j++) {
        const xhat = ((x[at + j] as number) - mu) * inv;
        dx[at + j] = inv * ((dy[at + j] as number) * (gamma[j] as number) - (p + xhat * q) / m);
      }
    }
  }

  return { forward, backward };
}

function rmsLoops([rows = 0, m = 0]: readonly number[], inputs: Inputs, outputs: Outputs): Loops {
  const { x, dy, gamma } = inputs;
  const { y, dx, dgamma } = outputs;
  const invrms = new Float64Array(rows);

  function forward() {
    for (let n = 0, at = 0; n < rows; n++, at += m) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += (x[at + j] as number) ** 2;
      const inv = 1 / Math.sqrt(sum / m + kEps);
      for (let j = 0; j < m; j++) y[at + j] = (x[at + j] as number) * inv * (gamma[j] as number);
      invrms[n] = inv;
    }
  }

  function backward() {
    dgamma.fill(0);
    for (let n = 0, at = 0; n < rows; n++, at += m) {
      const inv = invrms[n] as number;
      let q = 0;
      for (let j = 0; j < m; j++) {
        const d = (dy[at + j] as number) * (x[at + j] as number) * inv;
        dgamma[j] = (dgamma[j] as number) + d;
        q += d * (gamma[j] as number);
      }
      for (let j = 0; j < m; j++) {
        const dxhat = (dy[at + j] as number) * (gamma[j] as number);
        dx[at + j] = inv * (dxhat - ((x[at + j] as number) * inv * q) / m);
      }
    }
  }

  return { forward, backward };
}

/** Group and instance norm. */
function groupLoops(shape: readonly number[], inputs: Inputs, outputs: Outputs): Loops {
  const { x, dy, gamma, beta } = inputs;
  const { y, dx, dgamma, dbeta } = outputs;
  const [samples = 0, groups = 0, channels = 0, positions = 0] = shape;
  const m = channels * positions;
  const mean = new Float64Array(samples * groups);
  const invstd = new Float64Array(samples * groups);

  function forward() {
    for (let g = 0, at = 0; g < samples * groups; g++, at += m) {
      let sum = 0;
      for (let i = at; i < at + m; i++) sum += x[i] as number;
      const mu = sum / m;
      sum = 0;
      for (let i = at; i < at + m; i++) sum += ((x[i] as number) - mu) ** 2;
      const inv = 1 / Math.sqrt(sum / m + kEps);
      let i = at;
      for (let k = 0, c = (g % groups) * channels; k < channels; k++, c++) {
        const scale = inv * (gamma[c] as number);
        const shift = beta[c] as number;
        for (const end = i + positions; i < end; i++) y[i] = ((x[i] as number) - mu) * scale + shift;
      }
      mean[g] = mu;
      invstd[g] = inv;
    }
  }

  function backward() {
    dgamma.fill(0);
    dbeta.fill(0);
    for (let g = 0, at = 0; g < samples * groups; g++, at += m) {
      const mu = mean[g] as number;
      const inv = invstd[g] as number;
      let p = 0;
      let q = 0;
      let i = at;
      for (let k = 0, c = (g % groups) * channels; k < channels; k++, c++) {
        let ofBeta = 0;
        let ofGamma = 0;
        for (const end = i + positions; i < end; i++) {
          const d = dy[i] as number;
          ofBeta += d;
          ofGamma += d * ((x[i] as number) - mu);
        }
        ofGamma *= inv;
        dbeta[c] = (dbeta[c] as number) + ofBeta;
        dgamma[c] = (dgamma[c] as number) + ofGamma;
        p += ofBeta * (gamma[c] as number);
        q += ofGamma * (gamma[c] as number);
      }
      const ofMean = (inv * p) / m;
      const ofVar = (inv * inv * q) / m;
      i = at;
      for (let k = 0, c = (g % groups) * channels; k < channels; k++, c++) {
        const scale = inv * (gamma[c] as number);
        for (const end = i + positions; i < end; i++)
          dx[i] = (dy[i] as number) * scale - ofMean - ((x[i] as number) - mu) * ofVar;
      }
    }
  }

  return { forward, backward };
}
