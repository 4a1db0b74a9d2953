/** A field of a table: in quotes where it needs them. A spreadsheet would compute what looks like a formula. */
const field = (value: string | number) => {
  const text = String(value);
  const inert = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
};

export const csvOf = (rows: readonly (readonly (string | number)[])[]) =>
  rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
