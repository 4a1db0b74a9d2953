/** The words of the presenting view. */
export const present = () => ({
  present: {
    slides: "Slides",
    /** The number of the slide, of all. */
    at: (slide: number, all: number) => `${slide} / ${all}`,
    name: (slide: number, all: number) => `Slide ${slide} of ${all}`,
    next: "Next",
    back: "Back",
    /** A button and its key. */
    tip: (name: string, key: string) => `${name} (${key})`,
    fullscreen: "Full screen",
    toLab: "To the lab",
    blank: "The screen is blank. Any key shows the slide again.",
  },
});
