/** The cases that the page offers, with a sentence each on what to look for; a test compares the keys with the package's. */
export const kPresets = {
  cs231n: {
    label: "cs231n 4×5",
    words: "CS231n’s own test case: NumPy seed 231, four rows of five features around 12.",
  },
  iris: {
    label: "iris 150×4",
    words: "Fisher’s measurements of 150 irises, in centimetres; γ, β and ∂y from NumPy, seed 1936.",
  },
} as const;

export type Preset = keyof typeof kPresets;

export const isPreset = (name: string): name is Preset => Object.hasOwn(kPresets, name);
