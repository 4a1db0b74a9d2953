/**
 * What programs print around an array, as sources of patterns. The reader of one array and the page, which finds the arrays
 * in a text, both use them.
 */
import { type Precision, precisionOf } from "./precision.ts";

/** The functions in whose calls arrays are printed. */
export const callees = String.raw`(?:\w+\.)*(?:array|asarray|Array|DeviceArray|tensor|Tensor)`;

/** R's marks: above a column, beside a row, and in front of the first value in a line of a vector. */
export const marks = {
  column: String.raw`\[,\d+\](?=\s)`,
  row: String.raw`\[\d+,\](?=[ \t])`,
  value: String.raw`\[\d+\](?=[ \t]+(?:[-+.\d]|NaN|Inf))`,
};

/** What is printed in front of an array, besides its name. */
export const opening = [
  String.raw`Out\[\d+\]:`, // notebooks
  "Parameter containing:", // PyTorch
  String.raw`<[\w.]+[^<>\n]*?\b(?:numpy|value)=`, // tensors and variables of TensorFlow
  String.raw`\d+(?:×\d+|-element)+ [^\n]+:(?=[ \t]*\n)`, // Julia
  String.raw`Float\d\d(?=\[)`, // literals of Julia
  String.raw`\d+×\d+ (?:\w+ )*matrix(?=[ \t]*\n)`, // MATLAB, for other types than double
  String.raw`(?:\w*Array)?\(\d+\)(?=\s*\[)`, // JavaScript
].join("|");

/** A factor of all values, as MATLAB, Octave and PyTorch print it. */
export const factor = String.raw`([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)[ \t]*\*`;

/** A line below an array: of a data frame, of a series, of MXNet. */
const footer = String.raw`\[\d+ rows x \d+ columns\]|(?:(?:Name|Length|Freq): [^,\n]*, )*dtype: \w+|<NDArray [^<>\n]*>`;
const footerLine = new RegExp(`^(?:${footer})$`);

/** All of what is printed behind an array. */
export const closing = String.raw`(?:\s*\n[ \t]*(?:${footer})(?=\s*(?:\n|$))|[ \t]*>(?!>))*`;

/** The end of an array in a part of a text, and what is printed behind it. */
export function withoutFooters(text: string, start: number, end: number) {
  let footers = "";
  for (;;) {
    const rest = text.slice(start, end).trimEnd();
    const line = rest.slice(rest.lastIndexOf("\n") + 1).trimStart();
    const last = start + rest.length;
    if (footerLine.test(line)) {
      footers += line;
      end = last - line.length;
    } else {
      const isEnclosed = rest.endsWith("];") || (rest.endsWith(">") && rest.includes("<"));
      return { end: isEnclosed ? last - 1 : end, footers };
    }
  }
}

/** The precision that is named around an array. */
export function precisionNamed(around: string): Precision | undefined {
  const [word = ""] = /bfloat16|float\d\d|single|double/i.exec(around) ?? [];
  return precisionOf(word.toLowerCase());
}
