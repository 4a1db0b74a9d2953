import { html } from "lit";
import { mistakeText } from "../../../src/mistake-words.ts";
import { quote } from "../../base/numbers.ts";
import { printsWith } from "../../maths/derivation.ts";
import type { ArrayId, Notation } from "../../maths/notations.ts";
import type { Judged } from "../../model/judged.ts";

const listOf = (names: readonly string[]) => names.join(", ").replace(/, ([^,]*)$/, " and $1");

export const mine = (notation: Notation) => {
  const { labels, code } = notation;
  const printed = printsWith(notation) === "PyTorch" ? "tensor" : "array";
  const nameOf = (array: string) => code[array as ArrayId];
  return {
    mine: {
      yourArrays: "Your arrays",
      found: "What was found",

      kase: (kase: unknown) => html`For the case ${kase} above.`,
      copy: (library: string) => `Copy its inputs as ${library}`,
      copied: "Copied.",
      copyByHand: "The browser did not allow to copy. Select it all here:",
      afterPasses: "After your own passes on these:",
      paste: "Your arrays, as your program prints them",
      placeholder: `${code.dvar} = ${printed}([-0.0111, -0.0367, …])\n${code.dmean} = …\n${code.dx} = [[ 0.0083, …`,
      tryExample: "Try an example",
      anotherExample: "Another example",
      example: "An example: what a program with one mistake prints.",
      chooseFiles: "Choose files …",
      clear: "Clear all",
      putBack: "Put back what was here",

      noArray: "What is no array",
      trouble: (what: unknown, fault: string) => html`${what}: ${fault}.`,
      fault: (fault: string) => `${fault}.`,
      emptyFile: "expected an array, got none",
      goThere: "Go there",
      more: (count: number) => `And ${count} more.`,
      unknownName: (name: string) =>
        `${quote(name)} is no name that is known here. The names are listed below.`,
      unnamed: (name: string, place: string, array: string) =>
        name
          ? `${quote(name)}, ${place}, is no name that is known here: left out. ${array}.`
          : `An array without a name, ${place}. ${array}.`,
      line: (line: number) => `line ${line}`,
      file: (file: string) => `from ${file}`,
      whichOne: "Which one is it?",
      suchAs: `${code.dx}, ${code.dvar}, ${code.dmean} …`,
      knownNames: "Names that are known",
      aboutNames: () => html`Those of the graph, of CS231n, Kratzert, makemore and PyTorch, each as
        <code>${code.dvar} = …</code>, <code>${code.dvar}: …</code>, <code>"${code.dvar}": …</code>,
        <code>${code.x}.grad</code>, or after a prompt; and <code>grad_</code> in front of any value’s name. NumPy,
        PyTorch, JSON and CSV are read, and <code>.npy</code> files by their name.`,
      /** "4×5, float32, all digits". */
      array: (size: string, isSingle: boolean, decimals: number | undefined) =>
        `${size}${isSingle ? ", float32" : ""}, ${decimals === undefined ? "all digits" : `${decimals} decimals`}`,
      numbers: (count: number) => (count === 1 ? "1 number" : `${count} numbers`),

      pasteAny:
        "Paste any of your arrays, and the first that is wrong shows up here, with what it has to do with the right one.",
      pasteAnySparing: "Paste any of your arrays, and the first that is wrong shows up here.",
      stepsToDo: [
        "Copy the inputs into your program.",
        `Print what your backward pass computes: ${code.dx} at least, and ${code.dgamma}, ${code.dvar}, ${code.dmean} where you have them.`,
        "Paste all of it at once.",
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
      firstWrong: (name: unknown) => html`${name} is the first that is wrong.`,
      /** What is wrong because of the first one, by name and by number; and how many of all are right. */
      others: (heirs: readonly string[], more: number, right: number, given: number) => {
        const all = more > 0 ? [...heirs, `${more} more`] : heirs;
        const so = all.length === 0 ? "" : `So ${all.length > 1 ? "are" : "is"} ${listOf(all)}. `;
        return `${so}${right} of ${given} are right.`;
      },
      nothingWrong: "Nothing is found to be wrong.",
      undecided: (names: readonly string[]) =>
        `${names.join(", ")} can’t be told from a wrong one on this case: it has cancelled to nothing, or was printed with too few digits.`,
      oneRight: (name: unknown) => html`Your ${name} is right.`,
      allRight: (count: number) => `All ${count} of your arrays are right.`,
      explained: "Every number lies within what rounding and the digits given explain.",
      missing: (names: readonly string[]) => `Not given yet: ${names.join(", ")}.`,

      where: "Where",
      kind: "What kind",
      answer: "What it is",
      question: "A question",
      askKind: "A hint: what kind of mistake is it?",
      askAnswer: "Show what it is",
      askQuestion: "A hint: a question to ask yourself",
      otherInput: (name: string, library: string) =>
        `${name} is an input, and yours is not the case’s. Copy the inputs as ${library}, run again, and paste anew; what follows from other inputs can’t be judged.`,
      wrongBefore: (name: string, names: readonly string[]) =>
        `The mistake is in ${name} or before it. Paste ${listOf(names)} as well, and the place gets narrower.`,
      wrongHere: (name: string) =>
        `Nothing that you gave before ${name} is wrong, so look at the line that makes ${name} first.`,
      liesOn: (edges: readonly string[]) => `It lies on ${edges.join("; and on ")}.`,
      broken: (law: unknown, columns: readonly number[], more: boolean) => {
        const which = `column${columns.length > 1 ? "s" : ""} ${columns.join(", ")}${more ? ", …" : ""}`;
        return html`${law} does not hold in ${columns.length === 0 ? "any column" : which}.`;
      },
      noneFits: (count: number) =>
        `None of the ${count} known mistakes gives exactly these numbers: it is another one, or more than two at once.`,
      noneFitsSparing:
        "No known mistake gives exactly these numbers. Work that line out by hand for a column of two rows: where does yours part from it?",
      severalFit: "These fit all that you gave equally well:",
      seeOnGraph: "See it on the graph",
      rightLines: (count: number, library: string) => `Right ${count > 1 ? "lines" : "line"} of ${library}:`,

      numbersOf: (name: string) => `The numbers of ${name}`,
      offBy: (error: string, bound: string) => `off by ${error} at most, ${bound} is allowed`,
      yours: "yours",
      theRightOne: "the right one",
      difference: (power: string) => `yours − right${power}`,
      captioned: (caption: string, name: string) => `${caption}, ${name}`,
      allCellsWrong: "Every cell is wrong.",
      cellsWrong: (count: number, all: number) => `${count} of ${all} cells are wrong, and framed.`,

      ways: {
        mean: "the way through the mean",
        variance: "the way through the variance",
        direct: "the direct way",
      },
      edgeOn: (edge: string, way: string) => `${edge}, on ${way}`,
      place: (place: number) => `place ${place}`,
      /** What a wrong array has to do with the one that it should be. */
      relation: {
        none: "No simple relation leads from yours to the right one.",
        notFinite: (place: string) => `Yours holds a number that is not finite, first in ${place}.`,
        length: (got: number, expected: number) => `Yours has ${got} numbers, where ${expected} belong.`,
        shape: (got: string, expected: string) => `Yours has the shape ${got}, where ${expected} belongs.`,
        transposed: "Yours is the transpose of the right one.",
        unsummed: "Yours is not summed over the rows; the sums of its columns are right.",
        wrongAxis: "Yours is summed over the columns, where a sum over the rows belongs.",
        sign: "Yours is −1 times the right one: the sign.",
        zero: "Yours is 0 everywhere.",
        ratio: (factor: string, count: string | undefined) =>
          `Yours is ${factor} times the right one${count ? `, which is ${count} here` : ""}.`,
        power: (power: string) => `Yours is the right one times ${power}.`,
        equals: (other: string) => `Yours holds the right numbers of ${other}.`,
        missingPath: (edge: string) => `Yours lacks what comes back by ${edge}.`,
        onlyPath: (edge: string) => `Yours is what comes back by ${edge}, and nothing else.`,
        ratioPerColumn: "In every column yours is the right one times a number of the column’s own.",
        offsetPerColumn:
          "In every column yours is off by a constant: something that is the same in all rows.",
        singlePrecision: "Yours is right, but computed or kept in float32.",
      },
    },
    bank: {
      /** Where mistakes are made, by the first mistake of each place. */
      places: {
        "dy-ones": "What comes back from the loss",
        swapped: `${labels.dbeta} and ${labels.dgamma}`,
        "no-gamma": labels.dxhat,
        "dstd-sign": `${labels.dvar} and what is before it`,
        "dmean-sign": labels.dmean,
        "detached-stats": `The three paths of ${labels.dx}`,
        "uncentred-variance": "The forward pass",
        "stateful-forward": "The calls around the passes",
      },
      search: "Search the mistakes",
      suchAs: `Search: eps, ${code.dvar}, averaged …`,
      all: (count: number) =>
        `${count} mistakes, from the loss back to ${labels.x}. Choose one, and it is made in the case above.`,
      none: (wanted: string) => `No mistake has ${quote(wanted)} in it.`,
      some: (count: number, all: number) => `${count} of ${all}.`,
      aroundPasses: "in the calls around the passes",
      changes: (edges: readonly string[], nodes: readonly string[]) =>
        [...edges.map((edge) => `edge ${edge}`), ...nodes.map((node) => `node ${node}`)].join("; "),
    },
    mistakes: {
      explanation: (id: string) => mistakeText(id, "en", nameOf).explanation,
      hint: (id: string) => mistakeText(id, "en", nameOf).hint,
    },
  };
};
