/** The contestants in a page of Chromium, which kernels.ts drives. */
import type { Contestant } from "./contestant.ts";
import { contestants } from "./contestants.ts";

declare global {
  interface Window {
    bench: Contestant[];
  }
}

const traffic = await (await fetch("./traffic.wasm")).arrayBuffer();
window.bench = await contestants({ traffic, folder: "./" });
