import "reveal.js/reveal.css";
import "reveal.js/theme/white.css"; // brings its fonts along; some other themes ask Google for theirs
import "backnorm/lab";
import Reveal from "reveal.js";

const deck = new Reveal({
  hash: true,
  // the keys of whoever is at work in the lab are not meant for the slides
  keyboardCondition: ({ target }) => target.localName !== "backnorm-lab",
});
await deck.initialize();
addEventListener("backnorm-verdict", () => deck.layout()); // only now is the lab as tall as it is to be
