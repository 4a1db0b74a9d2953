// npm run reference: builds dist/, then the reference beside the page, by TypeDoc from dist/types and web/reference.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { main, root, run, Stop } from "./run.js";
import { installPackages, setUp } from "./setup.js";

const folder = join(root, "web/reference");
const laid = join(root, "build/reference");

/** A link to a file, or an image: `[label](../path#anchor)`. */
const kLink = /(!?)\[([^\]]*)\]\(([\w.@-][\w./@-]*)(#[^)]*)?\)/g;
const kFence = /(^```[\s\S]*?^```$)/m;

/**
 * Links for where a document is read. Those to other files of the repository lead to where it is published, which the release
 * workflow writes into package.json; without that, only their labels remain.
 */
function withLinks(text, name, titles, { repository, version }) {
  const home = repository?.url.replace(/^git\+|\.git$/g, "");
  const replaced = (link, image, label, path, anchor = "") => {
    const file = resolve(folder, path);
    if (!existsSync(file)) throw new Stop(`web/reference/${name}: ${path} doesn't exist.`);
    if (image) return `![${label}](${relative(laid, file)})`;
    if (dirname(file) === folder) return label === path ? link.replace(label, titles.get(path)) : link;
    return home ? `[${label}](${home}/blob/v${version}/${relative(root, file)}${anchor})` : label;
  };
  const parts = text.split(kFence);
  return parts.map((part, at) => (at % 2 === 0 ? part.replace(kLink, replaced) : part)).join("");
}

/** Lays out the documents for TypeDoc. Returns their names in the start page's order. */
async function layDocuments(about) {
  await rm(laid, { recursive: true, force: true });
  await mkdir(laid, { recursive: true });
  const read = (name) => readFile(join(folder, name), "utf8");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  const texts = new Map();
  const titles = new Map();
  for (const name of names) {
    const text = await read(name);
    const [, title] = text.match(/^# (.+)\n/) ?? [];
    if (!title) throw new Stop(`web/reference/${name}: expected a title, "# …", in its first line.`);
    titles.set(name, title);
    texts.set(name, text);
  }
  const start = texts.get("index.md") ?? "";
  texts.set("index.md", start.replace(/^# .*/, "") + (await read("entries/index.md"))); // TypeDoc has a title there
  for (const [name, text] of texts) {
    const matter = { title: titles.get(name), file: name.replace(".md", "") };
    const lines = Object.entries(matter).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
    const head = name === "index.md" ? "" : `---\n${lines.join("")}---\n`;
    await writeFile(join(laid, name), head + withLinks(text, name, titles, about));
  }
  const placeOf = (name) => (start.includes(`(${name})`) ? start.indexOf(`(${name})`) : start.length);
  return names.filter((name) => name !== "index.md").sort((a, b) => placeOf(a) - placeOf(b));
}

/** Writes the reference of what is built into the folder `out`. Fails if TypeDoc warns, as it does of a symbol without a sentence. */
export async function reference(out = join(root, "dist/page/reference")) {
  const about = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await installPackages("web/reference");
  const documents = await layDocuments(about);
  const options = [
    ["options", join(folder, "typedoc.json")],
    ["name", `Backnorm ${about.version}`],
    ["readme", join(laid, "index.md")],
    ...documents.map((name) => ["projectDocuments", join(laid, name)]),
    ["out", out],
  ];
  const typedoc = join(folder, "node_modules/typedoc/bin/typedoc");
  await run(process.execPath, [typedoc, ...options.flatMap(([name, value]) => [`--${name}`, value])], {
    quiet: true,
  });
}

await main(import.meta.url, async () => {
  await setUp();
  const { build } = await import("./build.js"); // only now: it needs npm packages
  await build();
  console.log("Writing the reference …");
  await reference();
  console.log("dist/page/reference is ready. npm start serves it beside the page.");
});
