/** How a norm reads a shape. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorCode } from "backnorm";
import { type NormOptions, normOf } from "../../web/src/norm.ts";

type Extents = [samples: number, before: number, channels: number, after: number];
type Reading = [
  options: NormOptions,
  extents: Extents,
  axis: number,
  parameters: number[],
  statistics: number[],
];
/** By NORMS.md's table: gamma has `parameters`, the mean `statistics`. */
const readings: Reading[] = [
  [{ shape: [4, 5] }, [4, 1, 5, 1], 1, [5], [5]],
  [{ shape: [5] }, [1, 1, 5, 1], 0, [5], [5]],
  [{ shape: [2, 3, 4, 5], norm: "batch", axis: -2 }, [6, 1, 4, 5], 2, [4], [4]],
  [{ shape: [2, 3, 4, 5], layout: "channels-last" }, [24, 1, 5, 1], 3, [5], [5]],
  [{ norm: "layer", shape: [4, 5] }, [4, 1, 5, 1], 1, [5], [4]],
  [{ norm: "layer", shape: [5] }, [1, 1, 5, 1], 0, [5], []],
  [{ norm: "layer", shape: [2, 3, 4, 5], normalizedDims: 3 }, [2, 1, 60, 1], 1, [3, 4, 5], [2]],
  [{ norm: "layer", shape: [4, 5], normalizedDims: 2 }, [1, 1, 20, 1], 0, [4, 5], []],
  [{ norm: "rms", shape: [2, 3, 8], unitOffset: true }, [6, 1, 8, 1], 2, [8], [2, 3]],
  [{ norm: "group", groups: 2, shape: [2, 6, 4, 5] }, [2, 1, 6, 20], 1, [6], [2, 2]],
  [{ norm: "group", groups: 3, shape: [2, 6] }, [2, 1, 6, 1], 1, [6], [2, 3]],
  [{ norm: "group", groups: 1, shape: [2, 4, 5, 6], axis: -1 }, [2, 20, 6, 1], 3, [6], [2, 1]],
  [{ norm: "group", groups: 2, shape: [2, 3, 6, 5], axis: 2 }, [2, 3, 6, 5], 2, [6], [2, 2]],
  [{ norm: "instance", shape: [2, 3, 4, 5] }, [2, 1, 3, 20], 1, [3], [2, 3]],
  [{ norm: "instance", shape: [2, 4, 5, 3], layout: "channels-last" }, [2, 20, 3, 1], 3, [3], [2, 3]],
];
for (const [options, extents, axis, parameters, statistics] of readings) {
  test(`${JSON.stringify(options)} has parameters of [${parameters}] and statistics of [${statistics}]`, () => {
    const found = normOf("", options);
    const { samples, before, channels, after } = found;
    assert.deepEqual([samples, before, channels, after], extents);
    assert.deepEqual(
      [found.axis, found.parametersShape, found.statisticsShape],
      [axis, parameters, statistics],
    );
    assert.equal(found.positions, before * after);
    const size = options.shape.reduce((a, b) => a * b, 1);
    assert.equal(samples * channels * found.positions, size);
    assert.equal(found.m * found.statistics, size);
    if (found.norm !== "batch") assert.equal(found.statistics, samples * found.groups);
  });
}

const refused: [options: object, kind: "Type" | "Range", code: ErrorCode, message: string][] = [
  [{ norm: "Layer" }, "Range", "invalid-norm", 'norm: expected "batch", "layer", "group", "instance" or "rms", got the string "Layer"'],
  [{ norm: null }, "Type", "invalid-norm", 'norm: expected "batch", "layer", "group", "instance" or "rms", got null'],
  [{ groups: 2 }, "Type", "invalid-norm", 'groups: expected norm "group" with it, got "batch"'],
  [{ norm: "instance", groups: 6 }, "Type", "invalid-norm", 'groups: expected norm "group" with it, got "instance"'],
  [{ norm: "group", groups: 2, normalizedDims: 3 }, "Type", "invalid-norm", 'normalizedDims: expected norm "layer" or "rms" with it, got "group"'],
  [{ norm: "layer", unitOffset: true }, "Type", "invalid-norm", 'unitOffset: expected norm "rms" with it, got "layer"'],
  [{ norm: "layer", axis: 1 }, "Type", "invalid-norm", 'axis: expected norm "batch", "group" or "instance" with it, got "layer"'],
  [{ norm: "rms", layout: "channels-last" }, "Type", "invalid-norm", 'layout: expected norm "batch", "group" or "instance" with it, got "rms"'],
  [{ norm: "rms", unitOffset: 1 }, "Type", "not-a-boolean", "unitOffset: expected true or false, got 1"],
  [{ norm: "group" }, "Type", "invalid-groups", "groups: expected a positive whole number that divides 6 channels, got undefined"],
  [{ norm: "group", groups: 4 }, "Range", "invalid-groups", 'groups: expected a positive whole number that divides 6 channels, or layout "channels-last" for channels on the last axis, got 4'],
  [{ norm: "group", groups: 0 }, "Range", "invalid-groups", "groups: expected a positive whole number that divides 6 channels, got 0"],
  [{ norm: "group", groups: 1.5 }, "Range", "invalid-groups", "groups: expected a positive whole number that divides 6 channels, got 1.5"],
  [{ norm: "group", groups: "2" }, "Type", "invalid-groups", 'groups: expected a positive whole number that divides 6 channels, got the string "2"'],
  [{ norm: "layer", normalizedDims: 4 }, "Range", "invalid-dims", "normalizedDims: expected a whole number from 1 to 3, the rank of x, got 4"],
  [{ norm: "layer", normalizedDims: 0 }, "Range", "invalid-dims", "normalizedDims: expected a whole number from 1 to 3, the rank of x, got 0"],
  [{ norm: "rms", normalizedDims: [2] }, "Type", "invalid-dims", "normalizedDims: expected a whole number from 1 to 3, the rank of x, got a plain array"],
  [{ norm: "instance", axis: 0 }, "Range", "invalid-axis", "axis: expected a whole number from 1 to 2, or from -2 to -1, got 0"],
  [{ norm: "instance", axis: -3 }, "Range", "invalid-axis", "axis: expected a whole number from 1 to 2, or from -2 to -1, got -3"],
  [{ norm: "instance", shape: [6] }, "Range", "invalid-shape", "shape: expected an array of 2 to 8 positive whole numbers, got [6]"],
  [{ norm: "layer", shape: [] }, "Range", "invalid-shape", "shape: expected an array of 1 to 8 positive whole numbers, got []"],
]; // biome-ignore format: a table
for (const [options, kind, code, message] of refused) {
  test(`${JSON.stringify(options)} of [2, 6, 4] is refused`, () => {
    const read = () => normOf("", { shape: [2, 6, 4], ...options } as NormOptions);
    assert.throws(read, { name: `Backnorm${kind}Error`, code, message });
  });
}
