/** Starts the engine while the page's other scripts are on their way. If that fails, the page starts it again and says why. */
import("../../src/webassembly.ts").then(({ start }) => start()).catch(() => {});
