import { htmlAttribute, pythonString } from "../base/escaped.ts";
import { kSaid } from "../session/address.ts";

/** Where a lab can be embedded. Tests build those that have a folder in web/examples/sites, with exactly these texts. */
export const kPlaces = [
  "html",
  "jekyll",
  "mkdocs",
  "sphinx",
  "docusaurus",
  "vitepress",
  "reveal",
  "notebook",
  "frame",
] as const;
export type Place = (typeof kPlaces)[number];

/** How the files of the lab get there. */
export type Supply = "folder" | "npm" | "file" | "frame";

/** What to embed. */
export interface Embedding {
  /** The fragment of a link, without its view. */
  fragment: string;
  title: string;
  /** In pixels. */
  height: number;
  /** One lens, and a button that opens the whole. */
  brief: boolean;
  /** The version of the package, so that a course stays at the version it was written for. */
  version: string;
  /** The URL of this page, without the fragment. */
  page: string;
}

export interface Part {
  /** Its path in the example. */
  file: string;
  /** Whether it is a page of the course, whatever its name. */
  isPage: boolean;
  text: string;
}

const attributeNames = new Map<string, string>(Object.entries(kSaid).map(([name, key]) => [key, name]));

/** As attributes if they suffice, otherwise as a link. */
function askingFor(fragment: string, brief: boolean): [name: string, value: string][] {
  const said = new URLSearchParams(fragment.slice(1));
  said.delete("v");
  if (said.get("cell") === "1,1") said.delete("cell");
  const view: [string, string][] = brief ? [["view", "embed"]] : [];
  // what matters most to an author comes first
  const keys = [...new Set(["case", "lens", "node", ...said.keys()])].filter((key) => said.has(key));
  return keys.every((key) => attributeNames.has(key))
    ? [
        ...keys.map((key): [string, string] => [attributeNames.get(key) as string, said.get(key) as string]),
        ...view,
      ]
    : [["link", fragment], ...view];
}

export function elementOf({ fragment, title, height, brief }: Embedding): string {
  const attributes = [
    ...askingFor(fragment, brief),
    ["height", String(height)],
    ["role", "region"],
    ["aria-label", title],
  ] as const;
  return `<backnorm-lab ${attributes.map(([name, value]) => `${name}="${htmlAttribute(value)}"`).join(" ")}></backnorm-lab>`;
}

/** Keeps the room of the element until its script has come, so that what is below it doesn't jump. On lines for a style sheet. */
const reserved = (height: number, line = " ", indent = "") =>
  `backnorm-lab:not(:defined) {${line}${indent}display: block;${line}${indent}min-height: ${height}px;${line}}`;

const viewOf = ({ fragment, brief }: Embedding) => `${fragment}${brief ? "&view=embed" : ""}`;

const page = (file: string, text: string): Part => ({ file, isPage: true, text });
const setting = (file: string, text: string): Part => ({ file, isPage: false, text });

/** styles: a style sheet of the site, since a strict policy allows no <style>. */
const inFolder =
  (file: string, script: (version: string) => string, around = (html: string) => html, styles?: string) =>
  (embedding: Embedding) => {
    const { height } = embedding;
    const lines = [
      ...(styles ? [] : [`<style>${reserved(height)}</style>`]),
      `<script type="module" src="${script(embedding.version)}"></script>`,
      elementOf(embedding),
    ];
    return [
      page(file, around(lines.join("\n"))),
      ...(styles ? [setting(styles, reserved(height, "\n", "  "))] : []),
    ];
  };

const kImport = 'import "backnorm/lab";';

interface Snippet {
  name: string;
  supply: Supply;
  /** Where the folder of the package goes, with a slash at the end. */
  folder?: string;
  /** In the order in which the author writes them. */
  parts(embedding: Embedding): readonly Part[];
}

export const kSnippets: Readonly<Record<Place, Snippet>> = {
  html: {
    name: "HTML",
    supply: "folder",
    parts: inFolder("index.html", (version) => `backnorm-${version}/lab.js`, undefined, "course.css"),
  },
  jekyll: {
    name: "Jekyll",
    supply: "folder",
    folder: "assets/",
    parts: inFolder(
      "batch-norm.md",
      (version) => `{{ '/assets/backnorm-${version}/lab.js' | relative_url }}`,
    ),
  },
  mkdocs: {
    name: "MkDocs Material",
    supply: "folder",
    folder: "docs/",
    parts: inFolder("docs/batch-norm.md", (version) => `../backnorm-${version}/lab.js`),
  },
  sphinx: {
    name: "Sphinx, MyST",
    supply: "folder",
    folder: "_static/",
    parts: inFolder(
      "batch-norm.md",
      (version) => `_static/backnorm-${version}/lab.js`,
      (html) => `\`\`\`{raw} html\n${html}\n\`\`\``,
    ),
  },
  docusaurus: {
    name: "Docusaurus",
    supply: "npm",
    parts: (embedding) => [
      page(
        "docs/batch-norm.mdx",
        `${kImport}\n\n<style>{"${reserved(embedding.height)}"}</style>\n\n${elementOf(embedding)}`,
      ),
    ],
  },
  vitepress: {
    name: "VitePress",
    supply: "npm",
    parts: (embedding) => [
      page(
        "batch-norm.md",
        `<script setup>\n${kImport}\n</script>\n\n<style>\n${reserved(embedding.height)}\n</style>\n\n${elementOf(embedding)}`,
      ),
      setting(
        ".vitepress/config.js",
        'vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === "backnorm-lab" } } },',
      ),
    ],
  },
  reveal: {
    name: "reveal.js",
    supply: "npm",
    parts: (embedding) => [
      page("index.html", elementOf(embedding)),
      setting(
        "slides.js",
        [
          kImport,
          'keyboardCondition: ({ target }) => target.localName !== "backnorm-lab",',
          'addEventListener("backnorm-verdict", () => deck.layout());',
        ].join("\n\n"),
      ),
    ],
  },
  notebook: {
    name: "Jupyter",
    supply: "file",
    parts: (embedding) => {
      const address = pythonString(`backnorm-${embedding.version}.html`);
      // JupyterLab opens no file.html#link; the page reads the name of its frame as a link
      const name = pythonString(`name="${htmlAttribute(viewOf(embedding))}"`);
      return [
        page(
          "batch-norm.ipynb",
          `from IPython.display import IFrame\n\nIFrame(${address}, "100%", ${embedding.height}, extras=[${name}])`,
        ),
      ];
    },
  },
  frame: {
    name: "iframe",
    supply: "frame",
    parts: (embedding) => [
      page(
        "page.html",
        `<iframe src="${htmlAttribute(embedding.page + viewOf(embedding))}" title="${htmlAttribute(embedding.title)}" width="100%" height="${embedding.height}" loading="lazy"></iframe>`,
      ),
    ],
  },
};
