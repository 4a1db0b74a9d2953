# For `npm start`: workerd is the server that Cloudflare Workers run on. wrangler.jsonc says the same to wrangler.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "localhost:8787", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  compatibilityDate = "2025-01-01",
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "backnorm/backnorm.wasm", wasm = embed "node_modules/backnorm/dist/backnorm.wasm"),
  ],
);
