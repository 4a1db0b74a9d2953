/** The link builder of the teacher's pages. */
import { kExamples } from "../mine/examples.ts";
import { BnLinks } from "../teach/links.ts";

BnLinks.examples = kExamples;
customElements.define("bn-links", BnLinks);
