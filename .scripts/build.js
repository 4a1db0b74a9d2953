// Builds everything into dist/: the npm package and the page. Ninja and esbuild redo only what has changed.

import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { main, root, run, Stop } from "./run.js";

const at = (...parts) => join(root, ...parts);

async function buildModule(preset) {
  if (!existsSync(at("build", preset, "build.ninja")))
    await run("cmake", ["--preset", preset], { quiet: true });
  await run("cmake", ["--build", "--preset", preset], { quiet: true });
}

// The glue looks for its .wasm beside itself although the loader hands it the bytes. Bundlers would follow
// that address, so it goes; a new Emscripten that writes it otherwise has to be looked at.
function withoutAddress(glue) {
  const address = /new URL\("backnorm\.wasm",\s*import\.meta\.url\)\.(?:toString\(\)|href)/g;
  const found = glue.match(address)?.length ?? 0;
  if (found !== 1) throw new Stop(`The glue of emcc names its .wasm ${found} times, where one was expected.`);
  return glue.replace(address, '""');
}

// On the page the .wasm stands beside the script; in the package it is inside it, so that no bundler has to know.
const inlined = 'import bytes from "built:bytes"; export default async () => bytes;';
const fetched = (name) => `export default async () => {
  const response = await fetch(new URL("./${name}", import.meta.url));
  if (!response.ok) throw new Error(response.url + ": " + response.status + " " + response.statusText);
  return response.arrayBuffer();
};`;

/** Resolves the names of web/src/built.d.ts to what the C++ build made. */
const built = ({ inlineWasm }) => ({
  name: "built",
  setup(build) {
    const files = {
      "built:webassembly": "build/module/backnorm.js",
      "built:wasm": "build/module/backnorm.wasm",
      "built:bytes": "build/module/backnorm.wasm",
      "built:checker-wasm": "build/module/checker.wasm",
      "built:javascript": "build/javascript/backnorm.js",
    };
    build.onResolve({ filter: /^built:/ }, ({ path }) => ({ path, namespace: "built" }));
    build.onLoad({ filter: /./, namespace: "built" }, async ({ path }) => {
      const file = files[path];
      const bytes = await readFile(at(file));
      switch (path) {
        case "built:wasm":
        case "built:checker-wasm":
          return { contents: inlineWasm ? inlined : fetched(basename(file)) };
        case "built:bytes":
          return { contents: bytes, loader: "binary" };
        case "built:webassembly":
          return { contents: withoutAddress(bytes.toString()) };
        default:
          return { contents: bytes };
      }
    });
    // Stands beside the entry when all is built, and is fetched only where it is needed.
    build.onResolve({ filter: /^\.\/fallback\.js$/ }, ({ path }) => ({ path, external: true }));
  },
});

/** Styles stand in the elements as css`…`, which esbuild takes for text. */
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

async function bundle(entries, outdir, { inlineWasm, splitting = false }) {
  const esbuild = await import("esbuild"); // not there before npm ci
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    splitting, // what is imported later becomes a file of its own
    chunkNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    plugins: [built({ inlineWasm }), minifiedStyles],
  });
  return metafile;
}

async function buildPackage() {
  await bundle({ index: "web/src/index.ts", fallback: "web/src/fallback.ts" }, "dist", { inlineWasm: true });
  const options = "--noEmit false --declaration --emitDeclarationOnly --rootDir web/src --outDir dist/types";
  await run("node_modules/.bin/tsc", ["-p", "web/tsconfig.json", ...options.split(" ")], { quiet: true });
}

async function buildPage() {
  // a sentence that a language lacks is an error of types
  await run("node_modules/.bin/tsc", ["-p", "web/lab/tsconfig.json"], { quiet: true });
  await rm(at("dist/page"), { recursive: true, force: true }); // names with a hash pile up
  await mkdir(at("dist/page"), { recursive: true });
  await bundle({ lab: "web/lab/index.ts", style: "web/lab/style.css" }, "dist/page", {
    inlineWasm: false,
    splitting: true,
  });
  for (const wasm of ["checker.wasm", "backnorm.wasm"])
    await cp(at("build/module", wasm), at("dist/page", wasm));
  for (const file of ["index.html", "favicon.svg", "teach.html", "teach.zh.html", "teach.css"])
    await cp(at("web", file), at("dist/page", file));
  await cp(at("dist/fallback.js"), at("dist/page/fallback.js"));
}

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM"; // someone else's, and alive
  }
};

/** Runs `body` while no other build of this checkout runs: glue and wasm of two builds do not fit together. */
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
      else if (!told) say("Another build of this checkout is running; waiting for it …");
      await new Promise((resume) => setTimeout(resume, 200));
    }
  }
  try {
    return await body();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Makes dist/. quiet: says nothing unless it fails. */
export async function build({ quiet = false } = {}) {
  const say = (text) => quiet || console.log(text);
  await alone(async () => {
    say("Building the C++ as WebAssembly …");
    await buildModule("module");
    say("Building the C++ as JavaScript, for browsers without WebAssembly …");
    await buildModule("javascript");
    say("Bundling the package and the page …");
    await rm(at("dist/types"), { recursive: true, force: true });
    await buildPackage();
    await buildPage();
  }, say);
}

await main(import.meta.url, async () => {
  const { setUp } = await import("./setup.js");
  await setUp();
  await build();
  console.log("dist/ is ready.");
});
