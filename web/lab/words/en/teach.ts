import type { Norm } from "../../../src/index.ts";
import type { Language } from "../../model/choices.ts";
import type { Opening } from "../../model/openings.ts";

/** The words of the link builder on the teacher's page. */
export const teach = {
  present: "Present this lesson",
  form: "Links for a class",
  norm: "Norm",
  norms: {
    batch: "batch norm",
    layer: "layer norm",
    group: "group norm",
    instance: "instance norm",
    rms: "RMS norm",
  } satisfies Readonly<Record<Norm, string>>,
  shape: "Shape of x",
  shapeOf: {
    batch: "N × D",
    layer: "N × D",
    group: "N × C × H × W",
    instance: "N × C × H × W",
    rms: "N × D",
  } satisfies Readonly<Record<Norm, string>>,
  groups: "Groups of channels",
  notation: "Names",
  language: "Language",
  languages: { en: "English", zh: "中文" } satisfies Readonly<Record<Language, string>>,
  opening: "The link opens",
  openings: {
    assignment: "an assignment (no solution)",
    mine: "Find my mistake",
    example: "an example mistake to find",
    graph: "the graph",
    steps: "the derivation",
    paths: "the paths",
    closed: "the closed form",
  } satisfies Readonly<Record<Opening, string>>,
  title: "Title of the sheet",
  titleAtFirst: "The backward pass",
  students: "Students, one name a line",
  studentsAtFirst: "Ada Lovelace\nEmmy Noether\nAlan Turing",
  impossible: (norm: string, shape: string, most: number) =>
    `This shape doesn’t suit ${norm}. Write it like ${shape}: two to four sides, at most ${most.toLocaleString("en")} numbers, and two or more that share a mean.`,
  indivisible: "The number of groups must divide that of the channels.",
  empty: "Enter a name, and its link appears here.",
  repeated: (count: number) =>
    count === 1
      ? "One line repeats a name, and is left out. Add a letter to tell two students apart."
      : `${count} lines repeat a name, and are left out. Add a letter to tell two students apart.`,
  tooMany: (most: number) => `Only the first ${most} names have a link.`,
  links: (count: number) => (count === 1 ? "One link" : `${count} links`),
  name: "Name",
  seed: "Seed",
  link: "Link",
  copy: "Copy",
  copyOf: (name: string) => `Copy the link of ${name}`,
  copyAll: "Copy all as CSV",
  print: "Print the sheet and its key",
  copied: (what: string) => `Copied: ${what}.`,
  table: "the table, as CSV",
  byHand: "The browser doesn’t allow copying. Copy the text by hand:",
  failed: "The engine failed to start, so there is no key, and the sheet lacks the first numbers of x.",
  computing: "Computing the key …",
  key: "The key",
  keyWords: {
    numbers: "The right gradients. Σ |∂x| is the sum of the absolute values of all entries of ∂x.",
    mistakes: "The mistake in each link, the first array that it makes wrong, and the right gradients.",
  },
  setting: (norm: string, shape: string) => `${norm}, ${shape}`,
  x: "x begins with",
  dgamma: "∂γ begins with",
  dx: "∂x begins with",
  total: "Σ |∂x|",
  mistake: "Mistake",
  firstWrong: "First wrong:",
  task: {
    assignment:
      "Open the link. Copy the inputs into your program, compute the gradients, and paste its output on the page.",
    mine: "Open the link. Compute the gradients with your program, and paste its output under Find my mistake.",
    example:
      "Open the link. It holds the output of a wrong program. Which line is wrong, and how do you know?",
    graph: "Open the link, and follow both passes on your own numbers.",
    steps: "Open the link, and derive each step on your own numbers.",
    paths: "Open the link, and see which paths add up to your ∂x.",
    closed: "Open the link, and compute one entry of ∂x by hand.",
  } satisfies Readonly<Record<Opening, string>>,
};
