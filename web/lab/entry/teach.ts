/** The link builder of the teacher's pages, and the links that present their lessons. */
import { kExamples } from "../mine/examples.ts";
import { addPresenting } from "../teach/lessons.ts";
import { BnLinks } from "../teach/links.ts";
import { teach as english } from "../words/en/teach.ts";
import { teach as chinese } from "../words/zh/teach.ts";

BnLinks.examples = kExamples;
customElements.define("bn-links", BnLinks);
addPresenting((document.documentElement.lang.startsWith("zh") ? chinese : english).present);
