/** The page in WebKit: every lens, pointer and keyboard, editing, the clipboard, a mistake, light and dark. */
import assert from "node:assert/strict";
import type { NodeId } from "backnorm";
import { kLanguages } from "../../../web/lab/locale.ts";
import { kNotations } from "../../../web/lab/notations.ts";
import type { Lab } from "../browser.ts";
import type { WebKitPage } from "./driver.ts";
import {
  alerts,
  assertAccessible,
  assertComputed,
  bn,
  cell,
  click,
  focused,
  frames,
  hold,
  press,
  shown,
  state,
  type,
  until,
  webkitTest,
} from "./pages.ts";

webkitTest("WebKit computes what Node computes, and every node passes", {}, async (page) => {
  const opened = await state(page);
  assert.deepEqual([opened.engine, opened.name], ["webassembly", "cs231n"]);
  assertComputed(opened);
  assert.ok(opened.verdicts?.every(({ verdict }) => verdict === "pass"));
  const marks = await page.run(() =>
    window
      .everyElement()
      .filter((element) => element.matches(".node .mark"))
      .map((mark) => mark.getAttribute("class")),
  );
  assert.deepEqual(marks, Array(12).fill("mark pass"));
});

webkitTest(
  "without WebAssembly the same numbers come from JavaScript",
  { link: "?without-webassembly" },
  async (page) => {
    const opened = await state(page);
    assert.equal(opened.engine, "javascript");
    assertComputed(opened);
  },
);

webkitTest(
  "every lens is shown by its tab, by click and by arrow key, and is accessible",
  {},
  async (page) => {
    const tabs = await page.run(() =>
      window
        .everyElement()
        .filter(({ role, id }) => role === "tab" && id.startsWith("tab-"))
        .map(({ id }) => id),
    );
    assert.ok(tabs.length >= 3, tabs.join());
    const look = async (act: () => Promise<void>, tab: string) => {
      await act();
      await shown(page);
      const { lens, fragment } = await state(page);
      assert.equal(`tab-${lens}`, tab);
      assert.equal(fragment.includes("&lens="), lens !== "graph");
      const size = await page.run(
        () =>
          window.first("backnorm-lab >>> [role=tabpanel]")?.firstElementChild?.getBoundingClientRect().height,
      );
      assert.ok((size ?? 0) > 100, `${tab} is ${size} pixels high`);
    };
    for (const tab of [...tabs.slice(1), ...tabs.slice(0, 1)]) {
      await look(() => click(page, `#${tab}`), tab);
      await assertAccessible(page);
    }
    for (const tab of [...tabs.slice(1), ...tabs.slice(0, 1)])
      await look(() => press(page, "ArrowRight"), tab);
  },
);

webkitTest("a click on a node, and on a cell, chooses it everywhere", {}, async (page) => {
  await click(page, 'bn-graph >>> [data-node="xhat"] .label');
  await click(page, 'bn-inspector >>> bn-matrix[label^="value"] >>> [data-at="13"]');
  const { selection, fragment } = await state(page);
  assert.deepEqual(selection, { node: "xhat", cell: { row: 2, column: 3 } });
  assert.match(fragment, /node=xhat&cell=3,4/);
  const rings = await page.run(() =>
    window
      .everyElement()
      .filter(({ localName }) => localName === "bn-matrix")
      .map((host) => host.shadowRoot?.querySelector<HTMLElement>("[role=gridcell].chosen")?.dataset["at"]),
  );
  assert.ok(rings.length >= 8, `${rings.length} matrices`);
  for (const at of rings) assert.ok(at === "13" || at === "3", `a ring at ${rings}`); // a row has columns only
  const pressed = await page.run(() => window.first('.node[aria-pressed="true"]')?.dataset["node"]);
  assert.equal(pressed, "xhat");
});

webkitTest("the keyboard alone chooses nodes, edits a matrix and takes it back", {}, async (page) => {
  const order: string[] = bn.graph.nodes.map(({ id }) => id);
  for (let stops = 0; stops < 20 && !order.includes(await focused(page)); stops++) await press(page, "Tab");
  assert.equal(await focused(page), "x", "the first node that Tab comes to");
  await press(page, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"); // left and right are the player's
  assert.equal(await focused(page), order[2]);
  assert.equal((await state(page)).selection.node, order[2]);

  const before = await state(page);
  await page.run((path) => window.first(path)?.focus(), cell("x", 0));
  await press(page, "ArrowDown", "ArrowRight");
  await type(page, "-3.25");
  await press(page, "Enter");
  const edited = await state(page);
  assert.deepEqual(edited.x, before.x.with(6, -3.25));
  assertComputed(edited);
  assert.equal((await focused(page)).replace(/:.*/, ""), "row 3, column 2");
  await press(page, "F2");
  await type(page, "abc");
  await press(page, "Enter");
  assert.match((await alerts(page)).join(), /^Expected a finite number/);
  await press(page, "Escape");
  assert.deepEqual(await alerts(page), []);
  await press(page, "Tab"); // a matrix is one stop
  assert.equal((await focused(page)).replace(/:.*/, ""), "column 2");
  await hold(page, ["Control"], "z");
  assert.deepEqual((await state(page)).x, before.x);
  await hold(page, ["Control", "Shift"], "z");
  assert.deepEqual((await state(page)).x, edited.x);
});

webkitTest("a block is copied and pasted by the clipboard in one step, and undone", {}, async (page) => {
  const before = await state(page);
  await click(page, cell("x", 6));
  await hold(page, ["Shift"], "ArrowRight");
  await hold(page, ["Shift"], "ArrowDown");
  await hold(page, ["Control"], "c");
  await click(page, cell("dy", 8));
  await hold(page, ["Control"], "v");
  const [a, b, c, d] = [6, 7, 11, 12].map((at) => before.x[at] as number) as [number, number, number, number];
  const wanted = before.dy.with(8, a).with(9, b).with(13, c).with(14, d);
  await until(
    page,
    (first) => document.querySelector("backnorm-lab")?.session.computed?.kase.dy[8] === first,
    a,
  );
  const pasted = await state(page);
  assert.deepEqual(pasted.dy, wanted);
  assertComputed(pasted);
  await hold(page, ["Control"], "z");
  assert.deepEqual((await state(page)).dy, before.dy);

  await click(page, cell("dy", 4));
  await hold(page, ["Control"], "v"); // two columns, where one is left
  await until(page, () => window.everyElement().some(({ role }) => role === "alert"));
  assert.match((await alerts(page)).join(), /^Nothing was pasted: expected at most 4×1 numbers/);
  assert.deepEqual((await state(page)).dy, before.dy);
});

webkitTest(
  "a mistake shows where it begins and what inherits it, and can be switched off",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&mistake=dvar-half" },
  async (page) => {
    const { verdicts } = await state(page);
    const verdictOf = (id: NodeId) => verdicts?.find((node) => node.id === id)?.verdict;
    assert.deepEqual(["var", "sq", "x", "std", "y"].map((id) => verdictOf(id as NodeId)), [
      "fail", "fail", "fail", "pass", "pass",
    ]); // biome-ignore format: a list
    assert.ok(await page.run(() => Boolean(window.first('.node[data-node="sq"] .mark.inherited'))));
    await assertAccessible(page);
    await click(page, ".mistake button");
    await frames(page);
    const after = await state(page);
    assert.equal(after.mistake, "");
    assertComputed(after);
  },
);

webkitTest("a dropped file is shown, with its last row in reach", {}, async (page) => {
  await page.run(() => {
    const dataTransfer = new DataTransfer();
    const rows = Array.from({ length: 300 }, (_, row) => `${row},${row % 7},${Math.sin(row).toFixed(3)}`);
    dataTransfer.items.add(new File([rows.join("\n")], "tall.csv"));
    const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
    document.querySelector("backnorm-lab")?.dispatchEvent(new DragEvent("drop", options));
  });
  await until(page, () => document.querySelector("backnorm-lab")?.session.computed?.rows === 300);
  await click(page, cell("x", 0));
  await hold(page, ["Control"], "End");
  const { selection } = await state(page);
  assert.deepEqual(selection, { node: "x", cell: { row: 299, column: 2 } });
  const inSight = await page.run(
    (path) => {
      const last = window.first(path)?.getBoundingClientRect();
      const box = window.first('bn-matrix[input="x"] >>> .scroll')?.getBoundingClientRect();
      return last && box && last.height > 0 && last.top >= box.top && last.bottom <= box.bottom;
    },
    cell("x", 899),
  );
  assert.equal(inSight, true, "the last cell is in sight");
});

for (const dark of [false, true]) {
  const name = dark ? "dark" : "light";
  webkitTest(
    `the page is ${name} where the system is, the button changes it, and both are accessible`,
    { dark },
    async (page) => {
      const ground = () =>
        page.run(() => getComputedStyle(document.querySelector("backnorm-lab") as Lab).backgroundColor);
      const [day, night] = ["rgb(251, 250, 246)", "rgb(23, 23, 22)"];
      assert.equal(await ground(), dark ? night : day);
      await assertAccessible(page);
      await click(page, 'button[aria-label="Switch between light and dark"]');
      assert.equal(await ground(), dark ? day : night);
      await assertAccessible(page);
    },
  );
}

/** A link on the page that is open, until it is followed to its end. */
async function follow(page: WebKitPage, link: string) {
  await page.run((hash) => {
    location.hash = hash;
  }, link);
  await frames(page);
  await until(page, () => document.querySelector("backnorm-lab")?.session.following === 0);
  await shown(page);
}

for (const language of kLanguages)
  webkitTest(`links restore the exact state in ${language} and all notations`, {}, async (page) => {
    for (const [at, notation] of kNotations.entries()) {
      const tongue = `${language === "en" ? "" : `&lang=${language}`}${notation === "paper" ? "" : `&names=${notation}`}`;
      const [kase, choice] = [
        ["case=cs231n", "&node=x&cell=2,3&lens=paths&off=throughVar"],
        ["case=notes", "&node=mean&cell=1,2&lens=closed&factor=xhat"],
        ["case=randn:7:6x3:2:10", "&node=var&cell=1,2&mistake=dvar-half"],
        ["case=iris&eps=0.1", "&node=xc&cell=120,3&lens=steps"],
        ["case=own&gamma=1,2&beta=0,1&x=1,2;4,3;5,9&dy=1,0;2,1;0,5", "&node=x&cell=3,2&moment=b7"],
      ][at] as [string, string];
      const link = `#v=1&${kase}${choice}${tongue}`;
      await follow(page, link);
      const found = await state(page);
      assert.equal(found.tongue, `${language} ${notation}`);
      assert.equal(found.fragment, link);
      assert.deepEqual(await alerts(page), []);
      await follow(page, "#v=1&case=cs231n&node=beta");
      await follow(page, link);
      assert.deepEqual(await state(page), found);
    }
  });

webkitTest(
  "the page in Chinese by CS231n's names has no violation of WCAG",
  { link: "#v=1&node=x&lang=zh&names=cs231n" },
  async (page) => {
    assert.equal(await page.run(() => document.documentElement.lang), "zh-Hans");
    await assertAccessible(page);
  },
);

webkitTest(
  "an assignment has no number and no formula of the solution",
  { link: "#v=1&case=randn:7:6x3:2:10&mode=no-spoiler", dark: true },
  async (page) => {
    await until(page, () => window.everyElement().some((element) => element.matches("textarea")));
    const text = await page.run(() =>
      [
        location.href,
        ...window
          .everyElement()
          .map(
            (element) =>
              `${[...element.attributes].map(({ value }) => value).join(" ")} ${[...element.childNodes].map((node) => (node.nodeType === 3 ? node.nodeValue : "")).join(" ")}`,
          ),
      ].join("\n"),
    );
    const { nodes, x, gamma, beta, dy } = await state(page);
    const inputs = [...x, ...gamma, ...beta, ...dy];
    const given = new Set(inputs);
    // three or four digits of an input may be those of a solution as well
    const inMatrices = new Set(
      inputs.flatMap((value) => [3, 4].map((n) => Number(Math.abs(value).toPrecision(n)))),
    );
    const onPage = new Set((text.match(/\d+\.\d+/g) ?? []).map(Number));
    const secret = nodes
      .flatMap(({ value, grad }) => [...value, ...grad])
      .filter((number) => !given.has(number));
    assert.ok(secret.length > 60 && onPage.size > 30);
    for (const number of secret) {
      const size = Number(Math.abs(number).toPrecision(4));
      assert.ok(!onPage.has(size) || inMatrices.has(size), `${number} is on the page`);
    }
    assert.doesNotMatch(text, /<math|munder|sum\(axis/);
    assert.equal(
      await page.run(() => window.everyElement().some((element) => element.localName === "math")),
      false,
    );
    await assertAccessible(page);
  },
);
