import { html } from "lit";
import type { AnyNodeId } from "../../maths/graph-facts.ts";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Lens, ToolId } from "../../model/choices.ts";
import type { Preset } from "../../model/presets.ts";
import { nouns, placeText } from "./nouns.ts";

const reload = "If trying again does not help, reload the page.";

/** The words that all panels share, and those of the frame around them. */
export const page = ({ labels }: Notation, setting: Setting) => {
  const { eachGroup } = nouns(setting);
  return {
    formulas: {
      given: ", given",
      terms: (count: number) => ` (${count} terms)`,
    },
    /** A description of each node: "gradient of the loss with respect to σ², …". */
    nodes: {
      x: "the batch",
      gamma: "the scale",
      beta: "the shift",
      mean: `the mean of ${eachGroup}`,
      xc: "the centred batch",
      sq: "the squares",
      var: `the variance of ${eachGroup}`,
      std: "the standard deviation, with ε",
      invstd: "one over the standard deviation",
      xhat: "the normalized batch",
      scaled: "the scaled batch",
      y: "the output",
      ms: `the mean of squares of ${eachGroup}`,
      rms: "the root mean square, with ε",
      invrms: "one over the root mean square",
    } satisfies Readonly<Record<AnyNodeId, string>>,
    cells: {
      /** "row 1, column 3"; "sample 1, group 2". */
      place: placeText,
      row: (row: number) => `row ${row}`,
      column: (column: number) => `column ${column}`,
      cell: (row: number, column: number) => `row ${row}, column ${column}`,
      rows: (count: number) => (count === 1 ? "1 row" : `${count} rows`),
      nan: "not a number",
      infinity: "infinity",
      minusInfinity: "minus infinity",
    },
    page: {
      title: "backnorm: the backward pass of batch, layer, group, instance and RMS norm",
      tagline: "the backward pass of a norm layer, every gradient in the open",
      skip: "Skip to the content",
      case: "Case",
      draw: "New random numbers",
      tooLargeToDraw: "A random case of this shape would be too large",
      own: "own numbers",
      changed: (name: string) => `${name}, changed`,
      names: "Names",
      /** The label of the language button, in the other language. */
      language: "中文",
      languageCode: "en",
      theme: "Switch between light and dark",
      share: "Share",
      teach: {
        label: "For teachers: seven lessons, links for a class, and assignments",
        address: "teach.html",
      },
      findMine: "Find my mistake",
      showWhy: "Show me why",
      toLab: "Skip to the lab",
      makeOne: "Make a mistake …",
      openFile: "Open a file …",
      close: "Close",
      whole: "Open the whole page",
      brief: "Back to the small view",
      failed: (why: string) => `The engine failed to start. ${why}`,
      needsWebAssembly:
        "WebAssembly is switched off in this browser, and this file can’t compute without it. Open the file in another browser, or open the page on a web server, where the same code also runs as JavaScript.",
      starting: "Starting the engine …",
      unfetched: `This part of the page failed to load. ${reload}`,
      unfetchedRest: (why: string) => `The rest of the page failed to load: ${why}. ${reload}`,
      again: "Try again",
      fetching: "Loading …",
      stays: (fault: string) => `${fault}. Nothing was changed.`,
      lens: "Lens",
      lenses: "Lenses",
      check: "Check",
      chosen: "The chosen node",
      rule: "In each box: the value above the line, ∂L/∂(it) below.",
      means: (partial: unknown, slope: unknown) => html`${partial} means ${slope}.`,
      agrees: "agrees with the finite difference",
      differs: "disagrees with it",
      value: "value",
      gradient: "∂L/∂",
      closeLegend: "Close the legend",
      negative: "negative",
      positive: "positive",
      javascript: "WebAssembly is not available here. The same code runs as JavaScript, more slowly.",
      checking: "checking",
      cancel: "Cancel",
      mistakeMade: "A deliberate mistake is switched on.",
      unmake: "Switch it off",
      groups: {
        courses: "from courses",
        measured: "real data",
        edge: "edge cases",
        norms: "other norms",
        drawn: "random",
      },
    },
    presetNames: {
      cs231n: "cs231n 4×5",
      cs231nAlt: "cs231n 100×500",
      makemore: "makemore 32×64",
      notes: "notes 4×3",
      iris: "iris 150×4",
      digits: "digits 20×8",
      largeMean: "large mean 8×3",
      constantChannel: "constant 6×4",
      twoRows: "two rows 2×3",
      layernorm: "layer norm 4×5",
      groupnorm: "group norm 2×6×4×5",
      spatial: "batch norm 2×3×4×5",
      tokens: "RMS norm 6×8",
    } satisfies Readonly<Record<Preset, string>>,
    lenses: {
      graph: { label: "Graph", words: "every gate, with its value and its gradient" },
      steps: { label: "Steps", words: "the derivation, line by line" },
      paths: { label: "Paths", words: `${labels.dx} as three matrices that add up` },
      closed: { label: "Closed form", words: `${labels.dx} as one formula, as in the fast kernel` },
    } satisfies Readonly<Record<Lens, { label: string; words: string }>>,
    tools: {
      mine: { title: "Find my mistake", words: "paste your own arrays" },
      bank: { title: "The bank of mistakes", words: "switch one on" },
      batches: {
        title: "Train and eval",
        words: "running statistics over batches, and eval mode, which uses them",
      },
    } satisfies Readonly<Record<ToolId, { title: string; words: string }>>,
    assignment: {
      title: "Assignment",
      words: "verdicts and hints, without the solution",
      how: `Compute both passes in your own program. Copy the inputs into it, print the arrays that it computes, and paste the output here. The page says which arrays are right and which is the first wrong one. Then it asks a question to help you on.`,
      lock: "The solution is hidden as a courtesy. It is not locked away: the same page without this mode shows it.",
    },
    /** An error in a link. */
    link: (fault: string) => `${fault}.`,
  };
};
