// npm run dev: npm start, and rebuilds the page whenever web/ or cpp/ changes. Open pages reload.
import { readdirSync, readFileSync, statSync, watch } from "node:fs";
import { basename, join, relative } from "node:path";
import { main, root, Stop } from "./run.js";
import { start } from "./start.js";

const pages = new Set(); // event streams to open pages
let built; // the time of the served build

// A file, since the policy allows no inline script. Its query names the build of the page.
const reloader = `const built = new URL(import.meta.url).search.slice(1);
new EventSource("dev-events").onmessage = ({ data }) => data !== built && location.reload();
`;

/** Adds the reloader to each page it sends. */
function answer(request, response) {
  if (request.url.startsWith("/reference/")) return false; // of npm run reference
  const name = basename(request.url.split("?")[0]) || "index.html";
  if (name === "dev-events") {
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write(`data: ${built}\n\n`);
    pages.add(response);
    response.on("close", () => pages.delete(response));
  } else if (name === "dev-reload.js") {
    response.writeHead(200, { "Content-Type": "text/javascript" }).end(reloader);
  } else if (name.endsWith(".html")) {
    const page = read(join(root, "dist/page", name));
    if (page === undefined) return false;
    const script = `<script type="module" src="dev-reload.js?${built}"></script>`;
    const headers = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" };
    response.writeHead(200, headers).end(page.replace("</head>", `${script}</head>`));
  } else return false;
  return true;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {}
}

let watchers = [];

/** Watches each folder separately: in Node 20 the recursive watch loses files that an editor replaces. */
function watchAll() {
  const old = watchers;
  const tops = ["web", "cpp"].map((name) => join(root, name));
  const isOurs = (name) => !name.includes("node_modules");
  const below = (top) =>
    readdirSync(top, { recursive: true })
      .filter(isOurs)
      .map((name) => join(top, name));
  const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory();
  watchers = [...tops, ...tops.flatMap(below).filter(isFolder)].map((folder) =>
    watch(folder, (_, name) => onChange(join(folder, name ?? ""))),
  );
  for (const watcher of old) watcher.close();
}

let changed; // the last path that no build has seen
let timer;

function onChange(path) {
  if (!/^\w.*[^~]$/.test(basename(path))) return; // an editor's temporary file
  changed = path;
  clearTimeout(timer);
  timer = setTimeout(buildChanges, 50); // saving a file fires several events
}

let building = true; // start() builds first

async function buildChanges() {
  if (building) return;
  building = true;
  const { build } = await import("./build.js"); // only now: it needs npm packages
  while (changed) {
    console.log(`${relative(root, changed)} has changed. Building the page …`);
    changed = undefined;
    try {
      watchAll(); // there may be new folders
      await build({ quiet: true, pageOnly: true });
      built = Date.now();
      for (const page of pages) page.write(`data: ${built}\n\n`);
      console.log("Built.");
    } catch (error) {
      if (!error.errors) console.error(error instanceof Stop ? error.message : error); // esbuild has already printed it
      console.error("Not built: the old page stays. The next change tries again.");
    }
  }
  building = false;
}

await main(import.meta.url, async () => {
  watchAll();
  await start({ answer });
  built = Date.now();
  building = false;
  await buildChanges(); // what changed in the meantime
});
