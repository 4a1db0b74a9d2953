/** A lecture's page that holds <backnorm-lab>: somebody else's, under a policy that allows only what the element asks for. */
import type { Page } from "puppeteer-core";
import { click, elsewhere, frames, type Lab, pageTest, press, type Start } from "./browser.ts";

const kPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'";
let pages = 0;

/** The address of a lecture with such a body. */
async function lecture(body: string, css = ""): Promise<string> {
  const name = `lecture-${pages++}`;
  await elsewhere(`${name}.css`, css);
  return elsewhere(
    `${name}.html`,
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${kPolicy}">
    <title>Lecture 5</title>
    <link rel="stylesheet" href="${name}.css">
    <script type="module" src="backnorm/lab.js"></script>
  </head>
  <body><h1>Lecture 5</h1>${body}</body>
</html>`,
  );
}

/** A test on a lecture with such a body. */
export function lectureTest(
  title: string,
  { body, css, ...start }: Start & { body: string; css?: string },
  test: (page: Page) => Promise<void>,
) {
  // the browser asks for an icon, which this policy forbids as well
  pageTest(title, { address: () => lecture(body, css), expected: /favicon\.ico/, ...start }, test);
}

/** Keeps every event that reaches the document. */
export const kHeard = `
  globalThis.heard = [];
  for (const type of ["backnorm-select", "backnorm-verdict"])
    document.addEventListener(type, ({ target, detail }) => heard.push([target.id, type.slice(9), detail]));
`;
declare global {
  interface Window {
    heard: [id: string, type: string, detail: unknown][];
  }
}

/** What was heard since the last time. */
export const heard = async (page: Page) => {
  await frames(page);
  return page.evaluate(() => window.heard.splice(0));
};

export const shown = (page: Page, id = "lab") =>
  page.evaluate((wanted) => {
    const lab = document.getElementById(wanted) as Lab;
    const { session } = lab;
    const { node, cell } = session.selection;
    return {
      name: session.name,
      lens: session.lens,
      node,
      cell: `${cell.row + 1},${cell.column + 1}`,
      sparing: session.sparing,
      brief: lab.shadowRoot?.querySelector(".brief") !== null,
      language: lab.shadowRoot?.querySelector(".page")?.getAttribute("lang"),
      notation: session.notation,
      mistake: session.mistake,
      ground: getComputedStyle(lab).backgroundColor,
      fault: session.message?.text ?? "",
    };
  }, id);
export type Shown = Awaited<ReturnType<typeof shown>>;

export const kFirst: Shown = {
  name: "cs231n",
  lens: "graph",
  node: "var",
  cell: "1,1",
  sparing: false,
  brief: false,
  language: "en",
  notation: "paper",
  mistake: "",
  ground: "rgb(251, 250, 246)",
  fault: "",
};

/** Until all that was asked for is followed, and judged. */
export async function settled(page: Page) {
  await frames(page);
  await page.waitForFunction(() =>
    [...document.querySelectorAll("backnorm-lab")].every(
      ({ session }) => session.computed?.report && session.following === 0,
    ),
  );
  await frames(page);
}

export type Asked = Record<string, string | number | null>;

/** Sets attributes; null takes one away. */
export async function ask(page: Page, asked: Asked, id = "lab") {
  await page.evaluate(
    (wanted, values) => {
      const lab = document.getElementById(wanted) as Lab;
      for (const [name, value] of Object.entries(values))
        if (value === null) lab.removeAttribute(name);
        else lab.setAttribute(name, String(value));
    },
    id,
    asked,
  );
  await settled(page);
}

/** A table with more digits than a link can say. */
export const kLarge = Array.from(
  { length: 300 },
  (_, row) => `${Math.sin(row)},${Math.cos(row)},${row / 7}`,
).join("\n");

export const cell = (input: string, at: number, id = "lab") =>
  `#${id} >>> bn-matrix[input="${input}"] >>> [data-at="${at}"]`;
export const valuesOf = (page: Page, input: "x" | "dy", id = "lab") =>
  page.evaluate(
    (wanted, name) => [...((document.getElementById(wanted) as Lab).session.computed?.kase[name] ?? [])],
    id,
    input,
  );

export async function edit(page: Page, input: "x" | "dy", at: number, text: string, id = "lab") {
  await click(page, cell(input, at, id));
  await page.keyboard.type(text);
  await press(page, "Enter");
}
