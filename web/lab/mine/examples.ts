/** Mistakes that an example of Find my mistake is made of, one after another: links and lessons count them from 1. */
export const kExamples = ["dvar-half", "no-mean-path", "dgamma-from-xc", "dmean-sign", "no-gamma"];
