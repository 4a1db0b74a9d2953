// npm run format: formats every file.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ask, main, root, run, which } from "./run.js";
import { installPackages } from "./setup.js";

/** Runs Biome on JavaScript, TypeScript, CSS, HTML and JSON. */
export async function biome(...flags) {
  await run(join(root, "node_modules/.bin/biome"), ["check", ...flags, "."]);
}

/** Runs clang-format on C++. Returns the reason if it can't. */
export async function clangFormat(...flags) {
  // Other versions break lines differently, and contributors shouldn't have to install this one.
  const name = ["clang-format-14", "clang-format"].find(which);
  if (!name) return "clang-format is not installed";
  const version = ask(name, ["--version"])?.match(/version (\d+)/)?.[1];
  if (version !== "14") return `clang-format is version ${version}, and the files are formatted by 14`;
  const files = ["cpp", "tests"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((path) => /\.[ch]pp$/.test(path) && !/[\\/]build[\\/]/.test(path)) // where an example was built
      .map((path) => join(root, folder, path)),
  );
  await run(name, [...flags, ...files]);
}

await main(import.meta.url, async () => {
  await installPackages();
  await biome("--write");
  const whyNot = await clangFormat("-i");
  if (whyNot) console.log(`C++ files were not formatted: ${whyNot}.`);
});
