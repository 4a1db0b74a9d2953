/**
 * A file of the page that does not arrive, or not as it was sent: the page says so in the reader's language, keeps what
 * the reader has done, goes on with what it has, and computes the bits that Node computes.
 */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import {
  appears,
  caseOf,
  click,
  find,
  follow,
  frames,
  inFirefox,
  kLab,
  type Lab,
  type Matrix,
  pageTest,
  press,
  ready,
  type Start,
  state,
  withRole,
} from "../../page/browser.ts";
import { type Fault, faulty, kFaults, silent } from "../../page/faulty.ts";

const bn = await load();
const site = await faulty();

/** What browsers say of it themselves, each in its own words. */
const kNoise =
  /Failed to (?:load|fetch|find)|404|500|integrity|MIME|Loading (?:module|failed)|violates the policy|violates the following|Content-Security-Policy|SyntaxError|NetworkError|wasm|is not defined|error loading dynamically|does not provide/i;

const english = { javascript: /WebAssembly is not available here\. The same code runs as JavaScript/ };
const chinese = { javascript: /此处无法使用 WebAssembly：同样的代码以 JavaScript 运行/ };

/** A test on the faulty site, which is in order until the test says otherwise. */
function faultTest(title: string, start: Start, body: (page: Page) => Promise<void>) {
  const address = async () => {
    site.faults.clear();
    site.policy = (policy) => policy;
    return site.url;
  };
  pageTest(title, { address, link: kLab, expected: kNoise, ...start }, async (page) => {
    await page.setCacheEnabled(false);
    await body(page);
  });
}

/** Opens the page anew, at a link. */
async function open(page: Page, link = kLab) {
  await page.goto("about:blank");
  await page.goto(site.url + link);
}

const engineNote = (page: Page) =>
  page.evaluate(
    () =>
      window
        .everyElement()
        .find((element) => element.matches(".engine"))
        ?.textContent?.replace(/\s+/g, " ") ?? "",
  );

const engine = (page: Page) =>
  page.evaluate(() => (document.querySelector("backnorm-lab") as Lab).session.bn?.engine);

/** Follows a link that says more than the address does. */
async function followMore(page: Page, more: string) {
  const hash = await page.evaluate(() => {
    (document.querySelector("backnorm-lab") as Lab).session.flush();
    return location.hash;
  });
  await follow(page, hash + more);
}

/** Types a number into x, which the page has to keep. */
async function edit(page: Page, at: number, text: string) {
  await click(page, `bn-matrix[input="x"] >>> [data-at="${at}"]`);
  await page.keyboard.type(text);
  await press(page, "Enter");
  assert.equal((await state(page)).x[at], Number(text));
}

/** The values, gradients and finite differences shown are those of Node, in every bit. */
async function assertSameAsNode(page: Page, what: string, mistakes: string[] = []) {
  const shown = await state(page);
  const kase = caseOf(shown);
  for (const { id, value, grad } of bn.trace(kase, { mistakes }).nodes) {
    assert.deepEqual(shown.values[id], [...value], `${what}: ${id}`);
    assert.deepEqual(shown.grads[id], [...grad], `${what}: d${id}`);
  }
  assert.deepEqual(
    shown.report?.map(({ verdict, exact, numeric }) => [verdict, exact, numeric]),
    bn
      .gradcheck(kase, { mistakes })
      .nodes.map(({ verdict, exact, numeric }) => [verdict, [...exact], [...numeric]]),
    what,
  );
  return shown;
}

const kEdited = "#v=1&case=cs231n&eps=0.25&node=x&cell=2,3";

faultTest(
  "whatever happens to backnorm.wasm, the page runs as JavaScript, says so, and shows the same bits",
  {},
  async (page) => {
    for (const [at, [how, fault]] of Object.entries(kFaults).entries()) {
      site.faults.set("backnorm.wasm", fault);
      await open(page, kEdited + (at % 2 ? "&lang=zh" : ""));
      await ready(page);
      const what = `backnorm.wasm ${how}`;
      assert.equal(await engine(page), "javascript", what);
      assert.match(await engineNote(page), (at % 2 ? chinese : english).javascript, what);
      const { eps, message } = await assertSameAsNode(page, what);
      assert.deepEqual([eps, message], [0.25, undefined], what);
    }
  },
);

faultTest(
  "a policy that blocks WebAssembly and a server that does not know its type change no bit",
  {},
  async (page) => {
    site.policy = (policy) => policy.replace(" 'wasm-unsafe-eval'", "");
    await open(page);
    await ready(page);
    assert.match(await engineNote(page), english.javascript);
    await followMore(page, "&mistake=dvar-half");
    await assertSameAsNode(page, "blocked", ["dvar-half"]);

    site.policy = (policy) => policy;
    for (const type of ["application/octet-stream", "text/plain", undefined]) {
      site.faults.set("backnorm.wasm", (response, bytes, headers) => {
        const { "content-type": _, ...others } = headers;
        response.writeHead(200, type ? { ...others, "content-type": type } : others).end(bytes);
      });
      await open(page);
      await ready(page);
      assert.equal(await engine(page), "webassembly", type);
      await assertSameAsNode(page, `as ${type}`);
    }
  },
);

faultTest(
  "if neither engine loads, the page says so in both languages, and a button tries again",
  {},
  async (page) => {
    for (const [fault, why] of [
      ["is not there (404)", /backnorm\.wasm: 404 Not Found/],
      ["has another byte in its middle", /backnorm\.wasm: not what this script was built with/],
      ["breaks off half way", /Failed to fetch|NetworkError|AbortError/], // of each engine its own word
    ] as const) {
      site.faults.set("backnorm.wasm", kFaults[fault]);
      site.faults.set("fallback.js", kFaults["is not there (404)"]);
      await open(page, kEdited);
      await appears(page, "[role=alert]");
      const said = (await withRole(page, "alert")).join();
      assert.match(said, /^The engine failed to start\. load\(\): expected/);
      assert.match(said, why);
      await click(page, "[name=language]");
      await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
      await frames(page);
      assert.match((await withRole(page, "alert")).join(), /^计算内核未能启动。应为能够运行的 WebAssembly/);
      assert.ok(page.url().endsWith(kEdited), "the address keeps the reader's numbers");
      await click(page, ".wait button");
      await appears(page, "[role=alert]"); // it is as before
      site.faults.clear();
      await click(page, ".wait button");
      await ready(page);
      assert.equal((await assertSameAsNode(page, "after it came")).eps, 0.25);
      assert.deepEqual(await withRole(page, "alert"), []);
    }
    site.faults.set("backnorm.wasm", kFaults["is empty"]);
    site.faults.set("fallback.js", kFaults["is empty"]);
    await open(page, `${kEdited}&lang=zh`);
    await appears(page, "[role=alert]");
    assert.match((await withRole(page, "alert")).join(), /^计算内核未能启动。/, "as the link says");
  },
);

/** Those after which nothing has come: browsers ask again, but for Firefox. */
const kNotThere = [
  "is not there (404)",
  "breaks off half way",
  "is a page that says sorry (200, text/html)",
] as const;

/** Those after which something has come that is no module: browsers remember that until the page is opened anew. */
const kNoModule = ["ends half way", "is empty", "is that page under its own type"] as const;

/** What needs a piece, how to see that it has come, and what is said while it has not. */
const pieces: {
  piece: string;
  asked: string;
  ask(page: Page): Promise<void>;
  came(lab: Lab): boolean;
  said: RegExp;
}[] = [
  {
    piece: "rest-",
    asked: "a lens",
    ask: (page) => click(page, "[role=tab][id=tab-steps]"),
    came: () => window.everyElement().some((element) => element.matches("[data-step]")),
    said: /This part of the page failed to load\. If trying again does not help, reload the page\./,
  },
  {
    piece: "rest-",
    asked: "a case",
    ask: async (page) => {
      await (await find(page, "select[aria-label=Case]")).select("notes");
    },
    came: ({ session }) => session.name === "notes",
    said: /The rest of the page failed to load: .*\. If trying again does not help, reload the page\./,
  },
  {
    piece: "all-",
    asked: "a language",
    ask: (page) => click(page, "[name=language]"),
    came: ({ session }) => session.language === "zh",
    said: /The rest of the page failed to load: .*\. If trying again does not help, reload the page\./,
  },
];

for (const { piece, asked, ask, came, said } of pieces) {
  const isLens = asked === "a lens";
  faultTest(
    `a ${piece}*.js that breaks on the way to ${asked} is said to be so, and comes when asked again, or after a reload`,
    {},
    async (page) => {
      const isThere = `(${came})(document.querySelector("backnorm-lab"))`;
      const some = isLens ? 3 : 2;
      for (const how of [...kNotThere.slice(0, some), ...kNoModule.slice(0, some)]) {
        site.faults.clear();
        await open(page);
        await ready(page);
        await edit(page, 7, "0.1");
        site.faults.set(piece, kFaults[how]);
        await ask(page);
        await appears(page, "[role=alert]");
        assert.match((await withRole(page, "alert")).join(), said, how);
        const list = await find(page, "select[aria-label=Case]");
        assert.equal(await list.evaluate((one) => (one as HTMLSelectElement).value), "cs231n, changed", how);
        await click(page, "[data-gradient=mean]"); // which the page still shows
        const shown = await assertSameAsNode(page, how);
        assert.deepEqual([shown.selection.node, shown.x[7]], ["mean", 0.1], how);

        site.faults.clear();
        if (inFirefox || (kNoModule as readonly string[]).includes(how)) {
          await page.reload();
          await ready(page);
          assert.equal((await state(page)).x[7], 0.1, how);
          if (!isLens) await ask(page); // the lens is in the address
        } else if (isLens) await click(page, ".lens .wait button");
        else await ask(page);
        await page.waitForFunction(isThere);
      }
    },
  );
}

/** Answers when it is told to. */
function late(): { fault: Fault; arrive(): void } {
  const waiting: [ServerResponse, Buffer, object][] = [];
  return {
    fault: (...answer) => waiting.push(answer),
    arrive() {
      for (const [response, bytes, headers] of waiting.splice(0))
        response.writeHead(200, { ...headers }).end(bytes);
    },
  };
}

faultTest(
  "while the engine loads, the page says that it is starting, in both languages",
  {},
  async (page) => {
    const { fault, arrive } = late();
    site.faults.set("backnorm.wasm", fault);
    await open(page, kEdited);
    await appears(page, ".wait [role=status]");
    assert.deepEqual(await withRole(page, "status"), ["Starting the engine …"]);
    const there = (selector: string) =>
      page.evaluate((wanted) => window.everyElement().filter((one) => one.matches(wanted)).length, selector);
    assert.equal(await there("[part=stage] [role=tab]"), 4, "the frame of the picture");
    assert.equal(await there("[part=inputs][inert]"), 1, "inputs that can't be edited yet");
    const x = await page.evaluate(() => {
      const [matrix] = window.everyElement().filter((one) => one.matches('bn-matrix[input="x"]'));
      return [...(matrix as Matrix).values];
    });
    assert.deepEqual(x, [...bn.presets.cs231n.x], "the numbers of the link");
    await click(page, "[name=language]");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    await frames(page);
    assert.deepEqual(await withRole(page, "status"), ["正在启动计算内核…"]);
    arrive();
    await ready(page);
    assert.equal((await assertSameAsNode(page, "late")).eps, 0.25);
  },
);

faultTest(
  "while the rest loads, the page says so, accepts edits, and shows the rest when it arrives",
  {},
  async (page) => {
    const { fault, arrive } = late();
    site.faults.set("rest-", fault);
    await edit(page, 7, "0.1");
    await click(page, "[role=tab][id=tab-steps]");
    assert.deepEqual(await withRole(page, "status").then((said) => said.includes("Loading …")), true);
    await click(page, "[role=tab][id=tab-graph]");
    await edit(page, 8, "0.2");
    await assertSameAsNode(page, "meanwhile");
    await (await find(page, "select[aria-label=Case]")).select("iris");
    await appears(page, ".message[role=status]");
    assert.deepEqual((await state(page)).message, { kind: "note", text: "Loading …" });
    await edit(page, 9, "0.3"); // and is not held up
    arrive();
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.name === "iris");
    await frames(page);
    assert.equal((await assertSameAsNode(page, "iris")).message, undefined);
    await click(page, "[name=undo]");
    const { x } = await state(page);
    assert.deepEqual([x[7], x[8], x[9]], [0.1, 0.2, 0.3], "what was typed is a step back");
  },
);

faultTest(
  "if the page itself does not load, a message in both languages takes its place",
  { fails: true },
  async (page) => {
    const shown = () => page.evaluate(() => (document.querySelector("backnorm-lab") as Lab).innerText);
    for (const [name, fault] of [
      ["index.js", kFaults["is not there (404)"]],
      ["index.js", kFaults["ends half way"]],
      ["chunk-", kFaults["fails on the server (500)"]],
      ["index.js", silent],
    ] as const) {
      site.faults.clear();
      site.faults.set(name, fault);
      await page.goto("about:blank");
      const opened = page.goto(site.url + kEdited).catch(() => {});
      if (fault !== silent) await opened;
      await appears(page, "backnorm-lab > p");
      assert.match(await shown(), /^Backnorm is loading\. If this message stays, .*reload the page/);
      assert.match(await shown(), /正在载入 Backnorm。.*请刷新页面。$/);
    }
    site.faults.clear();
    await page.reload();
    await ready(page);
    assert.equal(await shown(), "");
    assert.equal((await state(page)).eps, 0.25);
  },
);
