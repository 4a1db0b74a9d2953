/** What npm would publish, packed once for a file of tests, and the examples in which it is installed. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** All that the tests make; it goes when they have ended. */
export const folder = await mkdtemp(join(tmpdir(), "backnorm-packed-"));
after(() => rm(folder, { recursive: true, force: true }));

// npm tells its children about the project that they are in; these ones are to look for themselves.
export const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_TEST_CONTEXT$|NODE_OPTIONS$|INIT_CWD$)/.test(name),
  ),
);

/** Runs a program and returns its output; throws an Error with the beginning of each line if the program fails. */
export function run(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: 600_000, maxBuffer: 2 ** 26 };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const lines = `${stdout}${stderr}`.replace(/^(.{500}).*/gm, "$1 …"); // Node shows the line, all of a bundle
      const how = error.signal ?? error.code; // its message has the lines once more
      reject(new Error(`${command} ${args.join(" ")}: ${how}\n${lines}`));
    });
    child.stdin?.end(); // there is nobody to answer a question
  });
}

const packing = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
export const tarball = join(folder, JSON.parse(await run("npm", packing, root))[0].filename);

/** Lays folders of web/examples over each other in a new one, and installs what they need there with the tarball. */
export async function install(examples: string[], { offline = false } = {}): Promise<string> {
  const project = await mkdtemp(join(folder, "project-"));
  for (const example of examples) await lay(example, project);
  const flags = ["--no-audit", "--no-fund", ...(offline ? ["--offline"] : [])];
  await run("npm", ["install", ...flags, tarball], project);
  return project;
}

/** Copies a folder of web/examples, without what was installed or built there. */
export async function lay(example: string, project: string) {
  const from = join(root, "web/examples", example);
  await mkdir(project, { recursive: true });
  const filter = (path: string) =>
    !/[\\/](node_modules|package-lock\.json|dist|_site|_build|backnorm-[\d.]+(\.html)?)$/.test(path);
  await cp(from, project, { recursive: true, filter });
}

/** What the course prints as the first row of dx, and the examples too. */
export const kFirstRow = "-0.00310319 0.00305468 -0.00156246 0.17251307 0.01388029";
