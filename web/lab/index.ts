import type { LookEvent } from "./lab.ts";
import "./lab.ts";

// the page has the language and the colours of the lab that it holds
document.querySelector("backnorm-lab")?.addEventListener("bn-look", (event) => {
  const { language, title, theme } = (event as LookEvent).detail;
  document.documentElement.lang = language;
  document.title = title;
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
});
