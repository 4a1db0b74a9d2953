const ofRms: Readonly<Record<string, string>> = {
  var: "ms",
  std: "rms",
  invstd: "invrms",
  xc: "x",
  scaled: "y",
};
/** The array of RMS norm's graph that stands where one of batch norm's does. */
export const inRms = (array: string): string => {
  const [, d = "", node = ""] = /^(d?)(var|std|invstd|xc|scaled)$/.exec(array) ?? [];
  return node ? `${d}${ofRms[node]}` : array;
};
