/** The cases that the page offers, as its list groups them; a test compares the keys with the package's. */
export const kPresetGroups = {
  "from courses": {
    cs231n: "cs231n 4×5",
    cs231nAlt: "cs231n 100×500",
    makemore: "makemore 32×64",
    notes: "notes 4×3",
  },
  measured: { iris: "iris 150×4", digits: "digits 20×8" },
  "at the edge": {
    largeMean: "large mean 8×3",
    constantChannel: "constant 6×4",
    twoRows: "two rows 2×3",
  },
} as const;

type Groups = typeof kPresetGroups;
export type Preset = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups];

export const kPresets = Object.values(kPresetGroups).flatMap(Object.keys) as Preset[];

export const isPreset = (name: string): name is Preset => (kPresets as string[]).includes(name);
