// The element, and what it tells the page about it: the verdict on every gradient of its case.
import "backnorm/lab";

document.querySelector("backnorm-lab").addEventListener("backnorm-verdict", ({ detail }) => {
  document.querySelector("#result").textContent = `${detail.source} ${detail.verdict}`;
});
