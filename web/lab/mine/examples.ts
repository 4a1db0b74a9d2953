/** The mistakes in the examples of Find my mistake, in order. Links and lessons count them from 1. */
export const kExamples = ["dvar-half", "no-mean-path", "dgamma-from-xc", "dmean-sign", "no-gamma"];
