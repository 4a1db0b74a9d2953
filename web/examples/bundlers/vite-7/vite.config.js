export default {
  worker: { format: "es" }, // the default cannot fetch the fallback later, and refuses to build
  optimizeDeps: { exclude: ["backnorm"] }, // where Vite moves the script to, backnorm/streaming finds no .wasm
};
