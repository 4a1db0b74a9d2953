// npm start: installs what is missing, builds, and serves the page. Reads PORT and HOST.
import { createServer } from "node:net";
import { join } from "node:path";
import { main, root, Stop } from "./run.js";
import { setUp } from "./setup.js";

/** Where to serve: `{ port, host }` from PORT and HOST. Without PORT, the first free port from 8080. */
export async function whereToServe() {
  const { PORT, HOST: host = "127.0.0.1" } = process.env;
  if (PORT && !(/^\d+$/.test(PORT) && Number(PORT) < 65536))
    throw new Stop(`PORT: expected 0 to 65535, got ${PORT}.`);
  if (PORT) return { port: await tryPort(Number(PORT), host), host };
  for (let port = 8080; ; port++) {
    try {
      return { port: await tryPort(port, host), host };
    } catch (error) {
      if (!error.taken || port === 8179) throw error;
    }
  }
}

/** Returns the port if it is free. */
async function tryPort(port, host) {
  const server = createServer();
  try {
    await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  } catch ({ code, message }) {
    if (code === "EADDRINUSE")
      throw Object.assign(
        new Stop(`Port ${port} is in use. Choose another one: PORT=${port + 1} npm start`),
        {
          taken: true,
        },
      );
    if (code === "EACCES") throw new Stop(`Port ${port} needs root. Choose one above 1023.`);
    throw new Stop(`HOST: expected an address of this machine, got ${host} (${message}).`);
  }
  await new Promise((closed) => server.close(closed));
  return port;
}

/** answer: passed to serve(). */
export async function start({ answer } = {}) {
  await whereToServe(); // report it before the build, which takes minutes
  await setUp();
  // only now: both need npm packages
  const { build } = await import("./build.js");
  const { serve } = await import("./serve.js");
  await build();

  const server = await serve({ root: join(root, "dist/page"), ...(await whereToServe()), answer });
  console.log(`Backnorm is at ${server.url}`);
  console.log("Press Ctrl+C to stop.");
  const stop = async () => {
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);
}

await main(import.meta.url, start);
