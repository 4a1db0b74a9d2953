// Runs before the page's own scripts, in a copy of the page: the driver of WebKit has no such way, nor does it tell what
// is written to the console. A file, because the page's policy allows no other script.
globalThis.faults = [];
globalThis.__name = (f) => f; // tsx writes calls of it into functions that are sent to the page
for (const type of ["error", "unhandledrejection", "securitypolicyviolation"])
  addEventListener(
    type,
    ({ message, reason, violatedDirective, blockedURI, target }) => {
      if (blockedURI?.endsWith("/favicon.ico")) return; // the browser itself asks for it
      globalThis.faults.push(`${type}: ${message ?? reason ?? violatedDirective ?? target?.src}`);
    },
    true, // what could not be fetched does not bubble
  );
for (const name of ["error", "warn"])
  console[name] = (...words) => globalThis.faults.push(`${name}: ${words.join(" ")}`);

if (location.search === "?without-webassembly") delete globalThis.WebAssembly;

globalThis.everyElement = () => {
  const below = (root) =>
    [...root.querySelectorAll("*")].flatMap((element) => [
      element,
      ...(element.shadowRoot ? below(element.shadowRoot) : []),
    ]);
  return below(document);
};

/** The first element by a path through shadow roots: `bn-inputs >>> bn-matrix >>> [data-at="3"]`. */
globalThis.first = (path) => {
  const [host, ...inner] = path.split(" >>> ");
  return inner.reduce(
    (found, selector) => found?.shadowRoot.querySelector(selector),
    globalThis.everyElement().find((element) => element.matches(host)),
  );
};
