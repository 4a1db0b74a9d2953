// The web server of `npm start` and of the page tests, so that both send the same headers.
import { createServer } from "node:http";
import sirv from "sirv";

// No other host, no inline script, no eval. Any page may frame ours, because courses do. The policy also names our own
// host, since WebKit ignores 'self' in a sandboxed iframe.
const policyOf = (own) =>
  [
    "default-src 'none'",
    `script-src 'self' ${own} 'wasm-unsafe-eval'`,
    `style-src 'self' ${own}`,
    `connect-src 'self' ${own}`,
    `img-src 'self' ${own} data:`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors *",
  ].join("; ");

const headers = {
  "X-Content-Type-Options": "nosniff",
  // A page in a sandboxed iframe has no origin, so even its own files are cross-origin.
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Access-Control-Allow-Origin": "*",
};

/**
 * Serves the folder `root`. port 0: any free one. Rejects with code EADDRINUSE if the port is in use.
 * answer: gets each request first, and returns true if it has answered.
 */
export async function serve({ root, port = 0, host = "127.0.0.1", hasPolicy = true, answer }) {
  const files = sirv(root, { dev: true, etag: true }); // dev: a build while we serve shows on reload
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (hasPolicy) response.setHeader("Content-Security-Policy", policyOf(origin));
    if (!answer?.(request, response)) files(request, response);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const origin = `http://${nameOf(host)}:${server.address().port}`;
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections(); // a browser keeps some open
    });
  return { url: `${origin}/`, close };
}

function nameOf(host) {
  if (["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host)) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
