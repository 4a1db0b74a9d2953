import type { NodeId } from "../../../src/index.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Lens, ToolId } from "../../model/choices.ts";
import type { Preset } from "../../model/presets.ts";

const reload = "If trying again does not help, reload the page.";

/** What all panels share, and the frame around them. */
export const page = ({ labels }: Notation) => ({
  formulas: {
    given: ", given",
    terms: (count: number) => ` (${count} terms)`,
  },
  /** What each node is: "gradient of the loss with respect to σ², …". */
  nodes: {
    x: "the batch",
    gamma: "the scale",
    beta: "the shift",
    mean: "the mean of each column",
    xc: "the centred batch",
    sq: "the squares",
    var: "the variance of each column",
    std: "the standard deviation, with ε",
    invstd: "one over the standard deviation",
    xhat: "the normalized batch",
    scaled: "the scaled batch",
    y: "the output",
  } satisfies Readonly<Record<NodeId, string>>,
  cells: {
    row: (row: number) => `row ${row}`,
    column: (column: number) => `column ${column}`,
    cell: (row: number, column: number) => `row ${row}, column ${column}`,
    rows: (count: number) => (count === 1 ? "1 row" : `${count} rows`),
    nan: "not a number",
    infinity: "infinity",
    minusInfinity: "minus infinity",
  },
  page: {
    title: "backnorm: batch normalization’s backward pass, every gradient in the open",
    tagline: "batch normalization’s backward pass, every gradient in the open",
    case: "Case",
    draw: "Draw another at random",
    tooLargeToDraw: "A draw of this shape would be too large",
    own: "own numbers",
    changed: (name: string) => `${name}, changed`,
    names: "Names",
    /** What the button of the other language says, in that language. */
    language: "中文",
    languageCode: "en",
    theme: "Switch between light and dark",
    share: "Share",
    teach: { label: "For teachers: five lessons and assignments", address: "teach.html" },
    findMine: "Find my mistake",
    makeOne: "Make a mistake …",
    openFile: "Open a file …",
    close: "Close",
    whole: "Open the whole page",
    brief: "Back to the small view",
    failed: (why: string) => `The kernels did not start. ${why}`,
    starting: "Starting the kernels …",
    unfetched: `This part of the page could not be fetched. ${reload}`,
    unfetchedRest: (why: string) => `The rest of the page could not be fetched: ${why}. ${reload}`,
    again: "Try again",
    fetching: "Fetching …",
    stays: (fault: string) => `${fault}. What was here stays.`,
    lens: "Lens",
    lenses: "Lenses",
    check: "Check",
    chosen: "The chosen node",
    rule: "Above the rule the value, below it the gradient.",
    negative: "negative",
    positive: "positive",
    javascript: "WebAssembly is not to be had here: the same code runs as JavaScript, more slowly.",
    checking: "checking",
    cancel: "Cancel",
    mistakeMade: "A mistake is made on purpose.",
    unmake: "Switch it off",
    groups: { courses: "from courses", measured: "measured", edge: "at the edge", drawn: "drawn" },
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
  } satisfies Readonly<Record<Preset, string>>,
  lenses: {
    graph: { label: "Graph", words: "every gate, with its value and its gradient" },
    steps: { label: "Steps", words: "the derivation in six steps" },
    paths: { label: "Paths", words: `${labels.dx} as three matrices that add up` },
    closed: { label: "Closed form", words: `${labels.dx} as one formula, as the fast kernel has it` },
  } satisfies Readonly<Record<Lens, { label: string; words: string }>>,
  tools: {
    mine: { title: "Find my mistake", words: "paste your own arrays" },
    bank: { title: "The bank of mistakes", words: "make one on purpose" },
    batches: {
      title: "Train and eval",
      words: "running statistics over batches, and what eval mode makes of them",
    },
  } satisfies Readonly<Record<ToolId, { title: string; words: string }>>,
  assignment: {
    title: "An assignment",
    words: "verdicts and hints, and nothing of the solution",
    how: `Your own program computes the passes. Copy the inputs into it, print what it computes, and paste that: the page says which arrays are right, which is the first wrong one, and asks a question that leads on.`,
    lock: "The solution is left out of this page as a courtesy, and not locked away: the same page without this mode shows it.",
  },
  /** What a link says wrong. */
  link: (fault: string) => `${fault}.`,
});
