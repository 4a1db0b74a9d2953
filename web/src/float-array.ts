/** The kinds of array that the calls take and return: float32 and float64. */
export type FloatArray = Float32Array | Float64Array;
