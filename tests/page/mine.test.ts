/** Find my mistake: a learner's own arrays, what is found in them, and the hints. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import { kase, nested, type Printed, print, programOf } from "../lab/cases.ts";
import { appears, census, click, find, focused, frames, pageTest, press } from "./browser.ts";
import { headline, hint, paste, read, rows, within } from "./mine.ts";

const bn = await load();

pageTest(
  "for every planted mistake, the first wrong array and all verdicts match the package",
  {},
  async (page) => {
    const ids = ["dbeta", "dgamma", "dxhat", "dvar", "dmean", "dx"];
    for (const mistake of [
      "dvar-half",
      "dgamma-from-xc",
      "no-gamma",
      "dmean-sign",
      "swapped",
      "transposed",
      "unsummed",
    ]) {
      const program = programOf(mistake);
      const claims = ids.map((id) => {
        const { values, shape } = program.get(id) as Printed;
        return [id, { data: Float64Array.from(values), shape }];
      });
      const want = bn.diagnose(kase, Object.fromEntries(claims));
      await paste(page, print(program, ids));
      assert.equal(await headline(page), `${want.firstWrong} is the first wrong array.`, mistake);
      const verdicts = Object.fromEntries((await rows(page)).map(([id, , , judged]) => [id, judged]));
      for (const { id, truth, local } of want.nodes)
        assert.equal(
          verdicts[id],
          truth === "pass" ? "right" : local === "fail" ? "wrong here" : "inherited",
          `${mistake}: ${id}`,
        );
    }
  },
);

pageTest("the hints open one by one, from the place to the right line", {}, async (page) => {
  await paste(page, print(programOf("dvar-half"), ["dxhat", "dvar", "dmean", "dx"]));
  assert.match(
    (await hint(page, 1)).join(),
    /Everything you pasted before dvar is right, so look first at the line that computes dvar/,
  );
  assert.deepEqual(await hint(page, 2), []);
  await click(page, "bn-mine >>> .next");
  const [kind = ""] = await hint(page, 2);
  assert.match(
    kind,
    /Yours is 2 times the right one\. It lies on σ² → √\(σ²\+ε\), on the path through the variance\./,
  );
  assert.ok(kind.includes(bn.mistakes.find(({ id }) => id === "dvar-half")?.hint.en as string), kind);
  assert.doesNotMatch(kind, /lacks the ½/);
  assert.deepEqual(await hint(page, 3), []);
  await click(page, "bn-mine >>> .next");
  const [answer = ""] = await hint(page, 3);
  assert.match(
    answer,
    /dvar lacks the ½ .*dvar = -0\.5 \* \(dxhat \* xc\)\.sum\(axis=0\) \* \(var \+ eps\) \*\* -1\.5$/,
  );
  assert.deepEqual(await within(page, ".next"), []);

  await click(page, "bn-mine >>> .answers a");
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.mistake === "dvar-half");
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.ok((await page.$$(">>> .edge.wrong")).length > 0, "the altered edge is drawn");

  await paste(page, print(programOf("no-gamma"), ["dxhat", "dvar", "dmean", "dx"])); // another one begins anew
  assert.deepEqual(await hint(page, 2), []);
});

pageTest("all of it works by keyboard", {}, async (page) => {
  await (await find(page, "#mine > summary")).focus();
  await press(page, "Enter");
  await page.waitForFunction(() => window.everyElement().some(({ localName }) => localName === "bn-mine"));
  await frames(page);
  await press(page, "Tab", "Tab", "Tab");
  assert.equal(await focused(page), "arrays");
  await page.keyboard.type("dvar = [1, 2, 3, 4, 5] ");
  await appears(page, ".headline");
  assert.equal(await headline(page), "dvar is wrong.");
  for (let i = 0; i < 12 && (await focused(page)) !== "Remove dvar"; i++) await press(page, "Tab");
  await press(page, "Tab", "Enter");
  assert.equal((await hint(page, 2)).length, 1);
  await press(page, "Enter");
  assert.equal((await hint(page, 3)).length, 1);
  const inside = await (await find(page, "bn-mine")).evaluate((host) =>
    (host.shadowRoot as ShadowRoot).activeElement?.getAttribute("data-hint"),
  );
  assert.equal(inside, "3", "the keyboard went with the button");
});

pageTest(
  "hints use the names that were pasted, and the right numbers come with the second one",
  {},
  async (page) => {
    const names = { dxhat: "dx_norm", dvar: "dvariance", dx: "dx" } as const;
    const program = programOf("no-gamma");
    const lines = Object.entries(names).map(([id, name]) => print(program, [id]).replace(/^\w+/, name));
    await paste(page, lines.join("\n"));
    const all = async () => (await within(page, ".headline, .hints")).join(" ");
    assert.match(await all(), /dx_norm is the first wrong array/);
    assert.deepEqual(await within(page, ".comparison figure"), []);
    await click(page, "bn-mine >>> .next");
    assert.equal((await within(page, ".comparison figure")).length, 3);
    await click(page, "bn-mine >>> .next");
    const said = await all();
    assert.match(said, /is used as dx_norm, and the factor gamma is missing: dx_norm = /);
    assert.match(said, /Correct NumPy line: ?dx_norm = /);
    assert.doesNotMatch(said, /dxhat/);
  },
);

pageTest(
  "a tuple of arrays is taken for what a backward pass returns, and the page says so",
  {},
  async (page) => {
    const program = programOf("dvar-half");
    const list = (id: string) => {
      const { shape, ...printed } = program.get(id) as Printed;
      const values = Array.from(printed.values);
      const rows = Array.from(
        { length: 4 },
        (_, row) => `[${values.slice(row * 5, row * 5 + 5).join(", ")}]`,
      );
      return `array(${shape.length === 2 ? `[${rows.join(",\n ")}]` : `[${values.join(", ")}]`})`;
    };
    await paste(page, `(${["dx", "dgamma", "dbeta"].map(list).join(",\n ")})`);
    assert.deepEqual(
      (await rows(page)).map(([id, , , judged]) => [id, judged]),
      [
        ["dbeta", "right"],
        ["dgamma", "right"],
        ["dx", "wrong here"],
      ],
    );
    const [first = "", ...others] = await within(page, ".unnamed li span");
    assert.match(
      first,
      /^An array without a name, line 1, is taken for dx by its shape and place in the order\. 4×5/,
    );
    assert.equal(others.length, 2);
    assert.deepEqual(await within(page, ".troubles li"), []);
  },
);

pageTest("of an array given thousands of times, a few are shown", {}, async (page) => {
  await paste(page, "dx = [1,2]\n");
  await read(page, async () => {
    const area = await find(page, "bn-mine >>> textarea");
    await area.evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "dx = [1,2]\n".repeat(15_999));
      const event = new Event("paste", { bubbles: true, cancelable: true });
      field.dispatchEvent(Object.assign(event, { clipboardData })); // Firefox's ClipboardEvent takes no data
    });
  });
  assert.equal((await rows(page)).length, 21);
  assert.match((await within(page, "section")).join(), /And 15979 more\./);
});

pageTest("a whole case that was pasted becomes the case of the page", {}, async (page) => {
  const own = {
    ...kase,
    x: kase.x.map((one) => one * 1.5 + 1),
    dy: kase.dy.map((one) => 0.5 - one),
    eps: 1e-3,
  };
  const { nodes } = bn.trace(own, { mistakes: ["dvar-half"] });
  const gradient = (id: string) => {
    const node = nodes.find((one) => one.id === id) as (typeof nodes)[number];
    return { values: node.grad, shape: node.gradShape };
  };
  const arrays: Record<string, Printed> = {
    x: { values: own.x, shape: own.shape },
    gamma: { values: own.gamma, shape: [5] },
    beta: { values: own.beta, shape: [5] },
    dout: { values: own.dy, shape: own.shape },
    dxhat: gradient("xhat"),
    dvar: gradient("var"),
    dx: gradient("x"),
  };
  const digits = ({ values, shape }: Printed) =>
    nested({ values: Float64Array.from(values, (one) => Number(one.toFixed(8))), shape });
  const text = Object.entries(arrays).map(([name, one]) => `${name} = ${digits(one)}`);
  await paste(page, [...text, "eps = 0.001"].join("\n"));
  await page.waitForFunction(
    (x) => document.querySelector("backnorm-lab")?.session.computed?.kase.x[0] === x,
    {},
    Number((own.x[0] as number).toFixed(8)),
  );
  await appears(page, ".headline h3");
  assert.equal(await headline(page), "dvar is the first wrong array.");
  assert.match((await within(page, ".headline p")).join(), /You pasted a whole case: it is used/);
  assert.deepEqual(
    (await rows(page)).map(([id, , , judged]) => [id, judged]),
    [
      ...["x", "gamma", "beta", "dy", "dxhat"].map((id) => [id, "right"]),
      ["dvar", "wrong here"],
      ["dx", "inherited"],
    ],
  );
  assert.deepEqual(await within(page, ".unnamed li"), []);
  assert.equal(
    await page.evaluate(() => document.querySelector("backnorm-lab")?.session.computed?.kase.eps),
    1e-3,
  );
});

pageTest("what is missing in a pasted case is said, and may be pasted later", {}, async (page) => {
  const own = {
    shape: [3, 2],
    x: Float64Array.of(1, 2, 4, 3, 5, 9),
    dy: Float64Array.of(1, 0, 2, 1, 0, 5),
    gamma: Float64Array.of(2, -1),
    beta: Float64Array.of(1, -1),
  };
  const dx = bn.trace(own).nodes.find(({ id }) => id === "x")?.grad as Float64Array;
  const lines = (["x", "dy"] as const).map(
    (name) => `${name} = ${nested({ values: own[name], shape: [3, 2] })}`,
  );
  const text = [...lines, `dx = ${nested({ values: dx, shape: [3, 2] })}`].join("\n");
  await paste(page, text);
  await appears(page, ".headline h3");
  assert.equal(await headline(page), "dx is the first wrong array.");
  assert.match(
    (await within(page, ".headline p")).join(" "),
    /Not in it: gamma, beta\. gamma counts as 1 and beta as 0\./,
  );
  await paste(page, `${text}\ngamma = [2, -1]\nbeta = [1, -1]`);
  await page.waitForFunction(
    () => document.querySelector("backnorm-lab")?.session.computed?.kase.gamma[0] === 2,
  );
  await page.waitForFunction(() =>
    window.everyElement().some((one) => one.matches("h3") && one.textContent?.includes("All 5 of your")),
  );
  assert.equal(await headline(page), "All 5 of your arrays are right.");
});

pageTest("hostile text stays text", {}, async (page) => {
  const markup = "<img src=x onerror=window.hit=1>";
  await paste(page, "dvar = [1, oops]\nloss = [1]\n");
  const before = await census(page);
  for (const text of [
    `dvar = [1, "${markup}"]\n${markup.replace(/\W/g, "_")} = [1]`,
    `dvar = [1, ${markup}]\nconstructor = [1]`,
    `dvar = [\${window.hit=1}]\n__proto__ = [1]`,
    `{"${markup}": [1], "toString": [1]}`,
  ]) {
    await paste(page, text);
    assert.equal(await page.evaluate(() => window.hit), undefined, text);
    const after = await census(page);
    assert.deepEqual([after["img"], after["script"]], [before["img"], before["script"]], text);
    assert.deepEqual(await rows(page), [], text);
  }
  assert.match((await within(page, ".unnamed li")).join(), /“toString”, line 1, is not a known name/);
  await paste(page, "[".repeat(200_000));
  await paste(page, `a${" ".repeat(200_000)}b`);
  assert.equal((await within(page, ".troubles li")).length, 1);
});

pageTest("digits, precision and the order of axes are named beside a right verdict", {}, async (page) => {
  const { x: dx } = Object.fromEntries(bn.trace(kase).nodes.map(({ id, grad }) => [id, [...grad]]));
  const said = async (numbers: readonly number[], show: (value: number) => string) => {
    const rows = Array.from({ length: 4 }, (_, row) =>
      numbers
        .slice(row * 5, row * 5 + 5)
        .map(show)
        .join(" "),
    );
    await paste(page, `dx = [[${rows.join("]\n [")}]]`);
    return [await headline(page), ...(await within(page, ".headline p"))].join(" ");
  };
  const right = dx as number[];
  assert.match(await said(right, (v) => v.toFixed(4)), /^Your dx is right\. Not given yet: /);
  assert.match(
    await said(right.map(Math.fround), String),
    /^Your dx is right\..* Your program computed in float32, and was judged so\.$/,
  );
  assert.match(
    await said(right, (v) => v.toFixed(1)),
    /^No mistake was found\. dx can’t be judged from so few digits/,
  );
  const channels = [0, 1, 2, 3, 4].map((c) => [0, 1].map((r) => (right[r * 5 + c] as number).toFixed(6)));
  const others = [0, 1, 2, 3, 4].map((c) => [2, 3].map((r) => (right[r * 5 + c] as number).toFixed(6)));
  const ncl = [channels, others].map((sample) => `[${sample.map((row) => `[${row}]`)}]`);
  await paste(page, `dx = [${ncl}]`);
  assert.match(
    (await within(page, ".headline p")).join(" "),
    /dx has its channels at axis 1, as in NCHW, and was read so\./,
  );
});
