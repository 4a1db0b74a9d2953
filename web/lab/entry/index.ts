import type { BacknormLab } from "../app/lab.ts";
import { listenToParent, tellParent } from "./frame.ts";
import "../app/lab.ts";
import type { LookEvent } from "../app/surroundings.ts";

const lab = document.querySelector<BacknormLab>("backnorm-lab") as BacknormLab;
lab.replaceChildren(); // removes the message that it is loading

// the page takes its language and theme from the lab
lab.addEventListener("bn-look", (event) => {
  const { language, title, theme } = (event as LookEvent).detail;
  document.documentElement.lang = language;
  document.title = title;
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
});
tellParent(lab);
listenToParent(lab);
