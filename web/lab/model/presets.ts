/** The cases that the page offers, in the groups of its list. A test compares them with the package's presets. */
export const kPresetGroups = {
  courses: ["cs231n", "cs231nAlt", "makemore", "notes"],
  measured: ["iris", "digits"],
  edge: ["largeMean", "constantChannel", "twoRows"],
  norms: ["layernorm", "groupnorm", "spatial", "tokens"],
} as const;

export type PresetGroup = keyof typeof kPresetGroups;
export type Preset = (typeof kPresetGroups)[PresetGroup][number];

export const kPresets: readonly Preset[] = Object.values(kPresetGroups).flat();

export const isPreset = (name: string): name is Preset => (kPresets as readonly string[]).includes(name);
