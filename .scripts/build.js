// Builds dist/: the npm package and the page. Ninja and esbuild rebuild only what has changed.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { manifestOf } from "./manifest.js";
import { mathFont, mathFontLicence } from "./math-font.js";
import { main, root, run, Stop } from "./run.js";

const at = (...parts) => join(root, ...parts);
const { version } = JSON.parse(await readFile(at("package.json"), "utf8"));

async function buildModule(preset) {
  if (!existsSync(at("build", preset, "build.ninja")))
    await run("cmake", ["--preset", preset], { quiet: true });
  await run("cmake", ["--build", "--preset", preset], { quiet: true });
}

// The glue looks for its .wasm beside itself, although the loader passes it the bytes. Bundlers would follow that URL,
// so it is removed. Check the pattern when a new Emscripten writes it differently.
function withoutAddress(glue) {
  const address = /new URL\("backnorm\.wasm",\s*import\.meta\.url\)\.(?:toString\(\)|href)/g;
  const found = glue.match(address)?.length ?? 0;
  if (found !== 1) throw new Stop(`The glue of emcc: expected its .wasm's URL once, got it ${found} times.`);
  return glue.replace(address, '""');
}

const fromLetters = (text) =>
  `export default async () => Uint8Array.from(${text}, (letter) => letter.charCodeAt(0));`;

/** Appends the section "backnorm" to a .wasm: version and digest, by which load() tells a module of another build. */
function marked(bytes) {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const mark = `${version}+${digest}`;
  const name = "backnorm";
  const size = 1 + name.length + mark.length;
  if (size > 127) throw new Stop(`The version ${version} is too long.`); // lengths of one byte
  const section = [Buffer.of(0, size, name.length), Buffer.from(name + mark)];
  return { mark, bytes: Buffer.concat([bytes, ...section]) };
}
const readMarked = async (module) => marked(await readFile(at(module, "backnorm.wasm")));

const digestOf = (content) => `sha256-${createHash("sha256").update(content).digest("base64")}`;

/** The ways for a script to get its .wasm. */
const wasmWays = {
  // inside the script, so that bundlers need no configuration
  inlined: (bytes) => fromLetters(`atob("${bytes.toString("base64")}")`),
  // the same with one byte per letter: smaller when compressed, since base64 hides repetition
  lettered: (bytes) => fromLetters(JSON.stringify(bytes.toString("latin1"))),
  // beside the script; compiled while it downloads, if the server sends its type
  // A .wasm of another build, or a damaged one, would compute something else. A browser doesn't say why it refuses one.
  fetched: (bytes, name) => `export default async () => {
    const url = new URL("./${name}", import.meta.url);
    const own = await fetch(url, { integrity: "${digestOf(bytes)}" }).catch(() => {});
    const response = own ?? await fetch(url);
    if (!response.ok) throw new Error(url + ": " + response.status + " " + response.statusText);
    if (!own) throw new Error(url + ": not what this script was built with");
    return response.headers.get("content-type") === "application/wasm" ? response : response.arrayBuffer();
  };`,
};

/** Where the two modules are: the package's, with kernels in lanes, and the page's, which is smaller without. */
const kModule = "build/module";
const kPageModule = "build/module/page";

/** Resolves the names in web/src/built.d.ts to the output of the C++ build and of math-font.js. */
const built = (wasm, module) => ({
  name: "built",
  setup(build) {
    const files = {
      "built:webassembly": `${module}/backnorm.js`,
      "built:wasm": `${module}/backnorm.wasm`,
      "built:javascript": "build/javascript/backnorm.js",
      "built:cell": "web/examples/notebook/backnorm_check.py",
    };
    build.onResolve({ filter: /^built:/ }, ({ path }) => ({ path, namespace: "built" }));
    build.onLoad({ filter: /./, namespace: "built" }, async ({ path }) => {
      if (path === "built:math-font") {
        font ??= await mathFont(); // most of a second
        return { contents: `export default ${JSON.stringify(font.toString("base64"))};` };
      }
      const file = files[path];
      const bytes = await readFile(at(file));
      if (file.endsWith(".py")) return { contents: bytes, loader: "text" };
      if (file.endsWith(".wasm")) {
        const { mark, bytes: own } = marked(bytes);
        return { contents: `${wasmWays[wasm](own, basename(file))}\nexport const mark = "${mark}";` };
      }
      return { contents: withoutAddress(bytes.toString()) };
    });
    // The engines are files beside the built entry. An engine whose .wasm is not inlined is bundled into the script.
    build.onResolve({ filter: /^\.\/fallback\.js$/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /^\.\/webassembly\.js$/ }, ({ path }) =>
      wasm === "inlined" ? { path, external: true } : { path: at("web/src/webassembly.ts") },
    );
  },
});

/** Minifies the styles in css`…`, which are plain text to esbuild. */
const minifiedStyles = {
  name: "minified styles",
  setup({ onLoad, esbuild: { transform } }) {
    onLoad({ filter: /web\/lab\/.*\.ts$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [literal, css] of contents.matchAll(/css`([^`$]+)`/g)) {
        const { code } = await transform(css, { loader: "css", minify: true });
        contents = contents.replace(literal, () => `css\`${code.trim()}\``);
      }
      return { contents, loader: "ts" };
    });
  },
};

let font; // the font of formulas, once it is made

let first = []; // plugins that see a file before ours

/** Bundles each entry into a file in `outdir`. options: esbuild's; `wasm`: one of wasmWays; `module`: which; `isOneFile`: the page in one file. */
async function bundle(
  entryPoints,
  outdir,
  { wasm, module = kModule, plugins = [], isOneFile = false, ...options },
) {
  const esbuild = await import("esbuild"); // only after npm ci
  return esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    define: { BACKNORM_VERSION: JSON.stringify(version), BACKNORM_IS_ONE_FILE: String(isOneFile) },
    plugins: [...first, built(wasm, module), minifiedStyles, ...plugins],
    ...options,
  });
}

// Dynamic imports become files of their own.
const inPieces = (chunkNames) => ({ splitting: true, chunkNames });
const inOnePiece = { wasm: "lettered", module: kPageModule };

/** The licence of the font in the scripts, beside them. */
const kLicence = "math-font-licence.txt";

/** Puts all files into one folder, so that a site can copy it. */
async function buildPackage() {
  for (const name of await readdir(at("dist")).catch(() => []))
    if (/^lab-.*\.js$/.test(name)) await rm(at("dist", name)); // names with a hash would pile up
  const entries = ["index", "webassembly", "fallback"].map((name) => `web/src/${name}.ts`);
  await bundle(entries, "dist", { wasm: "inlined" });
  await bundle({ streaming: "web/src/index.ts" }, "dist", { wasm: "fetched" });
  await writeFile(at("dist/backnorm.wasm"), (await readMarked(kModule)).bytes);
  await bundle({ lab: "web/lab/entry/element.ts" }, "dist", {
    wasm: "inlined",
    ...inPieces("lab-[name]-[hash]"),
  });
  await bundle({ anywidget: "web/lab/entry/anywidget.ts" }, "dist", inOnePiece);
  await writeFile(at("dist", kLicence), await mathFontLicence());
  await buildTypes();
}

async function buildTypes() {
  const emit = (project, rootDir, outDir) =>
    run(
      "node_modules/.bin/tsc",
      `-p ${project} --noEmit false --declaration --emitDeclarationOnly --rootDir ${rootDir} --outDir ${outDir}`.split(
        " ",
      ),
      { quiet: true },
    );
  await rm(at("dist/types"), { recursive: true, force: true });
  await emit("web/tsconfig.json", "web/src", "dist/types");
  await cp(at("web/src/backnorm.wasm.d.ts"), at("dist/types/backnorm.wasm.d.ts")); // a declaration already
  // a text that a language lacks is a type error
  await emit("web/lab/tsconfig.json", "web", "build/types");
  await cp(at("web/lab/entry/frameworks.d.ts"), at("build/types/lab/entry/frameworks.d.ts")); // tsc leaves it where it is
  for (const path of [
    "session/backnorm-lab.d.ts",
    "entry/element.d.ts",
    "entry/frameworks.d.ts",
    "entry/anywidget.d.ts",
  ]) {
    const types = await readFile(at("build/types/lab", path), "utf8");
    await writeFile(at("dist/types", basename(path)), types.replace('"../session/', '"./')); // beside each other there
  }
  const manifest = manifestOf(await readFile(at("dist/types/backnorm-lab.d.ts"), "utf8"));
  await writeFile(at("dist/custom-elements.json"), JSON.stringify(manifest, null, 2));
}

/** What makes a browser fetch all of the first view at once instead of one after the other. */
function preloads({ outputs }) {
  const needed = new Set(
    Object.keys(outputs).filter((name) => /page\/(index|webassembly-.*)\.js$/.test(name)),
  );
  for (const name of needed)
    for (const { path, kind } of outputs[name].imports) if (kind === "import-statement") needed.add(path);
  needed.delete("build/page/index.js"); // index.html requests it anyway
  const scripts = [...needed].map((name) => `<link rel="modulepreload" href="${basename(name)}" />`);
  const engine = '<script type="module" async src="engine.js"></script>';
  return [...scripts, engine].map((line) => `    ${line}\n`).join("");
}

/** Replaces the old page once the new one is complete. */
async function buildPage() {
  await rm(at("build/page"), { recursive: true, force: true });
  const entries = ["index.ts", "engine.ts", "style.css"].map((name) => `web/lab/entry/${name}`);
  const { metafile } = await bundle(entries, "build/page", {
    wasm: "fetched",
    module: kPageModule,
    metafile: true,
    ...inPieces("[name]-[hash]"),
  });
  // apart, so that the page's first view stays in as few files as it is
  await bundle({ teach: "web/lab/entry/teach.ts" }, "build/page", { wasm: "fetched", module: kPageModule });
  await writeFile(at("build/page/backnorm.wasm"), (await readMarked(kPageModule)).bytes);
  for (const file of ["favicon.svg", "teach.html", "teach.zh.html", "teach.css"])
    await cp(at("web", file), at("build/page", file));
  await writeFile(at("build/page", kLicence), await mathFontLicence());
  const page = await readFile(at("web/index.html"), "utf8");
  await writeFile(at("build/page/index.html"), page.replace("  </head>", `${preloads(metafile)}  </head>`));
  await cp(at("dist/fallback.js"), at("build/page/fallback.js"));
  if (existsSync(at("dist/page/reference")))
    await rename(at("dist/page/reference"), at("build/page/reference")); // of npm run reference
  await rm(at("dist/page"), { recursive: true, force: true });
  await rename(at("build/page"), at("dist/page"));
}

/** The whole page in a single file. Its policy names its script and style by hash and allows no connection. */
async function buildOneFile() {
  const entries = ["web/lab/entry/index.ts", "web/lab/entry/style.css"];
  const { outputFiles } = await bundle(entries, "dist/page", {
    ...inOnePiece,
    isOneFile: true,
    write: false,
  });
  const [script, style] = [".js", ".css"].map((kind) =>
    outputFiles.find(({ path }) => path.endsWith(kind)).text.trim(),
  );
  const icon = await readFile(at("web/favicon.svg"), "base64");
  const policy = `default-src 'none'; script-src '${digestOf(script)}' 'wasm-unsafe-eval'; style-src '${digestOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const instead = {
    '<link rel="icon" href="favicon.svg"': `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <link rel="icon" href="data:image/svg+xml;base64,${icon}"`,
    '<link rel="stylesheet" href="style.css" />': `<style>${style}</style>`,
    '<script type="module" src="index.js"></script>': `<script type="module">${script}</script>`,
    "<backnorm-lab linked teach>": "<backnorm-lab linked>",
    "</html>": `</html>\n<!-- The font of the formulas is a part of STIX Two Math.\n${(await mathFontLicence()).replaceAll("--", "- -")} -->`,
  };
  let page = await readFile(at("web/index.html"), "utf8");
  for (const [from, to] of Object.entries(instead)) {
    if (page.split(from).length !== 2) throw new Stop(`web/index.html: expected ${from} once.`);
    page = page.replace(from, () => to);
  }
  await writeFile(at("dist/backnorm.html"), page);
}

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM"; // alive, but another user's
  }
};

/** Runs `body` while no other build of this checkout runs: the glue of one build doesn't fit the wasm of another. */
async function alone(body, say) {
  const lock = at("build/lock");
  await mkdir(at("build"), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      await writeFile(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const holder = Number(await readFile(lock, "utf8").catch(() => "0"));
      if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
      else if (!told) say("Waiting for another build of this checkout …");
      await new Promise((resume) => setTimeout(resume, 200));
    }
  }
  try {
    return await body();
  } finally {
    await rm(lock, { force: true });
  }
}

/**
 * Builds dist/. quiet: prints nothing unless it fails. plugins: esbuild plugins that run before ours. pageOnly:
 * rebuilds only dist/page, in an existing dist/.
 */
export async function build({ quiet = false, plugins = [], pageOnly = false } = {}) {
  first = plugins;
  const say = (text) => quiet || console.log(text);
  await alone(async () => {
    say("Building the C++ as WebAssembly …");
    await buildModule("module");
    if (pageOnly) return buildPage();
    say("Building the C++ as JavaScript, for browsers without WebAssembly …");
    await buildModule("javascript");
    say("Bundling the package and the page …");
    await buildPackage();
    await buildPage();
    await buildOneFile();
  }, say);
}

await main(import.meta.url, async () => {
  const { setUp } = await import("./setup.js");
  await setUp();
  await build();
  console.log("dist/ is ready.");
});
