/** A small client of WebDriver (https://www.w3.org/TR/webdriver2/) for WebKit's own driver, on a screen of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";

/** The browser that the driver starts, beside WebKit's library; its folder is named after the machine and a version. */
function findBrowser(): string {
  for (const folder of ["/usr/lib", ...readdirSync("/usr/lib").map((name) => `/usr/lib/${name}`)]) {
    const [api] = list(folder)
      .filter((name) => /^webkit2gtk-/.test(name) && list(`${folder}/${name}`).includes("MiniBrowser"))
      .toReversed();
    if (api) return `${folder}/${api}/MiniBrowser`;
  }
  throw new Error("These tests need MiniBrowser, expected /usr/lib/*/webkit2gtk-*/MiniBrowser.");
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not a folder
  }
}

/** A port that was free a moment ago. */
const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const later = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Keys that write no character, as WebDriver has them. */
const kKeys = {
  Backspace: "\uE003",
  Tab: "\uE004",
  Enter: "\uE007",
  Shift: "\uE008",
  Control: "\uE009",
  Escape: "\uE00C",
  End: "\uE010",
  Home: "\uE011",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
  Delete: "\uE017",
  F2: "\uE032",
} as const;
export type Key = keyof typeof kKeys;

/** The driver's process, which starts a browser for each session. */
export class Driver {
  readonly #process: ChildProcess;
  readonly #url: string;
  readonly #patience: number;

  private constructor(process: ChildProcess, url: string, patience: number) {
    this.#process = process;
    this.#url = url;
    this.#patience = patience;
  }

  /** patience: milliseconds until a request that is not answered is an error; a page that works answers none. */
  static async start({ patience = 20_000 } = {}): Promise<Driver> {
    const port = await freePort();
    const screen = ["-a", "-s", "-screen 0 1600x1200x24"];
    // a process group of its own: xvfb-run leaves its screen running where it is ended alone
    const started = spawn("xvfb-run", [...screen, "WebKitWebDriver", `--port=${port}`], {
      detached: true,
      stdio: "ignore",
    });
    const driver = new Driver(started, `http://127.0.0.1:${port}`, patience);
    for (let wait = 0; wait < 100; wait++) {
      if (await fetch(`${driver.#url}/status`).catch(() => undefined)) return driver;
      await later(100);
    }
    driver.stop();
    throw new Error("WebKitWebDriver did not start within ten seconds.");
  }

  stop() {
    if (this.#process.pid) process.kill(-this.#process.pid, "SIGTERM");
  }

  /** A browser of its own; `dark` as the system would be. */
  async open({ dark = false } = {}): Promise<WebKitPage> {
    const options = { binary: findBrowser(), args: ["--automation", ...(dark ? ["--dark-mode"] : [])] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const { sessionId } = (await this.send("POST", "/session", { capabilities })) as { sessionId: string };
    return new WebKitPage(this, `/session/${sessionId}`);
  }

  async send(method: string, path: string, body?: object): Promise<unknown> {
    const signal = AbortSignal.timeout(this.#patience);
    const request = { method, signal, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(this.#url + path, request).catch((error) => {
      throw new Error(`${method} ${path}: ${error.message}: ${request.body?.slice(0, 400)}`);
    });
    const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
    if (value?.error) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }
}

/** One browser with one page. */
export class WebKitPage {
  readonly #driver: Driver;
  readonly #session: string;

  constructor(driver: Driver, session: string) {
    this.#driver = driver;
    this.#session = session;
  }

  #send(method: string, path: string, body?: object) {
    return this.#driver.send(method, this.#session + path, body);
  }

  close() {
    return this.#send("DELETE", "");
  }

  /** Opens an address. The driver's answer can come before the page's scripts have run. */
  async go(url: string) {
    await this.#send("POST", "/url", { url });
    const isHere = 'return document.readyState === "complete" && location.protocol !== "about:"';
    while (!(await this.load(isHere))) await later(50);
  }

  resize(width: number, height: number) {
    return this.#send("POST", "/window/rect", { width, height });
  }

  /** What a function gives that runs in the page; its arguments and its result are plain data. */
  async run<Args extends unknown[], Found>(
    look: (...args: Args) => Found,
    ...args: Args
  ): Promise<Awaited<Found>> {
    const script = `
      globalThis.__name ??= (f) => f; // tsx writes calls of it into functions
      return Promise.resolve((${look})(...arguments)).then((found) => JSON.stringify(found));`;
    const found = (await this.#execute(script, args)) as string | null;
    return (found ? JSON.parse(found) : undefined) as Awaited<Found>;
  }

  /** Runs the text of a program. */
  load(program: string) {
    return this.#execute(program, []);
  }

  #execute(script: string, args: unknown[]) {
    return this.#send("POST", "/execute/sync", { script, args });
  }

  async click(x: number, y: number, count = 1) {
    const press = [
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    const move = { type: "pointerMove", x: Math.round(x), y: Math.round(y), origin: "viewport" };
    const actions = [move, ...Array.from({ length: count }, () => press).flat()];
    await this.#act({ type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions });
  }

  /** Presses a key while others are held. */
  async press(key: Key | string, ...held: Key[]) {
    const value = (name: string) => kKeys[name as Key] ?? name;
    const down = (name: string) => ({ type: "keyDown", value: value(name) });
    const up = (name: string) => ({ type: "keyUp", value: value(name) });
    const actions = [...held.map(down), down(key), up(key), ...held.toReversed().map(up)];
    await this.#act({ type: "key", id: "keyboard", actions });
  }

  #act = (source: object) => this.#send("POST", "/actions", { actions: [source] });
}
