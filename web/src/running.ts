/** Running statistics: what callers say of them, checked. */
import { boolean, channelsOf, type Kind, requireTwo, shareOf } from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { optionsOf } from "./options.ts";
import { fault } from "./sentences.ts";

/** How running statistics take in a batch: running = (1 - momentum)·running + momentum·batch. */
export interface RunningRule {
  /** What is taken of the new batch, as in PyTorch: a share from 0 to 1. Default 0.1. Else `invalid-momentum`. */
  momentum?: number | undefined;
  /**
   * What is kept of the old value, as in Keras and CS231n: 1 - momentum. Else `invalid-decay`; give one of the two, for
   * both are `invalid-momentum`.
   */
  decay?: number | undefined;
}

/** Running statistics that a call updates in place, once nothing can fail any more: an error leaves both as they were. */
export interface Running<A extends FloatArray = FloatArray> extends RunningRule {
  /** One value per channel, of the kind of x. Begin with zeros. */
  mean: A;
  /** One value per channel, of the kind of x. Begin with ones. */
  var: A;
  /**
   * Whether the variance taken in is of /(m - 1), as in PyTorch (default), or of /m, as in Keras and CS231n; whatever
   * ddof. Unbiased needs two values per channel, else `one-value-per-channel`.
   */
  unbiased?: boolean | undefined;
}

/** A rule's momentum. `prefix` goes before the names of its options. */
export function momentumOf({ momentum, decay }: RunningRule, prefix = ""): number {
  if (momentum !== undefined && decay !== undefined) {
    throw fault("both-momentum-and-decay", `${prefix}decay`, {});
  }
  if (decay !== undefined) return 1 - shareOf(`${prefix}decay`, "invalid-decay", decay);
  return shareOf(`${prefix}momentum`, "invalid-momentum", momentum === undefined ? 0.1 : momentum);
}

/** Running statistics, checked. */
export interface CheckedRunning {
  runningMean: FloatArray;
  runningVar: FloatArray;
  momentum: number;
  unbiased: boolean;
  /** Writes both, or neither. */
  store(mean: FloatArray, variance: FloatArray): void;
}

/** m: the values per channel of what they take in. */
export function runningOf(value: unknown, kind: Kind, channels: number, m: number): CheckedRunning {
  const given = optionsOf("running", value, ["mean", "var", "momentum", "decay", "unbiased"]) as Running;
  const { mean, var: variance, unbiased = true } = given;
  const check = () => {
    channelsOf("running.mean", mean, kind, channels);
    channelsOf("running.var", variance, kind, channels);
  };
  check();
  const momentum = momentumOf(given, "running.");
  if (boolean("running.unbiased", unbiased)) requireTwo("running.unbiased", m, "false", true);
  return {
    runningMean: mean,
    runningVar: variance,
    momentum,
    unbiased,
    store(newMean, newVariance) {
      check(); // a layer's view is detached by now if the memory has grown
      mean.set(newMean);
      variance.set(newVariance);
    },
  };
}
