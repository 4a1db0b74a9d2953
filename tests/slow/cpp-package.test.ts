/** The C++ package: installed and found by find_package, and as a folder of another project. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readCases } from "../web/reference.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const example = join(root, "cpp/examples/cmake");
const env = { ...process.env, CXXFLAGS: "" }; // a system's own flags would be taken for the library's

function run(command: string, args: string[], cwd = folder): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}
const installed = (command: string) => spawnSync(command, ["--version"]).status === 0;

/** Configures for Release and Debug at once. */
const configure = (source: string, build: string, ...options: string[]) =>
  run("cmake", ["-S", source, "-B", build, "-G", "Ninja Multi-Config", ...options]);

/** Returns all commands that it took. */
const build = (build: string, config: string) =>
  run("cmake", ["--build", build, "--config", config, "--verbose"]);

/** The files of a build's commands, each with its flags for code and warnings. */
function compiled(commands: string): Map<string, string[]> {
  const files = [...commands.matchAll(/^.* -c (\S+)$/gm)].map(([line, file = ""]): [string, string[]] => [
    file.replace(root, ""),
    line.split(" ").filter((word) => /^-[fW]/.test(word)),
  ]);
  return new Map(files);
}

let folder = "";

/** Builds the library, installs it, and moves it elsewhere. */
async function install(name: string, configs: string[], ...options: string[]) {
  const first = join(folder, `${name}-first`);
  configure(root, `${name}-build`, "-DBACKNORM_TESTS=OFF", ...options);
  for (const config of configs) {
    build(`${name}-build`, config);
    run("cmake", ["--install", `${name}-build`, "--config", config, "--prefix", first]);
  }
  await rename(first, join(folder, name));
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "backnorm-cpp-"));
  await install("static", ["Release", "Debug"]);
  configure(example, "example", `-DCMAKE_PREFIX_PATH=${join(folder, "static")}`);
});
after(() => rm(folder, { recursive: true, force: true }));

// by NumPy; its first row is the one that the course prints: -0.00310319 0.00305468 -0.00156246 0.17251307 0.01388029
const [course] = readCases("cs231n.txt");
const dx = Array.from(course?.array("numpy.dx") ?? [], (value) => value.toFixed(8));

function printsTheCourse(build: string, config: string) {
  assert.equal(dx.length, 20);
  assert.deepEqual(run(join(folder, build, config, "example"), []).split(/\s+/), [...dx, "pass", ""]);
}

/** The target that `cmake --workflow --preset run` builds, whose steps the tests take in folders of their own. */
function runsByTarget(source: string, build: string) {
  assert.match(run("cmake", ["--workflow", "--list-presets"], source), /"run"/);
  const printed = run("cmake", ["--build", build, "--config", "Debug", "--target", "run"]);
  assert.deepEqual(printed.match(/^(-?\d\.\d{8}|pass)$/gm), [...dx, "pass"]);
}

for (const [config, library] of [
  ["Release", "libbacknorm.a"],
  ["Debug", "libbacknormd.a"],
] as [string, string][]) {
  test(`a project's ${config} build finds ${library} after a move, and gets the course's dx`, () => {
    const commands = build("example", config);
    assert.deepEqual([...commands.matchAll(/\blib\w+\.a\b/g)].flat(), [library]);
    // none of the library's own flags
    assert.deepEqual([...compiled(commands)], [["cpp/examples/cmake/main.cpp", []]]);
    printsTheCourse("example", config);
    if (config === "Debug") runsByTarget(example, "example");
  });
}

for (const document of ["README.md", "web/reference/cpp.md"]) {
  test(`the C++ and the CMake of ${document} build as they stand`, async () => {
    const text = await readFile(join(root, document), "utf8");
    const blocks = (language: string) =>
      [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
        ([, code = ""]) => code,
      );
    const [cmake = ""] = blocks("cmake");
    assert.match(cmake, /^find_package.*\ntarget_link_libraries\(mine /);
    const includes = /^#include .*\n/gm;
    const programs = blocks("cpp").map(
      (code) => `${code.match(includes)?.join("")}
int main() {
  double x[20]{}, gamma[5]{}, beta[5]{}, dy[20]{}, y[20], dx[20], mean[5], invstd[5], dgamma[5], dbeta[5];
${code.replace(includes, "")}}
`,
    );
    const project = await mkdtemp(join(folder, "document-"));
    await writeFile(
      join(project, "CMakeLists.txt"),
      `cmake_minimum_required(VERSION 3.25)
project(mine LANGUAGES CXX)
add_executable(mine main.cpp)
${cmake}`,
    );
    await writeFile(join(project, "main.cpp"), programs[0] ?? "int main() {}\n");
    assert.ok(programs.length <= 1);
    configure(project, join(project, "build"), `-DCMAKE_PREFIX_PATH=${join(folder, "static")}`);
    build(join(project, "build"), "Debug");
  });
}

test("the library may be shared", async () => {
  await install("shared", ["Debug"], "-DBUILD_SHARED_LIBS=ON");
  configure(example, "shared-example", `-DCMAKE_PREFIX_PATH=${join(folder, "shared")}`);
  assert.match(build("shared-example", "Debug"), /libbacknormd\.(so|dylib|\d)/);
  printsTheCourse("shared-example", "Debug");
});

test("find_package accepts the package's version and its minor version, and no other", async () => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const [major, minor, patch] = version.split(".").map(Number);
  const wanted = {
    [`${version} EXACT`]: "1",
    [`${major}.${minor}`]: "1",
    [`${major}.${minor}.${patch + 1}`]: "0",
    [`${major}.${minor + 1}`]: "0",
    [`${major + 1}.${minor}`]: "0",
  };
  const ask = (version: string) => `
find_package(backnorm ${version} QUIET)
message(STATUS "${version}: \${backnorm_FOUND}")`;
  await writeFile(
    join(folder, "CMakeLists.txt"),
    `cmake_minimum_required(VERSION 3.25)
project(versions LANGUAGES NONE)${Object.keys(wanted).map(ask).join("")}`,
  );
  const said = configure(".", "versions", `-DCMAKE_PREFIX_PATH=${join(folder, "static")}`);
  const found = [...said.matchAll(/^-- (\d.*): (.*)$/gm)].map(([, version, found]) => [version, found]);
  assert.deepEqual(Object.fromEntries(found), wanted);
});

for (const compiler of ["g++", "clang++"]) {
  const skip = !installed(compiler) && `${compiler} is not installed`;
  test(`every installed header compiles alone, and ${compiler} has no warning`, { skip }, async () => {
    const sources = await mkdtemp(join(folder, "headers-"));
    const headers = await readdir(join(root, "cpp/include/backnorm"));
    const files = headers.map((header) => join(sources, header.replace(".hpp", ".cpp")));
    for (const [i, header] of headers.entries())
      await writeFile(files[i] as string, `#include <backnorm/${header}>\n`);
    const prefix = join(folder, "static");
    const library = join(prefix, run("find", [prefix, "-name", "libbacknorm.a", "-printf", "%P"]));
    const flags = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", join(prefix, "include")];
    // linked together, they show what they would define twice
    const program = join(sources, "program");
    run(compiler, [...flags, "-o", program, ...files, join(example, "main.cpp"), library]);
    assert.deepEqual(run(program, []).split(/\s+/), [...dx, "pass", ""]);
  });
}

test("a checkout in another project adds only the library: no tests, flags or files to install", async () => {
  configure(join(example, "checkout"), "checkout");
  const files = compiled(build("checkout", "Debug"));
  const main = "cpp/examples/cmake/main.cpp";
  const sources = (await readdir(join(root, "cpp/src"))).filter((name) => name.endsWith(".cpp"));
  assert.deepEqual([...files.keys()].sort(), [...sources.map((name) => `cpp/src/${name}`), main].sort());
  assert.deepEqual(files.get(main), []);
  for (const name of sources) {
    const flags = files.get(`cpp/src/${name}`) ?? [];
    assert.ok(flags.includes("-ffp-contract=off") && !flags.includes("-Werror"), `${name}: ${flags}`);
  }
  printsTheCourse("checkout", "Debug");
  runsByTarget(join(example, "checkout"), "checkout");
  run("cmake", ["--install", "checkout", "--config", "Debug", "--prefix", join(folder, "nothing")]);
  assert.ok(!(await readdir(folder)).includes("nothing"));
});
