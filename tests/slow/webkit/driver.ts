/** WebKit's own driver, on a screen of its own, and browsers that it starts. */
import { execFileSync, spawn } from "node:child_process";
import { after } from "node:test";
import { Builder, type WebDriver } from "selenium-webdriver";
// @ts-expect-error: its types leave these two out
import { waitForServer } from "selenium-webdriver/http/util.js";
// @ts-expect-error
import { findFreePort } from "selenium-webdriver/net/portprober.js";

const screen = ["-a", "-s", "-screen 0 1600x1200x24"];
// a process group of its own: xvfb-run leaves its screen running where it is ended alone
const group = { detached: true, stdio: "ignore" } as const;

const found = execFileSync("find", ["/usr/lib", "-path", "*/webkit2gtk-*/MiniBrowser"], { encoding: "utf8" });
const [binary] = found.split("\n");

interface Driver {
  url: string;
  end(signal?: NodeJS.Signals): void;
}
async function start(): Promise<Driver> {
  const port: number = await findFreePort("127.0.0.1");
  const { pid } = spawn("xvfb-run", [...screen, "WebKitWebDriver", `--port=${port}`], group);
  const url = `http://127.0.0.1:${port}`;
  await waitForServer(url, 60_000);
  return { url, end: (signal = "SIGTERM") => pid && process.kill(-pid, signal) };
}

let driver = await start();
after(() => driver.end());

async function use(dark: boolean, body: (page: WebDriver) => Promise<void>): Promise<void> {
  const options = { binary, args: ["--automation", ...(dark ? ["--dark-mode"] : [])] };
  const capabilities = { browserName: "MiniBrowser", "webkitgtk:browserOptions": options };
  const page = await new Builder().usingServer(driver.url).withCapabilities(capabilities).build();
  try {
    await body(page);
  } finally {
    await page.quit();
  }
}

/**
 * Uses a browser of its own; `dark` as the system would be. In one of some hundred sessions the driver stops answering for
 * good: after `patience`, in milliseconds, it is started anew, once.
 */
export async function inBrowser(
  { dark = false, patience }: { dark?: boolean; patience: number },
  body: (page: WebDriver) => Promise<void>,
): Promise<void> {
  for (const again of [true, false]) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<"silence">((resolve) => {
      timer = setTimeout(() => resolve("silence"), patience);
    });
    const outcome = await Promise.race([use(dark, body), silence]).finally(() => clearTimeout(timer));
    if (outcome !== "silence") return;
    driver.end("SIGKILL");
    driver = await start();
    if (!again) throw new Error("WebKit's driver stopped answering, twice");
  }
}
