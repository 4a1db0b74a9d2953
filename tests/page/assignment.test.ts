/** The no-spoiler mode: verdicts and hints, and nothing of the solution anywhere in the page or its address. */
import assert from "node:assert/strict";
import { type Case, load } from "backnorm";
import type { Page, SerializedAXNode } from "puppeteer-core";
import { appears, caseOf, click, find, inFirefox, pageTest, state } from "./browser.ts";

const bn = await load();
const link = "#v=1&case=randn:7:6x3:2:10&node=x&cell=1,1&mode=no-spoiler";

/** Everything in the document: texts, attributes, and what fields hold; and the address. */
const everything = (page: Page) =>
  page.evaluate(() => {
    const fields = window
      .everyElement()
      .map((element) =>
        element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.value : "",
      );
    const markup = window.everyElement().map((element) => {
      const attributes = [...element.attributes].map(({ name, value }) => `${name}=${value}`);
      const texts = [...element.childNodes].map((node) =>
        node.nodeType === Node.ELEMENT_NODE ? "" : (node.nodeValue ?? ""),
      );
      return [element.localName, ...attributes, ...texts].join(" ");
    });
    return [location.href, document.title, ...fields, ...markup].join("\n");
  });

function heard(node: SerializedAXNode | null): string {
  if (!node) return "";
  return [node.name, node.value, node.description, ...(node.children ?? []).map(heard)].join("\n");
}

/** Every number of the solution that is not among the inputs, with the digits by which it can be told. */
function solution(kase: Case<Float64Array>): Map<string, string> {
  const { nodes, edges, paths } = bn.trace(kase);
  const given = new Set([...kase.x, ...kase.gamma, ...kase.beta, ...kase.dy].map(Math.abs));
  const arrays: [string, Iterable<number>][] = [
    ...nodes.flatMap(({ id, value, grad }): [string, Iterable<number>][] => [
      [id, value],
      [`d${id}`, grad],
    ]),
    ...edges.map(({ from, to, contribution }): [string, Iterable<number>] => [
      `${from}->${to}`,
      contribution,
    ]),
    ...Object.entries(paths.x),
  ];
  const digits = new Map<string, string>();
  for (const [name, values] of arrays) {
    for (const value of values) {
      const size = Math.abs(value);
      const [, mantissa = ""] = /^0*\.?0*([\d.]+)/.exec(size.toPrecision(6)) ?? [];
      const told = mantissa.replace(".", "").slice(0, 4); // as few as any panel shows
      if (!given.has(size) && Number(told) > 0 && !/^0*$|^\d?0+$/.test(told))
        digits.set(size.toPrecision(4), name);
    }
  }
  return digits;
}

/** What is heard of the page. Firefox tells its accessibility tree to no driver; there the document has to do. */
const tree = async (page: Page) =>
  inFirefox
    ? ""
    : heard(await page.accessibility.snapshot({ interestingOnly: false, includeIframes: false }));

/** Numbers of a text, to four digits. */
const numbersIn = (text: string) =>
  new Set(
    (text.match(/\d+\.\d+(?:e[-−]?\d+)?/g) ?? []).map((number) =>
      Math.abs(Number(number.replace("−", "-"))).toPrecision(4),
    ),
  );

async function assertSpared(page: Page, besides: readonly number[] = []) {
  const kase = caseOf(await state(page));
  const own = new Set(
    [...besides, ...kase.x, ...kase.gamma, ...kase.beta, ...kase.dy].flatMap((value) => {
      const size = Math.abs(value);
      return [size.toPrecision(4), Number(size.toPrecision(3)).toPrecision(4)]; // matrices show three
    }),
  );
  const secret = solution(kase);
  assert.ok(secret.size > 60, "there is a solution to be looked for");
  for (const [where, text] of [
    ["the document", await everything(page)],
    ["the accessibility tree", await tree(page)],
  ] as const) {
    const shown = numbersIn(text);
    const leaked = [...secret]
      .filter(([digits]) => shown.has(digits) && !own.has(digits))
      .map(([digits, name]) => `${name} ${digits}`);
    assert.deepEqual(leaked, [], where);
    assert.doesNotMatch(
      text,
      /<math|mfrac|munder|∑|sum\(axis|no-mean-path|dvar-half|\*\* ?-1\.5/,
      `${where} has a formula of the solution`,
    );
  }
}

async function paste(page: Page, text: string) {
  const area = await find(page, "bn-mine >>> textarea");
  await area.evaluate((field, value) => {
    (field as HTMLTextAreaElement).value = value;
    field.dispatchEvent(new Event("input"));
  }, text);
  await appears(page, ".headline");
}

pageTest("an assignment shows its inputs but not the solution", { link }, async (page) => {
  await appears(page, "bn-mine");
  await assertSpared(page);
  for (const gone of [
    "bn-graph",
    "bn-checks",
    "bn-inspector",
    "bn-steps",
    "bn-bank",
    "bn-batches",
    "[name=bank]",
    "[name=share]",
  ])
    assert.equal(await page.$(`>>> ${gone}`), null, gone);
  const lock = await page.evaluate(
    () => window.everyElement().find((element) => element.matches(".lock"))?.textContent ?? "",
  );
  assert.match(lock, /courtesy/);
});

pageTest(
  "for wrong arrays, an assignment shows verdicts, the first wrong one and a question, but no number of the solution",
  { link },
  async (page) => {
    await appears(page, "bn-mine");
    const kase = caseOf(await state(page));
    const wrong = bn.trace(kase, { mistakes: ["dvar-half"] });
    const steps = ["beta", "gamma", "var", "mean", "x"] as const;
    const arrays = steps.map(
      (id) => wrong.nodes.find((node) => node.id === id) as (typeof wrong.nodes)[number],
    );
    const text = arrays.map(({ id, grad, gradShape }) => {
      const columns = gradShape.at(-1) as number;
      const rows = Array.from(
        { length: grad.length / columns },
        (_, row) => `[${[...grad.subarray(row * columns, (row + 1) * columns)].join(", ")}]`,
      );
      return `d${id} = ${gradShape.length === 1 ? rows[0] : `[${rows.join(", ")}]`}`;
    });
    await paste(page, text.join("\n"));
    const firstWrong = await page.evaluate(
      () =>
        window
          .everyElement()
          .find((element) => element.matches(".headline h3"))
          ?.textContent?.trim() ?? "",
    );
    assert.match(firstWrong, /dvar/);
    for (let more = await page.$(">>> bn-mine >>> .next"); more; more = await page.$(">>> bn-mine >>> .next"))
      await click(page, "bn-mine >>> .next");
    await assertSpared(
      page,
      arrays.flatMap(({ grad }) => [...grad]),
    );
    const links = await page.evaluate(
      () => window.everyElement().filter((element) => element.matches("a[href*=mistake]")).length,
    );
    assert.equal(links, 0);
  },
);

pageTest(
  "a mistake in the link of an assignment is ignored, and dropped from the URL",
  { link: `${link}&mistake=dvar-half` },
  async (page) => {
    await appears(page, "bn-mine");
    await assertSpared(page);
    assert.equal(await page.evaluate(() => document.querySelector("backnorm-lab")?.session.mistake), "");
  },
);

pageTest(
  "an assignment offers no example, because it would contain right gradients",
  { link: `${link}&example=2` },
  async (page) => {
    await appears(page, "bn-mine");
    await assertSpared(page);
    assert.equal(
      await (await find(page, "bn-mine >>> textarea")).evaluate(
        (area) => (area as HTMLTextAreaElement).value,
      ),
      "",
    );
  },
);
