// Why some code is not run by any test: reasons.json, by file and by the text of the line.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A row a reason: file, reason, and the lines that it is about; "*" is all of the file. */
export const readReasons = () => JSON.parse(readFileSync(new URL("reasons.json", import.meta.url), "utf8"));

/** The lines of a row that its file no longer has. */
export function linesGone({ file, code }) {
  const lines = readFileSync(root + file, "utf8").split("\n");
  const has = (text) => text === "*" || lines.some((line) => line.trim() === text);
  return code.filter((text) => !has(text)).map((text) => `${file}: ${text}`);
}

const explains = (row) => (one) =>
  one.path === row.file && (row.code.includes("*") || row.code.includes(one.code));

/** Lines that never run, one after another, are one place. */
function merged(places) {
  const whole = [];
  for (const one of places) {
    const last = whole.at(-1);
    if (last?.path === one.path && last.what === "never" && one.what === "never" && one.line === last.end + 1)
      last.end = one.line;
    else whole.push({ ...one, end: one.line });
  }
  return whole;
}

const quoted = (code) => `\`${code.replaceAll("`", "'")}\``;
const item = ({ path, line, end, what, code }) =>
  `  - ${path}:${line}${end > line ? `–${end}` : ""} ${quoted(code)}: ${what}`;

/** The places, below the reason that each has; which have none, and which lines are covered in spite of a reason. */
export function listed(uncovered, reasons) {
  const texts = new Map();
  for (const row of reasons) {
    const places = merged(uncovered.filter(explains(row))).map(item);
    if (places.length > 0) texts.set(row.reason, [...(texts.get(row.reason) ?? []), ...places]);
  }
  const unexplained = uncovered.filter((one) => !reasons.some((row) => explains(row)(one)));
  if (unexplained.length > 0) texts.set("**No reason yet.**", merged(unexplained).map(item));
  const stale = reasons.flatMap((row) =>
    row.code
      .filter((line) => !uncovered.some(explains({ ...row, code: [line] })))
      .map((line) => `${row.file}: ${line}`),
  );
  return {
    text: [...texts].map(([reason, places]) => `- ${reason}\n${places.join("\n")}`).join("\n"),
    unexplained,
    stale,
  };
}
