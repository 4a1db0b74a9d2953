// The course's own case, computed in a worker: the engine, the verdict on every gradient, and the first row of dx.
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.addEventListener("message", ({ data: { engine, verdict, dx } }) => {
  const row = Array.from(dx.subarray(0, 5), (value) => value.toFixed(8));
  document.querySelector("#result").textContent = `${engine} ${verdict} ${row.join(" ")}`;
});
worker.postMessage("cs231n");
