// Takes a picture of every state of the page into screenshots/, which git ignores, to be looked at.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./build.js";
import { main, root } from "./run.js";
import { serve } from "./serve.js";
import { findChromium, setUp } from "./setup.js";

const desk = { width: 1440, height: 900 };
const tablet = { width: 820, height: 1100 };
const frame = { width: 400, height: 360, deviceScaleFactor: 2 };
const phone = { width: 360, height: 780, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const openFile = (name, text) => async (page) => {
  await page.evaluate(
    (fileName, content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], fileName));
      const lab = document.querySelector("backnorm-lab");
      lab.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    },
    name,
    text,
  );
};

const unbiased =
  '{"x": [[1, 2], [4, 3], [5, 9]], "gamma": [1, 2], "beta": [0, 1], "dy": [[1, 0], [2, 1], [0, 5]], "ddof": 1}';

const large = (rows = 400, columns = 24) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => Math.sin(row * 1.7 + column ** 2).toFixed(3)).join(","),
  ).join("\n");

/** Does something with a cell of x chosen. */
const onCell = (at, act) => async (page) => {
  const cell = await page.$(`>>> bn-matrix[input="x"] >>> [data-at="${at}"]`);
  await cell.scrollIntoView();
  await new Promise((settle) => setTimeout(settle, 100)); // drawn only now that it is near the screen
  await cell.click();
  await act(page);
};

const typeWrong = async (page) => {
  await page.keyboard.type("abc");
  await page.keyboard.press("Enter");
};

const chooseRange = async (page) => {
  await page.keyboard.down("Shift");
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
  await page.keyboard.up("Shift");
};

const paste = (text) => (page) =>
  page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
  }, text);

/** Opens a panel below, and presses a button of it some times. */
const inPanel =
  (id, name, times = 0) =>
  async (page) => {
    await (await page.$(`>>> details#${id} > summary`)).click();
    await page.waitForNetworkIdle({ idleTime: 200 });
    const button = await page.$(`>>> #${id} >>> [name="${name}"]`);
    for (let i = 0; i < times; i++) await button.click();
  };

/** Presses buttons, one after another, and waits for what they fetch. */
const pressing =
  (...selectors) =>
  async (page) => {
    for (const selector of selectors) {
      let button = null; // waitForSelector does not see what changes in shadow roots
      for (let tries = 0; !button && tries < 100; tries++) {
        button = await page.$(`>>> ${selector}`);
        await new Promise((settle) => setTimeout(settle, 20));
      }
      await button.evaluate((element) => element.click());
      await new Promise((settle) => setTimeout(settle, 600));
    }
  };

const cancelCheck = async (page) => {
  const tall = Array.from({ length: 3000 }, (_, row) => `${row % 7},${row % 11},${Math.sin(row)}`).join("\n");
  await openFile("large.csv", tall)(page);
  await pressing(".checking button")(page);
};

const farFromZero = Array.from({ length: 16 }, (_, row) =>
  [0, 1, 2, 3].map((column) => (1e5 + Math.sin(row * 1.7 + column ** 2)).toFixed(3)).join(","),
).join("\n");

const float32OfLargeMean = async (page) => {
  await openFile("large mean.csv", farFromZero)(page);
  await pressing("[name=float32]")(page);
};
/** Unfolds a tool, and acts in it. */
const inTool =
  (id, ...acts) =>
  async (page) => {
    await (await page.$(`>>> #${id} > summary`)).click();
    await page.waitForFunction((tool) => document.querySelector("backnorm-lab").fetched.has(tool), {}, id);
    for (const act of acts) {
      await new Promise((settle) => setTimeout(settle, 200));
      await act(page);
    }
  };

const pressIn = (selector) => async (page) => (await page.$(`>>> ${selector}`)).click();

const typeIn = (selector, text) => async (page) => {
  await (await page.$(`>>> ${selector}`)).type(text);
  await new Promise((settle) => setTimeout(settle, 300));
};

const example = ["bn-mine >>> .actions button", "bn-mine >>> .next", "bn-mine >>> .next"].map(pressIn);
const unreadable = "dvar = [1, oops]\n[1 2 3]\nloss = [0.5]\ndx = [1, nan]\n<b>";
const leaveOut = (path) => async (page) => (await page.$(`>>> [data-path="${path}"]`)).click();

// name, and what makes the state: viewport, colour scheme, fragment, something done on the page
const states = [
  ["cs231n", { view: desk }],
  ["cs231n-dark", { view: desk, dark: true }],
  ["cs231n-x", { view: desk, link: "#v=1&case=cs231n&node=x&cell=4,4" }],
  ["iris", { view: desk, link: "#v=1&case=iris&node=x&cell=120,3" }],
  ["graph-inputs", { view: desk, link: "#v=1&case=cs231n&node=x&moment=f0" }],
  ["graph-forward", { view: desk, link: "#v=1&case=cs231n&node=xc&moment=f2" }],
  ["graph-loss-dark", { view: desk, dark: true, link: "#v=1&case=cs231n&node=y&moment=f10" }],
  ["graph-backward", { view: desk, link: "#v=1&case=cs231n&node=xc&moment=b10" }],
  ["graph-backward-phone", { view: phone, link: "#v=1&case=iris&node=mean&cell=3,3&moment=b11" }],
  ["tablet", { view: tablet }],
  ["phone", { view: phone }],
  ["phone-dark", { view: phone, dark: true, link: "#v=1&case=cs231n&node=xhat&cell=2,2" }],
  ["bad-file", { view: desk, act: openFile("marks.csv", "a,b\n1,2\n3,oops\n") }],
  ["two-rows", { view: desk, act: openFile("two rows.csv", "1,2,3\n4,5,7\n") }],
  ["square", { view: desk, link: "#v=1&case=cs231n&node=x", act: openFile("square.csv", "1,2\n4,9\n") }],
  ["unbiased", { view: desk, link: "#v=1&case=cs231n&node=x", act: openFile("unbiased.json", unbiased) }],
  ["inputs-editing", { view: desk, act: onCell(6, (page) => page.keyboard.type("3.5")) }],
  ["inputs-invalid", { view: desk, act: onCell(6, typeWrong) }],
  ["inputs-invalid-dark", { view: phone, dark: true, act: onCell(6, typeWrong) }],
  ["inputs-range", { view: desk, act: onCell(6, chooseRange) }],
  ["inputs-pasted", { view: desk, act: onCell(6, paste("1\t-2\n-3\t4")) }],
  ["inputs-paste-refused", { view: desk, act: onCell(6, paste("1,2,3,4,5,6")) }],
  ["thousand-rows", { view: desk, act: openFile("thousand rows.csv", large(1000, 100)) }],
  ["thousand-rows-dark", { view: phone, dark: true, act: openFile("thousand rows.csv", large(1000, 100)) }],
  ["large-file-checking", { view: desk, act: openFile("large.csv", large()) }],
  ["check-cancelled", { view: desk, act: cancelCheck }],
  ["check-cancelled-phone", { view: phone, dark: true, act: cancelCheck }],
  ["sweep", { view: desk, link: "#v=1&case=cs231n&node=x", act: pressing("[name=sweep]") }],
  ["sweep-linear-dark", { view: desk, dark: true, link: "#v=1&node=gamma", act: pressing("[name=sweep]") }],
  ["sweep-phone", { view: phone, link: "#v=1&case=cs231n&node=x", act: pressing("[name=sweep]") }],
  ["float32-large-mean", { view: desk, act: float32OfLargeMean }],
  ["float32-phone", { view: phone, act: pressing("[name=float32]") }],
  ["mistake-paths", { view: desk, link: "#v=1&case=cs231n&node=x&cell=1,2&mistake=no-mean-path" }],
  ["mistake-dvar-dark", { view: desk, dark: true, link: "#v=1&case=cs231n&node=var&mistake=dvar-half" }],
  ["mistake-forward", { view: desk, link: "#v=1&case=cs231n&node=std&mistake=eps-outside" }],
  ["mistake-shape", { view: desk, link: "#v=1&case=cs231n&node=gamma&mistake=unsummed" }],
  ["mistake-phone", { view: phone, link: "#v=1&case=cs231n&node=x&mistake=detached-stats" }],
  ["notes", { view: desk, link: "#v=1&case=notes&node=x" }],
  ["digits", { view: desk, link: "#v=1&case=digits&node=x" }],
  ["constant-channel-dark", { view: desk, dark: true, link: "#v=1&case=constantChannel&node=x&cell=1,3" }],
  ["batches-first", { view: desk, act: inPanel("batches", "ten") }],
  ["batches", { view: desk, act: inPanel("batches", "ten", 3) }],
  [
    "batches-iris-dark",
    { view: desk, dark: true, link: "#v=1&case=iris", act: inPanel("batches", "ten", 10) },
  ],
  ["batches-phone", { view: phone, act: inPanel("batches", "ten", 3) }],
  ["mine-empty", { view: desk, act: inTool("mine") }],
  ["mine-hints", { view: desk, act: inTool("mine", ...example) }],
  ["mine-hints-phone-dark", { view: phone, dark: true, act: inTool("mine", ...example) }],
  ["mine-unreadable", { view: desk, act: inTool("mine", typeIn("bn-mine >>> textarea", unreadable)) }],
  ["bank", { view: desk, act: inTool("bank") }],
  ["bank-search-phone", { view: phone, act: inTool("bank", typeIn("bn-bank >>> input", "eps")) }],
  [
    "bank-made-dark",
    { view: desk, dark: true, link: "#v=1&case=cs231n&mistake=no-mean-path", act: inTool("bank") },
  ],
  ["steps", { view: desk, link: "#v=1&case=cs231n&node=x&cell=2,3&lens=steps" }],
  [
    "steps-dark",
    { view: desk, dark: true, link: "#v=1&case=cs231n&node=var&cell=2,3&lens=steps&mistake=dvar-half" },
  ],
  ["steps-iris", { view: desk, link: "#v=1&case=iris&node=gamma&cell=120,3&lens=steps" }],
  ["steps-phone", { view: phone, link: "#v=1&case=cs231n&node=mean&cell=2,3&lens=steps" }],
  ["paths", { view: desk, link: "#v=1&case=cs231n&node=x&cell=2,1&lens=paths" }],
  [
    "paths-without",
    { view: desk, link: "#v=1&case=iris&node=x&cell=120,3&lens=paths", act: leaveOut("throughMean") },
  ],
  [
    "paths-phone",
    { view: phone, dark: true, link: "#v=1&case=cs231n&node=x&lens=paths", act: leaveOut("throughVar") },
  ],
  [
    "paths-mistake",
    { view: desk, link: "#v=1&case=cs231n&node=x&cell=2,1&lens=paths&mistake=detached-stats" },
  ],
  ["closed", { view: desk, link: "#v=1&case=cs231n&node=x&cell=2,3&lens=closed" }],
  [
    "closed-mistake",
    { view: desk, dark: true, link: "#v=1&case=cs231n&node=x&lens=closed&mistake=dvar-half" },
  ],
  ["closed-unbiased", { view: phone, link: "#v=1&lens=closed", act: openFile("unbiased.json", unbiased) }],
  ["chinese", { view: desk, link: "#v=1&case=cs231n&node=x&lang=zh" }],
  ["chinese-phone-dark", { view: phone, dark: true, link: "#v=1&node=x&lang=zh&names=makemore" }],
  ["kratzert-steps", { view: desk, link: "#v=1&node=x&lens=steps&names=kratzert" }],
  ["cs231n-names-closed", { view: desk, link: "#v=1&node=x&lens=closed&names=cs231n" }],
  ["pytorch-dark", { view: desk, dark: true, link: "#v=1&node=invstd&names=pytorch" }],
  ["assignment", { view: desk, link: "#v=1&case=randn:7:6x3&mode=no-spoiler" }],
  ["assignment-phone", { view: phone, link: "#v=1&case=randn:7:6x3&mode=no-spoiler&lang=zh" }],
  ["share", { view: desk, link: "#v=1&node=x&lens=paths", act: pressing("[name=share]") }],
  ["share-phone-dark", { view: phone, dark: true, link: "#v=1&lang=zh", act: pressing("[name=share]") }],
  ["tools-open", { view: desk, link: "#v=1&node=x&open=mine,bank,batches&example=1" }],
  ["embed", { view: frame, link: "#v=1&case=iris&lens=steps&view=embed" }],
  ["embed-graph", { view: frame, link: "#v=1&view=embed" }],
  ["embed-paths-dark", { view: frame, dark: true, link: "#v=1&lens=paths&view=embed&lang=zh" }],
  // what the README shows
  [
    "readme",
    {
      view: { width: 1280, height: 690, deviceScaleFactor: 2 },
      link: "#v=1&node=var",
      file: ".github/backnorm.png",
    },
  ],
  ["bad-link", { view: desk, link: "#v=1&case=<img src=x onerror=alert(1)>&node=var" }],
];

await main(import.meta.url, async () => {
  await setUp({ forTests: true });
  await build({ quiet: true });
  const { default: puppeteer } = await import("puppeteer-core");
  const { url, close } = await serve({ root: join(root, "dist/page"), port: 0 });
  const args = ["--no-sandbox", "--disable-background-networking"];
  const browser = await puppeteer.launch({ executablePath: findChromium(), args });
  await mkdir(join(root, "screenshots"), { recursive: true });
  const wanted = process.argv.slice(2);
  try {
    for (const [name, { view, dark = false, link = "", act, file }] of states) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const page = await browser.newPage();
      page.on("pageerror", (error) => console.error(`${name}: ${error}`));
      page.on(
        "console",
        (message) => message.type() === "error" && console.error(`${name}: ${message.text()}`),
      );
      await page.setViewport(view);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
      await page.goto(url + link);
      await page.waitForFunction(() => document.querySelector("backnorm-lab").session.computed);
      await act?.(page);
      await new Promise((settle) => setTimeout(settle, 300));
      // matrices far from the screen are not drawn, so that the screen has to be as high as the page
      const height = file ? view.height : await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewport({ ...view, height });
      await new Promise((settle) => setTimeout(settle, 300));
      const path = file ?? `screenshots/${name}.png`;
      await page.screenshot({ path: join(root, path) });
      console.log(path);
      await page.close();
    }
  } finally {
    await browser.close();
    await close();
  }
});
