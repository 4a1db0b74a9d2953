// What TypeDoc lacks for this reference: categories, links from names in backticks, and pages without an inline script.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Comment,
  CommentTag,
  Converter,
  PageEvent,
  ReflectionKind,
  RendererEvent,
  StructureRouter,
} from "typedoc";

/** The files of web/src: where a symbol is written says what it belongs to. */
const kFiles = {
  Start: "backnorm loading load float-array",
  Passes: "passes norm tensor running layer",
  "Batches in parts": "parts statistics",
  "Graphs and cases": "graph case presets trace",
  Checks: "report verdict warnings gradcheck-async signal examine differences",
  Diagnosis: "diagnose explanation claim mistakes mistake-words words precision",
  "Texts and links": "parse-array parse-npy parse-npz link",
  Errors: "errors",
};
const categoryOfFile = (path) =>
  Object.keys(kFiles).find((category) =>
    kFiles[category].split(" ").includes(path.match(/([\w-]+)\.d\.ts$/)?.[1]),
  );

/** The member of Backnorm with which each category begins; those after it belong to it too. */
const kBegins = {
  engine: "Start",
  graph: "Graphs and cases",
  forward: "Passes",
  statistics: "Batches in parts",
  trace: "Graphs and cases",
  gradcheck: "Checks",
  diagnose: "Diagnosis",
  extrapolate: "Checks",
  randn: "Start",
  parseArray: "Texts and links",
  mistakes: "Diagnosis",
  presets: "Start",
};

function categorize(reflection, category) {
  for (const one of reflection.signatures ?? [reflection]) {
    one.comment ??= new Comment();
    one.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: category }]));
  }
}

function categorizeAll(project, logger) {
  const { children } = project.getChildByName("backnorm");
  for (const symbol of children) {
    const category = categoryOfFile(project.getSymbolIdFromReflection(symbol)?.packagePath ?? "");
    if (category) categorize(symbol, category);
    else logger.warn(`${symbol.name}: its file has no category in web/reference/plugin.js`);
  }
  let category;
  for (const member of children.find(({ name }) => name === "Backnorm").children) {
    category = kBegins[member.name] ?? category;
    categorize(member, category);
  }
}

/** All that a name in backticks may mean: an export, `bn.forward` or `forward()` of Backnorm, a code of an error. */
function namesOf(project) {
  const names = new Map();
  const exported = project.children.flatMap(({ children = [] }) => children);
  for (const symbol of [...project.children, ...exported])
    if (!names.has(symbol.name)) names.set(symbol.name, symbol);
  for (const member of names.get("Backnorm").children) {
    names.set(`bn.${member.name}`, member);
    if (member.signatures && !names.has(member.name)) names.set(member.name, member);
  }
  const codes = names.get("ErrorCode");
  for (const { value } of codes.type.types) names.set(value, codes);
  return names;
}

/** The texts of a reflection, as lists of parts. */
const textsOf = ({ comment, content, readme, type }) => [
  ...(comment ? [comment.summary, ...comment.blockTags.map((tag) => tag.content)] : []),
  ...[content, readme].filter(Array.isArray),
  ...(type?.elementSummaries ?? []),
];

function linkNames(project, logger) {
  const names = namesOf(project);
  for (const reflection of [project, ...Object.values(project.reflections)]) {
    for (const parts of textsOf(reflection)) {
      for (const [at, { kind, text }] of parts.entries()) {
        if (kind === "text" && reflection.comment && /<[a-z]/.test(text))
          logger.warn(`${reflection.getFriendlyFullName()}: HTML outside of backticks in "${text}"`);
        const name = kind === "code" && text.match(/^`([\w./-]+)(?:\(\))?`$/)?.[1];
        const target = name && names.get(name);
        if (!target || [reflection, reflection.parent].includes(target)) continue;
        parts[at] = { kind: "inline-tag", tag: "@linkcode", text: text.slice(1, -1), target };
      }
    }
  }
}

const isUnion = (reflection) =>
  reflection?.kindOf(ReflectionKind.TypeAlias) && reflection.type?.type === "union";

/** Of a union, its members have the sentences, and their properties none. Returns the names of these. */
function checkUnions(project, logger) {
  const properties = new Set();
  for (const reflection of Object.values(project.reflections)) {
    if (isUnion(reflection.parent?.parent)) properties.add(reflection.getFriendlyFullName());
    if (!isUnion(reflection)) continue;
    const { types, elementSummaries = [] } = reflection.type;
    const isPlain =
      types.every(({ type }) => type !== "reflection") && elementSummaries.every((one) => one.length === 0);
    if (isPlain) continue; // the alias has the sentence
    for (const [at, type] of types.entries())
      if (!elementSummaries[at]?.length)
        logger.warn(`${reflection.name}: ${type} does not have any documentation`);
  }
  return [...properties];
}

/** What TypeDoc has as an inline script, which the page's policy forbids. It runs before anything is shown. */
const kTheme = 'document.documentElement.dataset.theme = localStorage.getItem("tsd-theme") || "os";\n';

function adapted({ url, contents }) {
  const base = contents.match(/<html [^>]*data-base="([^"]*)"/)[1];
  const scripts = /<script>[^<]*<\/script>/g;
  const found = contents.match(scripts)?.length ?? 0;
  if (found !== 1) throw new Error(`${url}: expected one inline script, got ${found}.`);
  return contents
    .replace(scripts, `<script src="${base}assets/theme.js"></script>`)
    .replace('<div class="col-content"', '$& role="main"')
    .replace('<div id="tsd-toolbar-links">', `$&<a href="${base}../">Open the page</a>`);
}

/** The style of the filters, which the reference has none of: the policy would refuse it even when it is empty. */
function withoutInlineStyle(script) {
  const style = 'document.head.appendChild(document.createElement("style"))';
  const parts = script.split(style);
  if (parts.length !== 2)
    throw new Error(`main.js: expected ${style} once, got it ${parts.length - 1} times.`);
  return parts.join('document.createElement("style")');
}

/** A document has the name of its file. */
class Router extends StructureRouter {
  getIdealBaseName(reflection) {
    return reflection.frontmatter?.file ?? super.getIdealBaseName(reflection);
  }
}

export function load(app) {
  app.renderer.defineRouter("files", Router);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    linkNames(project, app.logger);
    categorizeAll(project, app.logger);
  });
  // of a document, where {@link Backnorm.forward} would have to name its entry
  app.converter.addUnknownSymbolResolver(({ moduleSource, symbolReference }, { project }) => {
    const path = symbolReference?.path?.map((part) => part.path);
    if (moduleSource || !path) return;
    const target = project.children.map((entry) => entry.getChildByName(path)).find(Boolean);
    return target && { target };
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) =>
    app.options.setValue("intentionallyNotDocumented", checkUnions(project, app.logger)),
  );
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = adapted(page);
  });
  app.renderer.on(RendererEvent.END, ({ outputDirectory }) => {
    writeFileSync(join(outputDirectory, "assets/theme.js"), kTheme);
    const main = join(outputDirectory, "assets/main.js");
    writeFileSync(main, withoutInlineStyle(readFileSync(main, "utf8")));
  });
}
