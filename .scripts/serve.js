// The web server of `npm start` and of the page tests, which thereby see the same headers.
import { createServer } from "node:http";
import sirv from "sirv";

const headers = {
  // No host but our own, no inline script, no eval. Any page may embed ours: courses do.
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors *",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  // In a sandboxed iframe the page has no origin of its own, so that even its own files are foreign to it.
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Access-Control-Allow-Origin": "*",
};

/** Serves the folder `root`. port 0: any free one. Rejects with code EADDRINUSE when the port is taken. */
export async function serve({ root, port = 0, host = "127.0.0.1" }) {
  const files = sirv(root, { dev: true, etag: true }); // dev: a build while we serve shows on reload
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    files(request, response);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections(); // a browser keeps some open
    });
  return { url: `http://${nameOf(host)}:${server.address().port}/`, close };
}

function nameOf(host) {
  if (["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host)) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
