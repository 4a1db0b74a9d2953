import { html } from "lit";
import { mistakeText } from "../../../src/mistake-words.ts";
import { quote } from "../../base/numbers.ts";
import { printsWith } from "../../maths/code-lines.ts";
import type { Setting } from "../../maths/layout.ts";
import type { ArrayId, Notation } from "../../maths/notations.ts";
import type { Judged } from "../../model/judged.ts";

const listOf = (names: readonly string[]) => names.join(", ").replace(/, ([^,]*)$/, " and $1");

export const mine = (notation: Notation, setting: Setting) => {
  const { labels, code } = notation;
  const isRms = setting.norm === "rms"; // without a mean and beta
  const [dvar, other] = isRms ? (["dms", "dxhat"] as const) : (["dvar", "dmean"] as const);
  const printed = printsWith(notation) === "PyTorch" ? "tensor" : "array";
  const small =
    { columns: "a column of two rows", rows: "a row of two columns" }[setting.kind as string] ??
    "a group of two values";
  const nameOf = (array: string) => code[array as ArrayId];
  return {
    mine: {
      yourArrays: "Your arrays",
      found: "Result",

      kase: (kase: unknown) => html`For the case ${kase} above.`,
      copy: (library: string) => `Copy its inputs as ${library}`,
      copyCell: "Copy a cell for your notebook",
      copied: {
        inputs: "Copied.",
        cell: "Copied. Paste it into a cell, then call backnorm_check(your_backward, dout, cache, x=x, gamma=gamma, beta=beta): it runs your function and brings its arrays here.",
      },
      copyByHand: "The browser does not allow copying. Select all of this and copy it:",
      afterPasses: "After your own passes:",
      /** Of another array that is wrong itself. */
      alsoWrong: (name: string, difference: string) => `${name} is wrong by itself, too. ${difference}`,
      caseTaken: "You pasted a whole case: it is used, and its numbers are in the inputs above.",
      /** Of gamma and beta. */
      filled: (names: readonly string[]) =>
        `Not in it: ${names.join(", ")}. ${code.gamma} counts as 1 and ${code.beta} as 0.`,
      paste: "Your arrays, as your program prints them",
      placeholder: `${code[dvar]} = ${printed}([-0.0111, -0.0367, …])\n${code[other]} = …\n${code.dx} = [[ 0.0083, …`,
      tryExample: "Try an example",
      anotherExample: "Another example",
      example: "An example: the output of a program with one mistake.",
      chooseFiles: "Choose files …",
      clear: "Clear all",
      putBack: "Restore what was here",

      noArray: "Not an array",
      trouble: (what: unknown, fault: string) => html`${what}: ${fault}.`,
      fault: (fault: string) => `${fault}.`,
      emptyFile: "expected an array, got none",
      goThere: "Go there",
      more: (count: number) => `And ${count} more.`,
      unknownName: (name: string) => `${quote(name)} is not a known name. The known names are listed below.`,
      unnamed: (name: string, place: string, array: string) =>
        name
          ? `${quote(name)}, ${place}, is not a known name, so it is left out. ${array}.`
          : `An array without a name, ${place}. ${array}.`,
      takenFor: (name: string, place: string, array: string) =>
        `An array without a name, ${place}, is taken for ${name} by its shape and place in the order. ${array}.`,
      byNumbers: (pairs: readonly (readonly [name: string, taken: string])[]) =>
        `Recognised by their numbers: ${listOf(pairs.map(([name, taken]) => `${name} is ${taken}`))}.`,
      leftOut: (names: readonly string[]) =>
        `Left out, because the names are not known: ${names.join(", ")}.`,
      line: (line: number) => `line ${line}`,
      file: (file: string | undefined) => (file ? `from ${file}` : "from outside"),
      whichOne: "Which one is it?",
      suchAs: `${code.dx}, ${code[dvar]}, ${code[other]} …`,
      knownNames: "Known names",
      aboutNames:
        () => html`The names on the graph and those of CS231n, Kratzert, makemore and PyTorch, written as
      <code>${code[dvar]} = …</code>, <code>${code[dvar]}: …</code>, <code>"${code[dvar]}": …</code> or
      <code>${code.x}.grad</code>, with or without a prompt; also <code>grad_</code> before the name of any value.
      The page reads what NumPy, PyTorch, TensorFlow, JAX, Paddle, MXNet, pandas, R, MATLAB, Octave and Julia print, JSON, CSV and
      <code>.npz</code>. It names the array of an <code>.npy</code> file by the file’s name, and takes three arrays without names for
      <code>${code.dx}</code>, <code>${code.dgamma}</code> and <code>${code.dbeta}</code> if their sizes fit.`,
      /** "4×5, float32, all digits". */
      array: (size: string, isSingle: boolean, decimals: number | undefined) =>
        `${size}${isSingle ? ", float32" : ""}, ${decimals === undefined ? "all digits" : `${decimals} ${decimals === 1 ? "decimal" : "decimals"}`}`,
      numbers: (count: number) => (count === 1 ? "1 number" : `${count} numbers`),

      pasteAny:
        "Paste any of your arrays. The page shows the first wrong one and how it differs from the right one.",
      pasteAnySparing: "Paste any of your arrays. The page shows the first wrong one.",
      stepsToDo: [
        "Copy the inputs into your program.",
        `Print what your backward pass computes: ${code.dx} at least, and ${code.dgamma}, ${code[dvar]}, ${code[other]} if you have them.`,
        "Paste all of the output at once.",
      ],
      staysHere: "Nothing leaves this page.",

      judged: {
        right: "right",
        "wrong here": "wrong here",
        inherited: "inherited",
        wrong: "wrong",
        undecidable: "undecidable",
      } satisfies Readonly<Record<Judged, string>>,
      givenAgain: "given again",
      remove: (name: string) => `Remove ${name}`,
      wrong: (name: unknown) => html`${name} is wrong.`,
      firstWrong: (name: unknown) => html`${name} is the first wrong array.`,
      /** Of an array that was not pasted. */
      hiddenWrong: (name: unknown) => html`<b>${name}</b> must be wrong: what you pasted follows from it.`,
      wrongToo: (names: readonly string[]) =>
        `${listOf(names)} ${names.length > 1 ? "are wrong by themselves" : "is wrong by itself"}, too.`,
      /** The arrays that are wrong because of the first one: some by name, the others by their number. Then how many are right. */
      others: (heirs: readonly string[], more: number, right: number, given: number) => {
        const all = more > 0 ? [...heirs, `${more} more`] : heirs;
        const inherit = heirs.length + more > 1 ? "inherit" : "inherits";
        const so = all.length === 0 ? "" : `${listOf(all)} ${inherit} the error. `;
        return `${so}${right} of ${given} are right.`;
      },
      nothingWrong: "No mistake was found.",
      /** What keeps arrays undecided. */
      tooFewDigits: (names: readonly string[]) =>
        `${listOf(names)} can’t be judged from so few digits. Print more, for example with np.set_printoptions(precision=17).`,
      tooMuchRounding: (names: readonly string[], precision: string) =>
        `${listOf(names)} can’t be judged: rounding in ${precision} could hide a mistake.`,
      cancels: (names: readonly string[]) =>
        `${listOf(names)} can’t be judged on this case: the right numbers cancel to nothing, so that wrong ones would agree too.`,
      /** What the arrays show about the program, besides mistakes. */
      computedIn: (precision: string) => `Your program computed in ${precision}, and was judged so.`,
      readIn: (precision: string) =>
        `Your program read inputs in ${precision}, and was judged so. Check that it keeps their dtype.`,
      onePass:
        "Your variance was computed in one pass, as E[x²] − E[x]². That is right here, but loses digits where the mean is much larger than the spread.",
      channelsAt: (name: string, axis: number) =>
        `${name} has its channels at axis ${axis}${axis === 1 ? ", as in NCHW" : ""}, and was read so.`,
      oneRight: (name: unknown) => html`Your ${name} is right.`,
      allRight: (count: number) => `All ${count} of your arrays are right.`,
      explained: "Rounding and the number of printed digits explain every difference.",
      missing: (names: readonly string[]) => `Not given yet: ${names.join(", ")}.`,

      where: "Where",
      kind: "What kind",
      answer: "What it is",
      question: "A question",
      askKind: "A hint: what kind of mistake is it?",
      askAnswer: "Show the answer",
      askQuestion: "A hint: a question to ask yourself",
      otherInput: (name: string, library: string) =>
        `${name} is an input, and yours differs from this case. Copy the inputs as ${library}, run your program again, and paste its output. Results from other inputs can’t be judged.`,
      wrongBefore: (name: string, names: readonly string[]) =>
        `The mistake is in ${name} or before it. Paste ${listOf(names)} too, to narrow it down.`,
      wrongHere: (name: string) =>
        `Everything you pasted before ${name} is right, so look first at the line that computes ${name}.`,
      liesOn: (edges: readonly string[]) => `It lies on ${edges.join("; and on ")}.`,
      /** isBatch: the groups of values that share statistics are columns. */
      broken: (law: unknown, groups: readonly number[], more: boolean, isBatch: boolean) => {
        const group = isBatch ? "column" : "group";
        const which = `${group}${groups.length > 1 ? "s" : ""} ${groups.join(", ")}${more ? ", …" : ""}`;
        return html`${law} does not hold in ${groups.length === 0 ? `any ${group}` : which}.`;
      },
      noneFits: (count: number) =>
        `None of the ${count} known mistakes gives exactly these numbers. Yours is a different one, or more than two at once.`,
      noneFitsSparing: `No known mistake gives exactly these numbers. Work that line out by hand for ${small}. Where does your result first differ?`,
      severalFit: "These mistakes fit your arrays equally well:",
      seeOnGraph: "See it on the graph",
      rightLines: (count: number, library: string) => `Correct ${library} ${count > 1 ? "lines" : "line"}:`,

      compare: "Compare with the right numbers",
      numbersOf: (name: string) => `The numbers of ${name}`,
      offBy: (error: string, bound: string) => `off by at most ${error}; ${bound} is allowed`,
      yours: "yours",
      theRightOne: "the right one",
      difference: (power: string) => `yours − right${power}`,
      captioned: (caption: string, name: string) => `${caption}, ${name}`,
      allCellsWrong: "Every cell is wrong.",
      cellsWrong: (count: number, all: number) => `${count} of ${all} cells are wrong. They are framed.`,

      ways: {
        direct: "the direct path",
        "through-var": "the path through the variance",
        "through-mean": "the path through the mean",
        "through-rms": "the path through the root mean square",
      },
      edgeOn: (edge: string, way: string) => `${edge}, on ${way}`,
      place: (place: number) => `place ${place}`,
      placeIn: (index: readonly number[]) => `place [${index.join(", ")}], counted from 0`,
      /** What a wrong array was computed as. */
      /** What arrays that are wrong for the case are right for. */
      colon: ": ",
      recognised: {
        norms: {
          batch: "batch norm",
          layer: "layer norm",
          group: "group norm",
          instance: "instance norm",
          rms: "RMS norm",
        },
        otherNorm: (norm: string, groups: number) =>
          `These are the right arrays of ${norm}${groups > 1 ? ` with ${groups} groups` : ""}.`,
        otherInputs: "Were these computed on other inputs?",
        /** Of an array that was not pasted. */
        hidden: (name: string) =>
          `You did not paste ${name}. Look first at the line that computes it, and paste it to be sure.`,
        askInputs:
          "All of them differ, even what depends on one input alone. Copy the inputs of this case, run your program again, and paste its output.",
      },
      computedAs: {
        movedRows: (by: number) =>
          `Yours has the right numbers, ${by} ${by === 1 ? "row" : "rows"} further down.`,
        movedColumns: (by: number) =>
          `Yours has the right numbers, ${by} ${by === 1 ? "column" : "columns"} further right.`,
        /** The same for norms whose groups are not columns. */
        inGroups: {
          movedRows: (by: number) =>
            `Yours has the right numbers, ${by} ${by === 1 ? "place" : "places"} further on in each group.`,
          movedColumns: (by: number) =>
            `Yours has the right numbers, ${by} ${by === 1 ? "group" : "groups"} further on.`,
          ofAll: (sum: string) => `[the mean of ${sum} over all groups]`,
          ofOne: (sum: string, group: number) => `[${sum} of group ${group}]`,
          /** The part of dx that is one number in each group. */
          constant: "the part that is the same in a whole group",
        },
        elements: (count: number, where: string) =>
          count === 1
            ? `Yours is right but for one number, in ${where}.`
            : `Yours is right but for ${count} numbers, first in ${where}.`,
        sign: "Yours has the other sign, and everything after it is right: a convention.",
        name: (other: string) =>
          `Yours contains what is called ${other} here, and everything after it is right: a matter of names.`,
        formula: (formula: string) => `Yours is ${formula}.`,
        /** What an array is that was not pasted. */
        hidden: (name: string, what: string) => `All of them follow if ${name} is ${what}.`,
        timesRight: (factor: string) => `${factor} times the right one`,
        ofAll: (sum: string) => `[the mean of ${sum} over all columns]`,
        ofOne: (sum: string, column: number) => `[${sum} of column ${column}]`,
        offset: (by: string) => `Yours is the right one plus ${by}.`,
        limits: (low: string | null, high: string | null) =>
          low === null
            ? `the right one, with ${high} for what is above it`
            : high === null
              ? `the right one, with ${low} for what is below it`
              : `the right one, clipped to [${low}, ${high}]`,
        notFinite: (count: number, where: string, cause: string) =>
          count === 1
            ? `Yours has a number that is not finite, in ${where}. ${cause}`
            : `Yours has ${count} numbers that are not finite, first in ${where}. ${cause}`,
        causes: {
          unknown: "",
          "zero-std": "The standard deviation is 0 there, and 0/0 is NaN: nothing was added to the variance.",
          "negative-var": "Your variance is negative there, and has no root.",
          range: "The right number there is too large for float16.",
        },
        root: (root: string) => `Yours follows from a standard deviation of ${root}.`,
        /** "In yours, the direct path is right; the path through the mean is missing." */
        shares: (parts: readonly string[]) => `In yours, ${parts.join("; ")}.`,
        share: (name: string, state: string) => `${name} ${state}`,
        part: (pattern: string | null) =>
          pattern ? `the part that goes with ${pattern}` : "the part that is the same in every row",
        right: "is right",
        missing: "is missing",
        other: "is wrong",
        times: (factor: string) => `is ${factor} times what it should be`,
        is: (formula: string) => `has the factor ${formula}`,
        asWith: (root: string) => `is as with a standard deviation of ${root}`,
      },
      /** How a wrong array is related to the right one. */
      relation: {
        none: "Yours and the right one are not related in a simple way.",
        notFinite: (place: string) => `Yours contains a number that is not finite, first in ${place}.`,
        length: (got: number, expected: number) => `Yours has ${got} numbers instead of ${expected}.`,
        shape: (got: string, expected: string) => `Yours has the shape ${got} instead of ${expected}.`,
        transposed: "Yours is the transpose of the right one.",
        unsummed: "Yours is not summed over the rows; its column sums are right.",
        perSample: "Yours is summed over positions only; its sums over samples are right.",
        wrongAxis: "Yours is summed over the columns instead of the rows.",
        sign: "Yours is −1 times the right one: the sign is wrong.",
        zero: "Yours is 0 everywhere.",
        ratio: (factor: string, count: string | undefined) =>
          `Yours is ${factor} times the right one${count ? `, which is ${count} here` : ""}.`,
        power: (power: string) => `Yours is the right one times ${power}.`,
        equals: (other: string) => `Yours contains the right numbers for ${other}.`,
        missingPath: (edge: string) => `Yours lacks the gradient that comes back along ${edge}.`,
        onlyPath: (edge: string) => `Yours is only the gradient that comes back along ${edge}.`,
        /** The same for norms whose groups are not columns. */
        inGroups: {
          unsummed: "Yours is not summed: it has the shape of x, and its sums are right.",
          wrongAxis: "Yours is summed within the groups; gamma and beta belong to channels, over all groups.",
          ratioPerColumn:
            "In every group, yours is the right one times a factor that differs from group to group.",
          offsetPerColumn:
            "In every group, yours is off by a constant: the error is the same in the whole group.",
        },
        ratioPerColumn:
          "In every column, yours is the right one times a factor that differs from column to column.",
        offsetPerColumn: "In every column, yours is off by a constant: the error is the same in all rows.",
      },
    },
    bank: {
      /** The places of mistakes. Each key is the first mistake of its place. */
      places: {
        "dy-ones": "The gradient from the loss",
        swapped: isRms ? labels.dgamma : `${labels.dbeta} and ${labels.dgamma}`,
        "no-gamma": labels.dxhat,
        "dstd-sign": `${labels[dvar]} and the steps before it`,
        "dmean-sign": labels.dmean,
        "detached-stats": `The ${isRms ? "two" : "three"} paths of ${labels.dx}`,
        "uncentred-variance": "The forward pass",
        "stateful-forward": "The calls around the passes",
      },
      search: "Search the mistakes",
      suchAs: `Search: eps, ${code[dvar]}, averaged …`,
      all: (count: number) =>
        `${count} mistakes, from the loss back to ${labels.x}. Choose one to switch it on in the case above.`,
      none: (wanted: string) => `No mistake contains ${quote(wanted)}.`,
      some: (count: number, all: number) => `${count} of ${all}.`,
      aroundPasses: "in the calls around the passes",
      changes: (edges: readonly string[], nodes: readonly string[]) =>
        [...edges.map((edge) => `edge ${edge}`), ...nodes.map((node) => `node ${node}`)].join("; "),
    },
    mistakes: {
      title: (id: string) => mistakeText(id, "en", nameOf, setting).title,
      explanation: (id: string) => mistakeText(id, "en", nameOf, setting).explanation,
      hint: (id: string) => mistakeText(id, "en", nameOf, setting).hint,
    },
  };
};
