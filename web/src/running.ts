/** Checks of running statistics. */
import { boolean, requireTwo, shareOf } from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { type CheckedTensor, channelsOf } from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { fault } from "./sentences.ts";

/** The update rule: running = (1 - momentum)·running + momentum·batch. */
export interface RunningRule {
  /** The weight of the new batch, as in PyTorch: 0 to 1. Default 0.1. Else `invalid-momentum`. */
  momentum?: number | undefined;
  /**
   * The weight of the old value, as in Keras and CS231n: 1 - momentum. Else `invalid-decay`. Give only one of the two,
   * else `invalid-momentum`.
   */
  decay?: number | undefined;
}

/** Running statistics that a call updates in place, as its last step: an error leaves both unchanged. */
export interface Running<A extends FloatArray = FloatArray> extends RunningRule {
  /** One value per channel, of the kind of x. Begin with zeros. */
  mean: A;
  /** One value per channel, of the kind of x. Begin with ones. */
  var: A;
  /**
   * Whether the variance is updated with the unbiased one, /(m - 1), as in PyTorch (default), or with the population
   * variance, /m, as in Keras and CS231n; independent of ddof. The unbiased one needs two values per channel, else
   * `one-value-per-channel`.
   */
  unbiased?: boolean | undefined;
}

/** A rule's momentum. `prefix`: put before the names of its options. */
export function momentumOf({ momentum, decay }: RunningRule, prefix = ""): number {
  if (momentum !== undefined && decay !== undefined) {
    throw fault("both-momentum-and-decay", `${prefix}decay`, {});
  }
  if (decay !== undefined) return 1 - shareOf(`${prefix}decay`, "invalid-decay", decay);
  return shareOf(`${prefix}momentum`, "invalid-momentum", momentum === undefined ? 0.1 : momentum);
}

/** Checked running statistics. */
export interface CheckedRunning {
  runningMean: FloatArray;
  runningVar: FloatArray;
  momentum: number;
  unbiased: boolean;
  /** Writes both, or neither. */
  store(mean: FloatArray, variance: FloatArray): void;
}

const kRunning: NamesOf<Running> = { mean: 0, var: 0, momentum: 0, decay: 0, unbiased: 0 };

/** m: the values per channel of the new batch. */
export function runningOf(value: unknown, tensor: CheckedTensor, m: number): CheckedRunning {
  const given = optionsOf<Running>("running", value, kRunning, []);
  const { mean, var: variance, unbiased = true } = given;
  const check = () => {
    channelsOf("running.mean", mean, tensor);
    channelsOf("running.var", variance, tensor);
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
