/** The packed package on another host, as a CDN of npm packages lays it out, and a page that has no copy of it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { folder, kFirstRow, root, run, tarball } from "./packed.ts";

const { name, version, jsdelivr, unpkg } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const browser = await puppeteer.launch({
  executablePath: process.env["CHROMIUM"] as string,
  args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
after(() => browser.close());

const types: Record<string, string> = { ".js": "application/javascript", ".wasm": "application/wasm" };
const top = `/npm/${name}@${version}`;

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** The origin of a new server. */
async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** jsDelivr's paths and headers. Like unpkg, it sends who asks for the package alone to the file that package.json names. */
const cdn: RequestListener = async ({ url = "" }, response) => {
  const headers = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" };
  if (url === top) return response.writeHead(302, { ...headers, location: join(top, unpkg) }).end();
  const body = url.startsWith(`${top}/`)
    ? await readFile(join(folder, "package", url.slice(top.length))).catch(() => null)
    : null;
  if (!body) return response.writeHead(404, headers).end();
  response.writeHead(200, { ...headers, "content-type": types[extname(url)] ?? "text/plain" }).end(body);
};
let host = "";
before(async () => {
  await run("tar", ["-xzf", tarball], folder);
  host = await listen(cdn);
});

/** Opens a page with this body on a host of its own, and returns what its #result comes to show. */
async function shown(html: string, { before = "" } = {}): Promise<unknown> {
  const site = await listen((_, response) => {
    const icon = '<link rel="icon" href="data:," />'; // or the browser asks for one
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>x</title>${icon}<p id="result"></p>${html}`);
  });
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  try {
    await page.evaluateOnNewDocument(before);
    await page.goto(site);
    const filled = () => document.querySelector("#result")?.textContent;
    const result = await page
      .waitForFunction(filled, { timeout: 20_000 })
      .catch((error) => assert.fail(`${error}\n${faults.join("\n")}`));
    assert.deepEqual(faults, []);
    return await result.jsonValue();
  } finally {
    await page.close();
  }
}

const script = (url: string) => `<script type="module">
  import { load } from "${url}";
  const bn = await load();
  const { x, dy, ...options } = bn.presets.cs231n;
  const { dx } = bn.backward(dy, bn.forward(x, options).cache);
  const row = Array.from(dx.subarray(0, 5), (value) => value.toFixed(8));
  const { verdict } = bn.gradcheck(bn.presets.cs231n);
  document.querySelector("#result").textContent = [bn.engine, verdict, ...row].join(" ");
</script>`;

for (const path of ["/dist/index.js", "/dist/streaming.js", ""]) {
  test(`a page imports ${name}@${version}${path} from a CDN`, async () => {
    assert.equal(await shown(script(host + top + path)), `webassembly pass ${kFirstRow}`);
  });
}

test("the fallback comes from the CDN as well", async () => {
  const before = "delete globalThis.WebAssembly;";
  const page = script(`${host}${top}/dist/index.js`);
  assert.equal(await shown(page, { before }), `javascript pass ${kFirstRow}`);
});

test("a page shows the element of a CDN", async () => {
  const element = `<script type="module" src="${host}${top}/dist/lab.js"></script>
    <backnorm-lab preset="iris"></backnorm-lab>
    <script type="module">
      document.querySelector("backnorm-lab").addEventListener("backnorm-verdict", ({ detail }) => {
        document.querySelector("#result").textContent = detail.source + " " + detail.verdict;
      });
    </script>`;
  assert.equal(await shown(element), "check pass");
});

test("the file that a CDN shows first is the entry of the package", () => {
  assert.deepEqual([jsdelivr, unpkg], ["./dist/index.js", "./dist/index.js"]);
});
