/** Debian's Jupyter with a kernel of Python, and Chromium that opens its notebooks. */
import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { after } from "node:test";
import puppeteer, { type ElementHandle, type Page } from "puppeteer-core";
import { env } from "./packed.ts";

declare global {
  /** What the notebook's page has for its own scripts. */
  var Jupyter: {
    notebook: {
      execute_all_cells(): void;
      execute_cells(cells: number[]): void;
      get_cell(at: number): { element: [HTMLElement] };
      save_notebook(): Promise<unknown>;
      kernel?: { is_connected(): boolean; execute(code: string): void };
    };
  };
}

const browser = await puppeteer.launch({
  executablePath: process.env["CHROMIUM"] as string,
  args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
after(() => browser.close());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Jupyter in a folder; it ends with the tests. */
export async function jupyter(folder: string): Promise<string> {
  const port = await freePort();
  const flags = ["--no-browser", "--allow-root", "--ip=127.0.0.1", `--port=${port}`, "--port-retries=0"];
  const own = join(folder, ".jupyter");
  const ours = { ...env, JUPYTER_CONFIG_DIR: own, JUPYTER_RUNTIME_DIR: own, IPYTHONDIR: own };
  const options = {
    cwd: folder,
    env: ours,
    stdio: ["ignore", "ignore", "pipe"] as ["ignore", "ignore", "pipe"],
  };
  const server = spawn("jupyter-notebook", [...flags, "--NotebookApp.token="], options);
  const ended = new Promise((resolve) => server.once("exit", resolve));
  after(async () => {
    server.kill("SIGTERM"); // it ends its kernels first
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    server.stderr.setEncoding("utf8").on("data", (text) => {
      said += text;
      if (said.includes("is running at")) resolve();
    });
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`jupyter-notebook ended:\n${said}`)));
  });
  return `http://127.0.0.1:${port}`;
}

/** Opens a notebook, does something with it, and saves it. Fails if a cell does. */
export async function openNotebook(url: string, name: string, body: (page: Page) => Promise<void>) {
  const page = await browser.newPage();
  try {
    page.setDefaultTimeout(60_000);
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(`${url}/notebooks/${name}`);
    await page.waitForFunction(() => globalThis.Jupyter?.notebook.kernel?.is_connected());
    const failure = page.waitForSelector(".output_error", { timeout: 0 }).then(async (output) => {
      throw new Error(`A cell fails: ${await output?.evaluate((element) => element.textContent)}`);
    });
    await Promise.race([body(page), failure]);
    await page.evaluate(() => Jupyter.notebook.save_notebook());
  } finally {
    await page.close();
  }
}

/** Runs one cell, and returns the frame in its output. */
export async function frameOf(page: Page, cell: number): Promise<ElementHandle<HTMLIFrameElement>> {
  await page.evaluate((at) => Jupyter.notebook.execute_cells([at]), cell);
  const inside = (at: number) => Jupyter.notebook.get_cell(at).element[0].querySelector("iframe");
  const frame = await page.waitForFunction(inside, {}, cell);
  return frame as ElementHandle<HTMLIFrameElement>;
}
