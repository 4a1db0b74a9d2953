// npm start: sets up, builds, and serves the page. PORT and HOST are respected.
import { join } from "node:path";
import { main, root, Stop } from "./run.js";
import { setUp } from "./setup.js";

await main(import.meta.url, async () => {
  const { PORT, HOST = "127.0.0.1" } = process.env;
  if (PORT && !(/^\d+$/.test(PORT) && Number(PORT) < 65536))
    throw new Stop(`PORT: expected 0 to 65535, got ${PORT}.`);

  await setUp();
  // only now: both need npm packages
  const { build } = await import("./build.js");
  const { serve } = await import("./serve.js");
  await build();

  const server = await serveAt(PORT ? Number(PORT) : 8080, PORT ? 1 : 100);
  console.log(`Backnorm is at ${server.url}`);
  console.log("Ctrl+C ends it.");
  const stop = async () => {
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);

  /** Tries up to `tries` ports, beginning with `port`. */
  async function serveAt(port, tries) {
    try {
      return await serve({ root: join(root, "dist/page"), port, host: HOST });
    } catch (error) {
      if (error.code === "EADDRINUSE" && tries > 1) return serveAt(port + 1, tries - 1);
      if (error.code === "EADDRINUSE")
        throw new Stop(`Port ${port} is taken. Choose another one: PORT=8081 npm start`);
      if (error.code === "EACCES")
        throw new Stop(`Port ${port} needs the administrator's rights. Choose one above 1023.`);
      if (["ENOTFOUND", "EADDRNOTAVAIL", "EAI_AGAIN"].includes(error.code))
        throw new Stop(`HOST: expected an address of this machine, got ${HOST}.`);
      throw error;
    }
  }
});
