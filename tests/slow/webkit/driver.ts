/** WebKit's own driver, on a screen of its own, and browsers that it starts. */
import { execFileSync, spawn } from "node:child_process";
import { after } from "node:test";
import { Builder, type WebDriver } from "selenium-webdriver";
// @ts-expect-error: its types leave these two out
import { waitForServer } from "selenium-webdriver/http/util.js";
// @ts-expect-error
import { findFreePort } from "selenium-webdriver/net/portprober.js";

const port: number = await findFreePort("127.0.0.1");
const screen = ["-a", "-s", "-screen 0 1600x1200x24"];
// a process group of its own: xvfb-run leaves its screen running where it is ended alone
const group = { detached: true, stdio: "ignore" } as const;
const driver = spawn("xvfb-run", [...screen, "WebKitWebDriver", `--port=${port}`], group);
after(() => driver.pid && process.kill(-driver.pid, "SIGTERM"));

const found = execFileSync("find", ["/usr/lib", "-path", "*/webkit2gtk-*/MiniBrowser"], { encoding: "utf8" });
const [binary] = found.split("\n");

/** A browser of its own; `dark` as the system would be. */
export async function open({ dark = false } = {}): Promise<WebDriver> {
  const url = `http://127.0.0.1:${port}`;
  await waitForServer(url, 60_000);
  const options = { binary, args: ["--automation", ...(dark ? ["--dark-mode"] : [])] };
  const capabilities = { browserName: "MiniBrowser", "webkitgtk:browserOptions": options };
  return new Builder().usingServer(url).withCapabilities(capabilities).build();
}
