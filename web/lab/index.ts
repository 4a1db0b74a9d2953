import { tellParent } from "./frame.ts";
import "./lab.ts";
import type { LookEvent } from "./surroundings.ts";

const lab = document.querySelector("backnorm-lab") as HTMLElement;

// the page has the language and the colours of the lab that it holds
lab.addEventListener("bn-look", (event) => {
  const { language, title, theme } = (event as LookEvent).detail;
  document.documentElement.lang = language;
  document.title = title;
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
});
tellParent(lab);
