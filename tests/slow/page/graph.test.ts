/** The lens of the graph: its picture, what it says, and the player that goes through both passes. */
import assert from "node:assert/strict";
import type { NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { kNotations } from "../../../web/lab/maths/notations.ts";
import { kEnd, type Moment } from "../../../web/lab/model/moment.ts";
import { Locale } from "../../../web/lab/words/locale.ts";
import {
  click,
  find,
  follow,
  frames,
  inSight,
  kDesk,
  kNoMotionSetting,
  kPhone,
  type Lab,
  pageTest,
  press,
  state,
  texts,
} from "../../page/browser.ts";
import { assertAt, caption, count, graph, momentOf, moments, order, paper } from "../../page/graph.ts";
import { clocks, kClocks } from "../../page/held.ts";

const ids = moments.map(({ id }) => id);

/** The moments that come from now on, in their order. The clock goes on while a test looks. */
async function followMoments(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const ids: string[] = [];
    const { session } = document.querySelector("backnorm-lab") as Lab;
    const goTo = session.goTo.bind(session);
    session.goTo = (moment) => {
      ids.push(moment.id);
      goTo(moment);
    };
    return ids;
  });
  return () => seen.jsonValue();
}

/** Until the player waits. */
const waits = (page: Page) =>
  page.waitForFunction(() => window.everyElement().some((one) => one.matches('button[aria-label="Play"]')));

const focus = async (page: Page, selector: string) =>
  (await find(page, selector)).evaluate((one) => one.focus());

const focusedNode = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.getAttribute("data-node") ?? element?.getAttribute("aria-label");
  });

const labelOf = async (page: Page, id: NodeId) =>
  (await find(page, `[data-node="${id}"]`)).evaluate((node) => node.ariaLabel ?? "");

pageTest("choosing a node by its card, its gate or a cell chooses it everywhere", {}, async (page) => {
  for (const id of order) {
    await click(page, `[data-node="${id}"] .label`);
    await assertAt(page, kEnd, id);
  }
  await click(page, '[data-gate="xhat"] rect');
  await assertAt(page, kEnd, "xhat");
  for (const [node, which, row, column] of [
    ["x", 0, 3, 0],
    ["xhat", 1, 0, 4],
    ["y", 1, 2, 2],
  ] as const) {
    const tensor = (await page.$$(`>>> [data-node="${node}"] .tensor`))[which];
    const box = await tensor?.boundingBox();
    assert.ok(box, `${node} has no tensor`);
    await page.mouse.click(box.x + ((column + 0.5) / 5) * box.width, box.y + ((row + 0.5) / 4) * box.height);
    await frames(page);
    assert.deepEqual((await state(page)).selection, { node, cell: { row, column } });
    assert.equal(await count(page, ".pick"), 2, "a ring around the value and one around the gradient");
  }
});

pageTest("the nodes are one tab stop, and the up and down arrows choose among them", {}, async (page) => {
  const stops = () =>
    page.$$eval('>>> .node[tabindex="0"]', (nodes) => nodes.map((node) => node.getAttribute("data-node")));
  assert.deepEqual(await stops(), ["var"]);
  await focus(page, '[data-node="gamma"]');
  assert.match(await caption(page), /A learned scale for each column/, "the caption follows the keyboard");
  assert.equal((await state(page)).selection.node, "var", "the focus alone does not choose a node");
  await press(page, "Enter");
  await assertAt(page, kEnd, "gamma");
  assert.deepEqual(await stops(), ["gamma"]);
  await press(page, "ArrowDown", "ArrowDown");
  assert.equal(await focusedNode(page), "mean");
  await assertAt(page, kEnd, "mean");
  for (let i = 0; i < 12; i++) await press(page, "ArrowUp");
  assert.equal(await focusedNode(page), "x");
  for (let i = 0; i < 13; i++) await press(page, "ArrowDown");
  assert.equal(await focusedNode(page), "y");
  await assertAt(page, kEnd, "y");
});

pageTest(
  "a node that is not computed yet says so, and is announced when it is",
  { link: "#v=1&case=cs231n&node=xc&moment=f2" },
  async (page) => {
    assert.match(await labelOf(page, "y"), /no value or gradient yet$/);
    assert.match(await labelOf(page, "xc"), /no gradient yet$/);
    const live = () => texts(page, "[aria-live=polite]");
    assert.match((await live()).join(), /^forward 2 of 10\. x − μ: μ is copied to 4 rows/);
    await click(page, "button.step");
    assert.match((await live()).join(), /^forward 3 of 10\. \(x − μ\)²: Each number is squared/);
    await click(page, "button.end");
    assert.match(await labelOf(page, "y"), /gradient check: pass$/);
  },
);

pageTest(
  "Space, the arrows, Home and End control the player on the stage, and nowhere else",
  {},
  async (page) => {
    await focus(page, '[data-node="xc"]');
    await press(page, "Home");
    await assertAt(page, "f0", "x");
    assert.equal(await focusedNode(page), "x", "the keyboard goes along");
    await press(page, "ArrowRight", "ArrowRight");
    await assertAt(page, "f2", "xc");
    assert.equal(await focusedNode(page), "xc");
    await press(page, "ArrowLeft");
    await assertAt(page, "f1", "mean");
    await press(page, "End");
    await assertAt(page, kEnd, "x");
    await press(page, "Home");
    const seen = await followMoments(page);
    await press(page, " ");
    assert.equal((await seen())[0], "f1"); // a step at once
    assert.equal(await count(page, 'button[aria-label="Pause"]'), 1);
    await press(page, " ");
    assert.equal(await count(page, 'button[aria-label="Play"]'), 1);
    const stopped = await momentOf(page);

    await focus(page, "#tab-graph"); // the tabs have their own use for these keys
    await press(page, "Home");
    assert.equal(await momentOf(page), stopped);
    await click(page, 'bn-matrix[input="x"] >>> [data-at="6"]');
    await press(page, "ArrowRight", "Home");
    assert.equal(await momentOf(page), stopped);

    await focus(page, "button.back"); // Space presses the button that it is on
    await press(page, " ");
    assert.equal(await momentOf(page), ids[ids.indexOf(stopped) - 1]);
    assert.equal(await count(page, 'button[aria-label="Play"]'), 1);
  },
);

pageTest(
  "the player advances by itself, stops at the end, and can start again",
  { link: "#v=1&case=cs231n&node=sq&cell=1,1&moment=b9", before: kClocks },
  async (page) => {
    const seen = await followMoments(page);
    await click(page, 'button[aria-label="Play"]');
    await waits(page);
    await frames(page);
    assert.deepEqual(await seen(), ["b10", "b11", kEnd]);
    await assertAt(page, kEnd, "x");

    const again = await followMoments(page);
    await click(page, 'button[aria-label="Play"]');
    await click(page, "button.step"); // a step by hand has it wait
    assert.equal(await count(page, 'button[aria-label="Play"]'), 1);
    const stepped = await again();
    assert.ok(stepped.length >= 2, `${stepped}`);
    assert.deepEqual(stepped, ids.slice(0, stepped.length));
    assert.equal(await clocks(page), 0);
    const { id, node } = moments[stepped.length - 1] as Moment;
    await assertAt(page, id, node);
  },
);

pageTest("only the graph's stage has the player", { before: kClocks }, async (page) => {
  assert.equal(await count(page, "bn-player"), 1);
  await click(page, 'button[aria-label="Play"]');
  assert.equal(await clocks(page), 1);
  await click(page, "#tab-steps");
  assert.equal(await count(page, "bn-player"), 0);
  assert.equal(await clocks(page), 0, "it plays on unseen");
});

const moving = (page: Page) =>
  page.evaluate(() => {
    const graph = window.everyElement().find(({ localName }) => localName === "bn-graph") as HTMLElement;
    const every = [...(graph.shadowRoot as ShadowRoot).querySelectorAll(".pulse, .ghost, .arriving")];
    return every.map((one) => `${one.classList[0]} ${one.getAnimations().length > 0}`);
  });

pageTest(
  "a step is animated: a pulse on every arrow that it uses, a row that spreads, a matrix that folds",
  { notInFirefox: "only Chromium can be told to run animations slowly" },
  async (page) => {
    // slowed down, to be seen between two frames
    const slow = await page.createCDPSession();
    await slow.send("Animation.enable");
    await slow.send("Animation.setPlaybackRate", { playbackRate: 0.05 });
    const after = async (moment: string) => {
      await follow(page, `#v=1&case=cs231n&node=x&cell=1,1&moment=${moment}`);
      await click(page, "button.step");
      return (await moving(page)).sort();
    };
    const [pulse, ghost, tensor] = ["pulse true", "ghost true", "tensor true"] as const;
    assert.deepEqual(await after("f1"), [ghost, pulse, pulse, tensor], "μ spreads to x − μ");
    assert.deepEqual(await after("f4"), [pulse, tensor], "σ² has the shape of its root");
    assert.deepEqual(await after("f9"), [pulse], "y goes into the loss");
    assert.deepEqual(await after("b1"), [ghost, pulse, tensor], "∂y folds to ∂β");
    assert.deepEqual(await after("b11"), [ghost, pulse, pulse, tensor], "∂μ spreads to ∂x");
    await click(page, "button.back");
    assert.deepEqual(await moving(page), [], "a step back undoes, and moves nothing");
    await slow.send("Animation.setPlaybackRate", { playbackRate: 1 });
    await click(page, "button.step");
    await page.waitForFunction(() =>
      window.everyElement().every((one) => !one.matches(".pulse, .ghost, .arriving")),
    );
  },
);

pageTest(
  "nothing moves if the user prefers reduced motion",
  { notInFirefox: kNoMotionSetting },
  async (page) => {
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    await click(page, "button.start");
    for (let i = 0; i < 3; i++) {
      await click(page, "button.step");
      assert.deepEqual(await moving(page), []);
    }
    await assertAt(page, "f3", "sq");
  },
);

pageTest(
  "an arrow that splits has a dot, and in the backward pass a plus where gradients add up",
  {},
  async (page) => {
    const marks = () =>
      page.$$eval(">>> [data-split]", (found) =>
        found.map((one) => `${(one as SVGElement).dataset["split"]} ${one.classList[0]}`),
      );
    await click(page, '[data-node="var"] .label');
    assert.deepEqual(await marks(), ["x split", "xc split"]);
    await click(page, '[data-node="x"] .label');
    assert.deepEqual(await marks(), ["x adds", "xc adds"]);
    assert.equal(
      (await texts(page, "text.copies")).filter((text) => text === "2 gradients add up").length,
      2,
    );
    await follow(page, "#v=1&case=cs231n&node=xc&moment=b10");
    assert.deepEqual(await marks(), ["x split", "xc adds"]);
    await follow(page, "#v=1&case=cs231n&node=xc&moment=f2");
    assert.deepEqual(await marks(), ["x split", "xc split"]);
  },
);

pageTest("shapes are shown where they change, in the direction of the flow", {}, async (page) => {
  const note = async (edge: string) => (await texts(page, `[data-note="${edge}"]`)).join();
  await follow(page, "#v=1&case=cs231n&node=xc&moment=f2");
  assert.equal(await note("mean-xc"), "5 → 4×5copied to 4 rows");
  await follow(page, "#v=1&case=cs231n&node=mean&moment=b11");
  assert.equal(await note("mean-xc"), "4×5 → 5Σ over 4 rows");
  assert.equal(await note("beta-y"), "5 → 4×5copied to 4 rows");
  assert.equal(await count(page, "[data-note]"), 4);
});

pageTest("a mean is drawn as a sum gate for each column", {}, async (page) => {
  const banks = () =>
    page.$$eval(">>> .bank", (found) =>
      found.map(
        (bank) =>
          `${bank.querySelectorAll("circle").length} ${[...bank.querySelectorAll(".copies")].map((one) => one.textContent).join(" ")}`,
      ),
    );
  await click(page, '[data-node="mean"] .label');
  assert.deepEqual(
    await banks(),
    Array(2).fill("5 4×5 → 5 5 sum gates, 4 inputs each").with(1, "5 5 → 4×5 to 4 rows, ÷ 4"),
  );
  await follow(page, "#v=1&case=iris&node=var&cell=1,1");
  assert.equal((await banks())[0], "4 150×4 → 4 4 sum gates, 150 inputs each");
});

pageTest(
  "when the pointer is on an edge or a gate, the caption says what it does, with its slope",
  {},
  async (page) => {
    const hover = async (selector: string) => {
      await (await inSight(page, selector)).hover();
      await frames(page);
    };
    const before = await caption(page);
    await hover('[data-gate="sq"] rect');
    assert.match(await caption(page), /Each number is squared\..*=2\(x−μ\)/);
    await hover('[data-gate="invstd"] rect');
    assert.match(await caption(page), /The reciprocal is taken/);
    const { x, y } = await (await inSight(page, '[data-edge="mean-xc"]')).evaluate((path) => {
      const line = path as unknown as SVGPathElement;
      const middle = line.getPointAtLength(line.getTotalLength() * 0.6);
      return new DOMPoint(middle.x, middle.y)
        .matrixTransform(line.getScreenCTM() as DOMMatrix)
        .toJSON() as DOMPoint;
    });
    await page.mouse.move(x, y);
    await frames(page);
    assert.match(await caption(page), /μ → x−μ μ is copied to 4 rows and subtracted from x\..*=−1/);
    assert.equal(await count(page, ".edge.pointed"), 1);
    await page.mouse.move(5, 5);
    await frames(page);
    assert.equal(await caption(page), before);
  },
);

pageTest(
  "a table describes the picture for screen readers",
  { link: "#v=1&case=cs231n&node=mean&cell=1,1&moment=f1" },
  async (page) => {
    const rows = await page.$$eval(">>> bn-graph >>> tbody tr", (found) =>
      found.map((row) =>
        [...row.children].map((cell) => (cell.textContent ?? "").replace(/\s+/g, " ").trim()),
      ),
    );
    assert.deepEqual(
      rows.map(([name]) => name),
      order.map((id) => `${paper.labels[id]}, ${paper.words.nodes[id]}`),
    );
    const [, shape, inputs, gate, feeds, back, slope, standing] = rows[order.indexOf("mean")] as string[];
    assert.deepEqual([shape, inputs, feeds], ["5", "x", "x − μ"]);
    assert.match(gate ?? "", /5 sum gates with 4 inputs each/);
    assert.match(back ?? "", /rows of ∂\(x − μ\) are summed/);
    assert.match(slope ?? "", /=−1$/);
    assert.equal(standing, "no gradient yet");
    assert.equal(rows[order.indexOf("y")]?.at(-1), "no value or gradient yet");
    assert.deepEqual(rows[order.indexOf("xhat")]?.slice(1, 3), ["4 by 5", "x − μ and 1/√(σ²+ε)"]);
    const box = await (await find(page, "bn-graph >>> .unseen:has(table)")).boundingBox();
    assert.ok(box && box.width <= 1 && box.height <= 1, "the table is seen");
    await click(page, "button.end");
    assert.equal(
      (await texts(page, "bn-graph >>> tbody tr:first-child td:last-child")).join(),
      "gradient check: pass",
    );
  },
);

pageTest(
  "a mistake is named in red beside what it alters, in the caption and in the table",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&mistake=dvar-half" },
  async (page) => {
    assert.deepEqual(await texts(page, ".tag"), ["dvar-half"]);
    assert.deepEqual(await texts(page, ".gate.wrong text"), ["√"]);
    assert.equal(await count(page, ".edge.wrong"), 1);
    assert.match(await caption(page), /The deliberate mistake is here: dvar-half\./);
    assert.match(
      (await texts(page, "bn-graph >>> tbody tr td:last-child")).join("; "),
      /fail, deliberate mistake: dvar-half/,
    );
    await click(page, "button.start");
    assert.equal(await count(page, ".broken"), 0, "no gradient is there to be wrong");
    assert.equal(await count(page, ".edge.wrong"), 1);
  },
);

pageTest(
  "on a phone the player is below the tabs, and the picture runs downwards",
  { view: kPhone },
  async (page) => {
    const box = async (selector: string) => {
      const found = await (await find(page, selector)).boundingBox();
      assert.ok(found, `${selector} is not drawn`);
      return found;
    };
    const [tabs, player, legend] = [await box(".tabs"), await box("bn-player"), await box(".legend")];
    assert.ok(
      player.y >= tabs.y + tabs.height && legend.y >= player.y + player.height,
      "tabs, player, legend",
    );
    await click(page, "button.start");
    for (let at = 1; at < moments.length; at++) {
      await click(page, "button.step");
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(wide, 360, `at ${moments[at]?.id}`);
    }
    const [first, last] = [await box('[data-node="x"]'), await box('[data-node="y"]')];
    assert.ok(last.y > first.y + first.height, "y stands below x");
  },
);

pageTest("a change of language keeps the step, the node and the focus", {}, async (page) => {
  await follow(page, "#v=1&case=cs231n&node=sq&cell=2,3&moment=f3");
  await focus(page, '[data-node="sq"]');
  await follow(page, "#v=1&case=cs231n&node=sq&cell=2,3&moment=f3&lang=zh&names=kratzert");
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
  await frames(page);
  assert.equal(await momentOf(page), "f3");
  assert.equal(await focusedNode(page), "sq");
  assert.equal(await labelOf(page, "sq"), "sq，平方，形状 4×5，梯度还没有算出");
});

/** What of a card's name and of its rule is outside of the card, or on what else the card shows. */
const cramped = (page: Page) =>
  page.$$eval(">>> .node", (nodes) => {
    const boxOf = (node: Element, selector: string) => node.querySelector(selector)?.getBoundingClientRect();
    const meet = (a: DOMRect, b: DOMRect) =>
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return nodes.flatMap((node) => {
      const name = (node as SVGElement).dataset["node"];
      const card = boxOf(node, ".card") as DOMRect;
      const [label, sign, rule, shape] = [".label", ".partial", ".hair", "text.shape"].map((one) =>
        boxOf(node, one),
      );
      const faults = [label, sign, shape]
        .filter((box) => box && (box.left < card.left || box.right > card.right || box.top < card.top - 1))
        .map(() => `${name}: a text leaves the card`);
      const tensor = boxOf(node, ".tensor");
      // the box of a text has room for descenders, which no name fills
      if (label && tensor && label.bottom > tensor.top + 0.12 * label.height)
        faults.push(`${name}: its name is on its value`);
      for (const [one, other] of [
        [sign, shape],
        [sign, rule],
        [rule, shape],
      ])
        if (one && other && meet(one, other)) faults.push(`${name}: its rule is cramped`);
      return faults;
    });
  });

for (const [view, size] of [
  ["desk", kDesk],
  ["small window", { width: 960, height: 800 }],
  ["phone", kPhone],
] as const)
  pageTest(`every notation's names fit on the cards: ${view}`, { view: size }, async (page) => {
    for (const names of kNotations)
      for (const base of ["cs231n", "iris"]) {
        await follow(page, `#v=1&case=${base}&node=sq&cell=1,1&names=${names}`);
        assert.deepEqual(await cramped(page), [], `${names} of ${base}`);
        const { labels, words } = new Locale("en", names, graph);
        const begins = ["paper", "cs231n"].includes(names) ? "∂" : names === "pytorch" ? "grad" : "d";
        assert.deepEqual([...new Set(await texts(page, ".partial"))], [begins], names);
        const name = (await labelOf(page, "sq")).split(", shape")[0];
        assert.equal(name, `${labels.sq}, ${words.nodes.sq}`, "what is heard is the whole name");
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.equal(wide, 0, `${names} of ${base} scrolls sideways`);
      }
  });

for (const [view, size] of [
  ["desk", kDesk],
  ["phone", kPhone],
] as const)
  pageTest(
    `whatever takes a click is at least 24 pixels wide and high: ${view}`,
    { view: size },
    async (page) => {
      const small = await page.$$eval(">>> .node, .gate, bn-player >>> button", (found) =>
        found
          .map((one) => ({ name: one.outerHTML.slice(0, 80), box: one.getBoundingClientRect() }))
          .filter(({ box }) => Math.min(box.width, box.height) < 24)
          .map(({ name }) => name),
      );
      assert.deepEqual(small, []);
    },
  );

pageTest(
  "a wrong cell has a dashed frame and the chosen cell a solid one",
  { link: "#v=1&case=cs231n&node=var&cell=1,1&mistake=dvar-half" },
  async (page) => {
    const dashes = (selector: string) =>
      page.$$eval(`>>> ${selector}`, (found) => [
        ...new Set(found.map((one) => getComputedStyle(one).strokeDasharray)),
      ]);
    assert.deepEqual(await dashes(".pick"), ["none"]);
    assert.doesNotMatch((await dashes(".broken")).join(), /none/);
  },
);

pageTest(
  "the player's buttons step through both passes, and the inspector and the link follow",
  {},
  async (page) => {
    const name = async () => (await texts(page, "output")).join();
    assert.equal(await name(), "backward 12 of 12");
    await click(page, "button.start");
    await assertAt(page, "f0", "x");
    assert.equal(await name(), "inputs only");
    assert.match(await caption(page), /Only x, γ and β are known/);
    await click(page, "button.back"); // there is nothing before
    await assertAt(page, "f0", "x");
    for (const { id, node } of moments.slice(1)) {
      await click(page, "button.step");
      await assertAt(page, id, node);
    }
    await click(page, "button.step");
    await assertAt(page, kEnd, "x");
    await click(page, "button.back");
    await assertAt(page, "b11", "mean");
    assert.equal(await name(), "backward 11 of 12");
    assert.match(await caption(page), /the rows of ∂\(x − μ\) are summed, with a minus sign/);
    await click(page, "button.end");
    await assertAt(page, kEnd, "x");
  },
);
