import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Case, Graph, Mistake, Norm } from "backnorm";
import fc from "fast-check";
import { meaningText } from "../../web/src/diagnose.ts";
import { dialectNames, quantityIds, usualNames } from "../../web/src/dialects.ts";
import { mistakeText } from "../../web/src/mistake-words.ts";
import { norms } from "../../web/src/norm.ts";
import { type Setting, settingOf } from "../../web/src/words.ts";
import { claimsOf, type Program, randomCase, runProgram } from "./programs.ts";
import { assertSameBits, webassembly as bn, engines, javascript, rounded } from "./support.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

/** Those of batch norm; norm-mistakes.test.ts has those of the other norms. */
const switchable = bn.mistakes.filter(({ switchable, norms }) => switchable && norms.includes("batch"));
const around = ["stateful-forward", "in-place", "accumulate", "momentum"];
const kase = randomCase(bn); // 7×3, eps 1e-1, so that eps is no smaller than what rounding hides

/** What shows in rounding alone, and on no generic case. */
const ofRounding = "one-pass-variance";
/** What touches y alone, which no gradient reads. */
const forwardOnly = ["no-gamma-forward", "gamma-beta-swapped-forward"];
const shown = switchable.filter(({ id }) => id !== ofRounding);

test("every number of mistakes in the documents is that of the bank, or of the programs that were tried", () => {
  const read = (path: string) =>
    readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").replace(/\s+/g, " ");
  const ofBatch = bn.mistakes.filter(({ norms }) => norms.includes("batch"));
  const [all, batch, made, ofPasses] = [
    bn.mistakes.length,
    ofBatch.length,
    switchable.length,
    bn.mistakes.filter(({ switchable }) => switchable).length,
  ];
  const table =
    readFileSync(new URL("../data/DETECTION.md", import.meta.url), "utf8").split("\n## ")[1] ?? "";
  const tried = switchable.filter(({ id }) => table.includes(`| ${id} |`)).length;
  for (const [path, sentence] of [
    ["web/reference/page.md", `${batch} known mistakes in batch norm, ${made} of them with a link`],
    ["web/reference/calls.md", `bn.mistakes; // ${all} in five norms, ${batch} of them in batch norm`],
    ["web/reference/verdicts.md", `each of ${tried} mistakes wherever it is visible`],
    [
      "web/reference/verdicts.md",
      `A pass of batch norm can have ${made} of the bank's mistakes: the first table has ${tried} of them`,
    ],
    ["CHANGELOG.md", `\`mistakes\`, the ${all} that it knows`],
    ["CHANGELOG.md", `A bank of ${batch} known mistakes in batch norm, ${made} of which`],
    [
      "CHANGELOG.md",
      `the ${ofPasses} known mistakes that a pass can have (the package adds ${all - ofPasses}`,
    ],
  ] as const)
    assert.ok(read(path).includes(sentence), `${path}: ${sentence}`);
  assert.equal(tried, made - 1);
});

test("the bank has at least 35 mistakes of each norm to switch on, and four in the calls around the passes", () => {
  for (const { mistakes } of engines) {
    for (const norm of norms) {
      const ofNorm = mistakes.filter((mistake) => mistake.switchable && mistake.norms.includes(norm));
      assert.ok(ofNorm.length >= 35, norm);
    }
    const ids = mistakes.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, "ids are unique");
    assert.deepEqual(
      mistakes.filter((mistake) => !mistake.switchable).map(({ id }) => id),
      around,
    );
    assert.deepEqual(ids.slice(-4), around, "which stand last");
    for (const id of ids) assert.match(id, /^[a-zA-Z0-9/]+(-[a-zA-Z0-9/]+)*$/);
  }
  assert.deepEqual(javascript.mistakes, bn.mistakes);
});

test("the bank has the common mistakes of hand-written backward passes", () => {
  const listed = `detached-stats no-mean-path no-variance-path no-1/N-variance no-1/N-mean no-factor-2 dvar-sign
    dvar-half dmean-sign no-gamma dgamma-from-x swapped wrong-axis eps-outside eval-backward one-pass-variance`;
  const ids = bn.mistakes.map(({ id }) => id);
  for (const id of [...listed.split(/\s+/), ...around]) assert.ok(ids.includes(id), id);
});

const han = /\p{Script=Han}/u;
test("each mistake has a short title of its own in each language", () => {
  for (const { id, title } of bn.mistakes) {
    assert.ok(title.en.length >= 8 && title.en.length <= 45, `${id}: ${title.en}`);
    assert.ok(title.zh.length >= 4 && title.zh.length <= 30, `${id}: ${title.zh}`);
    assert.ok(!han.test(title.en) && han.test(title.zh), id);
    for (const words of [title.en, title.zh]) assert.doesNotMatch(words, /[.。？?]$|\n| {2}|^ | $/, id);
  }
});

for (const { id, explanation, hint } of bn.mistakes) {
  test(`${id} has an explanation and a hint of one sentence in each language`, () => {
    for (const { en, zh } of [explanation, hint]) {
      assert.match(en, /^\S.*[.?]$/s);
      assert.match(zh, /^\S.*[。？]$/s);
      assert.ok(!han.test(en) && han.test(zh));
      assert.doesNotMatch(en, /[。，；：？（）]/u);
      assert.ok(en.length >= 15 && en.length <= 130, `${en.length} characters: ${en}`);
      assert.ok(zh.length >= 8 && zh.length <= 80, `${zh.length} characters: ${zh}`);
      for (const words of [en, zh]) assert.ok(!/\n| {2}/.test(words) && words === words.trim());
    }
    assert.match(explanation.en, /\.$/);
    // a full stop inside would begin a second sentence; a hint may ask after it has told what to do
    assert.doesNotMatch(explanation.en, /[.?!] [A-Z]/);
    assert.doesNotMatch(explanation.zh, /[。？].+/u);
    assert.notEqual(hint.en, explanation.en);
    assert.notEqual(hint.zh, explanation.zh);
  });
}

test("no two mistakes have the same title, explanation or hint", () => {
  for (const part of ["title", "explanation", "hint"] as const) {
    for (const language of ["en", "zh"] as const) {
      const all = bn.mistakes.map((mistake) => mistake[part][language]);
      assert.equal(new Set(all).size, all.length);
    }
  }
});

const everyArray = [...bn.graph.nodes, ...(bn.graphOf("rms") as Graph).nodes].flatMap(({ id }) => [
  id,
  `d${id}`,
]);
const parts = ["title", "explanation", "hint"] as const;
/** Every norm, with each way in which its values share statistics. */
const settings: readonly Setting[] = [
  ...norms.map((norm) => settingOf(norm)),
  { norm: "batch", kind: "channels" },
  { norm: "rms", kind: "rows", unitOffset: true },
];
/** All texts of all mistakes, for every norm that they are made in. */
const written = bn.mistakes.flatMap(({ id, norms: of }) =>
  settings
    .filter(({ norm }) => of.includes(norm))
    .flatMap((setting) => {
      const [en, zh] = (["en", "zh"] as const).map((language) =>
        mistakeText(id, language, (array) => `{${array}}`, setting),
      ) as [ReturnType<typeof mistakeText>, ReturnType<typeof mistakeText>];
      return parts.map((part) => ({ id, setting, part, en: en[part], zh: zh[part] }));
    }),
);

test("for every norm of a mistake, each array in its texts is in braces, is in the norm's graph, and nothing else is", () => {
  for (const { id, setting, en, zh } of written) {
    const arrays = (bn.graphOf(setting.norm) as Graph).nodes.flatMap((node) => [node.id, `d${node.id}`]);
    for (const words of [en, zh]) {
      for (const [, name = ""] of words.matchAll(/\{([^}]*)\}/g))
        assert.ok(arrays.includes(name), `${id} of ${setting.norm} norm names ${name}`);
      const rest = words.replace(/\{\w+\}|\btorch\.\w+/g, "");
      assert.doesNotMatch(rest, /[{}]|undefined/, id);
      // "the mean" is a word of English
      for (const name of rest.match(/[A-Za-z]\w*/g) ?? [])
        assert.ok(name === "mean" ? words === en : !everyArray.includes(name), `${id} has a bare ${name}`);
    }
  }
});

test("Chinese names the arrays and the counts that English does", () => {
  const heard = (words: string) => [...new Set(words.match(/\{\w+\}|\b[NDMCHWK]\b/g))];
  for (const { id, setting, part, en, zh } of written) {
    const english = heard(en);
    for (const one of heard(zh))
      assert.ok(english.includes(one), `${id}, ${part}, ${setting.kind}: ${one} is in Chinese alone: ${zh}`);
  }
});

test("the texts speak of rows and columns only where values lie in a matrix", () => {
  for (const { id, setting, en, zh } of written) {
    if (setting.kind === "columns" || setting.kind === "rows") continue;
    assert.doesNotMatch(`${en} ${zh}`, /\b(?:rows?|columns?|D)\b|[行列]/i, `${id}, ${setting.kind}`);
  }
});

test("RMS norm's texts speak of no mean, variance or ddof of its own", () => {
  const others = ["layer-backward", "mean-subtracted", "variance-for-ms"]; // which it doesn't have
  for (const { id, setting, part, en, zh } of written) {
    if (setting.norm !== "rms" || others.includes(id)) continue;
    const rest = `${en} ${zh}`.replace(/mean of (?:squares|\{x\}²)|root mean square|where their mean/gi, "");
    assert.doesNotMatch(
      rest,
      /\b(?:mean|variance|standard deviation|ddof)\b|均值|方差|标准差/i,
      `${id}, ${part}`,
    );
  }
});

test("no two mistakes of a norm have the same text", () => {
  for (const one of settings)
    for (const part of parts)
      for (const language of ["en", "zh"] as const) {
        const texts = written
          .filter(({ setting, part: other }) => setting === one && other === part)
          .map((words) => words[language]);
        assert.ok(texts.length >= 40);
        const twice = texts.filter((text, at) => texts.indexOf(text) !== at);
        assert.deepEqual(twice, [], `${one.kind} of ${one.norm} norm`);
      }
});

test("the texts of other norms are short, too", () => {
  for (const { id, part, en, zh } of written) {
    const [most, inChinese] = { title: [50, 30], explanation: [140, 90], hint: [130, 80] }[part] as [
      number,
      number,
    ];
    const [one, other] = [en, zh].map((words) => words.replace(/[{}]/g, "")) as [string, string];
    assert.ok(one.length <= most, `${id}: ${one.length} characters: ${one}`);
    assert.ok(other.length <= inChinese, `${id}: ${other.length} characters: ${other}`);
  }
});

test("a text has the nouns of its norm", () => {
  const plain = (id: string, setting: Setting, language: "en" | "zh" = "en") =>
    mistakeText(id, language, (array) => array, setting);
  const table: [setting: Setting, hint: string, explanation: string][] = [
    [settingOf("batch"), "Raise one x of a column by 1: how far does the mean move?", "dmean/N"],
    [settingOf("layer"), "Raise one x of a row by 1: how far does the mean move?", "dmean/D"],
    [settingOf("group"), "Raise one x of a group by 1: how far does the mean move?", "dmean/M"],
    [settingOf("instance"), "Raise one x of a feature map by 1: how far does the mean move?", "dmean/M"],
    [
      { norm: "batch", kind: "channels" },
      "Raise one x of a channel by 1: how far does the mean move?",
      "dmean/M",
    ],
  ];
  for (const [setting, hint, explanation] of table) {
    const said = plain("no-1/N-mean", setting);
    assert.equal(said.hint, hint);
    assert.ok(said.explanation.includes(explanation), said.explanation);
  }
  const { explanation } = plain("no-gamma", { ...settingOf("rms"), unitOffset: true });
  assert.equal(
    explanation,
    "dy is used as dxhat, and the factor (1 + gamma) is missing: dxhat = dy·(1 + gamma).",
  );
  assert.deepEqual(plain("variance-path-sign", settingOf("rms")), {
    title: "Wrong sign of the path through rms",
    explanation: "dx subtracts 2·x·dsq, which has to be added: dx = dxhat/√(ms + eps) + 2·x·dsq.",
    hint: "When an x moves away from 0, does the mean of squares grow or fall?",
  });
  assert.equal(
    plain("eps-outside", settingOf("rms"), "zh").hint,
    "取一行全都为 0 的值，打印 rms：你预期是哪个数？",
  );
});

test("the texts name arrays as our code does, or with the caller's names", () => {
  const own = (array: string) => array;
  for (const {
    id,
    norms: [first],
    title,
    explanation,
    hint,
  } of bn.mistakes)
    for (const language of ["en", "zh"] as const) {
      const said = { title: title[language], explanation: explanation[language], hint: hint[language] };
      assert.deepEqual(mistakeText(id, language, own, settingOf(first as Norm)), said);
      assert.doesNotMatch(Object.values(said).join(), /[{}]/);
    }
  const half = bn.mistakes.find(({ id }) => id === "dvar-half") as Mistake;
  assert.deepEqual(half.explanation, {
    en: "dvar lacks the ½ that the square root brings: dvar = dstd/(2·std).",
    zh: "dvar 漏了平方根求导得到的 ½：应为 dvar = dstd/(2·std)。",
  });
  const theirs: Readonly<Record<string, string>> = { dvar: "dv", std: "sigma", dstd: "dsigma" };
  const { explanation } = mistakeText("dvar-half", "zh", (array) => theirs[array] ?? array);
  assert.equal(explanation, "dv 漏了平方根求导得到的 ½：应为 dv = dsigma/(2·sigma)。");
});

test("the meaning of broken invariants of dx has the same text with other names", () => {
  for (const id of ["no-mean-path", "no-variance-path", "gamma-twice"]) {
    const { dx } = claimsOf(bn, kase, id) as Required<ReturnType<typeof claimsOf>>;
    const found = bn.diagnose(kase, { dx } as Parameters<typeof bn.diagnose>[1]);
    for (const language of ["en", "zh"] as const) {
      assert.equal(
        meaningText(found, language, (array) => array),
        found.meaning?.[language],
      );
      const renamed = meaningText(found, language, (array) => array.replace("dx", "dhprebn")) as string;
      assert.doesNotMatch(renamed, /\bdx\b|[{}]/);
      assert.match(renamed, /dhprebn/);
    }
  }
  assert.equal(
    meaningText({ invariants: [] }, "en", (array) => array),
    undefined,
  );
});

test("grad_ before any name of a value names its gradient", () => {
  const ids = quantityIds(bn.graph);
  const names = dialectNames(ids);
  const gradientOf = (name: string) => ids[names.get(`grad_${name}`) ?? -1];
  for (const { id } of bn.graph.nodes)
    for (const name of usualNames(id)) assert.equal(gradientOf(name), `d${id}`, name);
  for (const [name, id] of [
    ["var", "dvar"],
    ["save_mean", "dmean"],
    ["xhat", "dxhat"],
    ["input", "dx"],
    ["output", "dy"],
  ] as const)
    assert.equal(gradientOf(name), id);
  const { dvar, dx } = claimsOf(bn, kase, "dvar-sign") as Required<ReturnType<typeof claimsOf>>;
  const found = bn.diagnose(kase, { grad_var: dvar, grad_input: dx } as Parameters<typeof bn.diagnose>[1]);
  assert.equal(found.firstWrong, "dvar");
  assert.deepEqual(
    found.nodes.map(({ id, name }) => [id, name]),
    [
      ["dx", "grad_input"],
      ["dvar", "grad_var"],
    ],
  );
});

/** They divide the values into other groups, or take gamma or statistics by another axis: edits of the whole graph. */
const ofTheWhole = [
  ...["over-the-batch", "over-the-sample", "interleaved-groups", "wrong-reshape"],
  ...["gamma-along-samples", "gamma-per-group", "no-keepdims"],
];

test("a mistake names edges and nodes of its norm's graph, each once", () => {
  for (const one of engines) {
    for (const { id, edges, nodes, norms, switchable } of one.mistakes) {
      const graph = norms.join() === "rms" ? (one.graphOf("rms") as Graph) : one.graph;
      const ids = graph.nodes.map((node) => node.id);
      assert.ok(
        edges.every((edge) => graph.edges.includes(edge)),
        id,
      );
      assert.ok(
        nodes.every((node) => ids.includes(node)),
        id,
      );
      assert.equal(new Set(edges).size, edges.length, id);
      assert.equal(new Set(nodes).size, nodes.length, id);
      const isSomewhere = switchable && !ofTheWhole.includes(id);
      assert.equal(edges.length + nodes.length > 0, isSomewhere, `${id} changes something of the graph`);
    }
  }
});

const places: [id: string, edges: string[], nodes: string[]][] = [
  ["dvar-sign", ["var->std"], []],
  ["no-mean-path", ["x->mean"], []],
  ["detached-stats", ["xc->sq", "x->mean"], []],
  ["swapped", [], ["gamma", "beta"]],
  ["transposed", [], ["x"]],
  ["eps-outside", [], ["std"]],
  ["momentum", [], []],
];
for (const [id, edges, nodes] of places) {
  test(`${id} is at ${[...edges, ...nodes].join(", ") || "no place of the graph"}`, () => {
    const mistake = bn.mistakes.find((one) => one.id === id) as Mistake;
    assert.deepEqual(new Set(mistake.edges.map(({ from, to }) => `${from}->${to}`)), new Set(edges));
    // swapped exchanges two gradients, and may name either or both
    assert.ok(mistake.nodes.every((node) => nodes.includes(node)));
    assert.equal(mistake.nodes.length > 0, nodes.length > 0);
  });
}

test("the bank can't be changed", () => {
  for (const { mistakes } of engines) {
    assert.ok(Object.isFrozen(mistakes));
    for (const mistake of mistakes) {
      for (const part of [mistake, mistake.edges, mistake.nodes, mistake.norms])
        assert.ok(Object.isFrozen(part), mistake.id);
    }
  }
});

const sameBits = (a: unknown, b: unknown): boolean => {
  try {
    assertSameBits(a, b, "");
    return true;
  } catch {
    return false;
  }
};

for (const { id } of shown) {
  test(`${id} changes a value or a gradient, and diagnose names it from these arrays`, () => {
    for (const one of engines) {
      assert.ok(!sameBits(one.trace(kase, { mistakes: [id] }).nodes, one.trace(kase).nodes));
      const found = one.diagnose(kase, claimsOf(one, kase, id));
      assert.notEqual(found.firstWrong, null);
      assert.deepEqual(
        found.mistakes.map((fit) => fit.id),
        [id],
      );
      // the arrays are those of the same C++: nothing is left over
      assert.equal(found.mistakes[0]?.residual, 0);
    }
  });

  test(`${id} is named from dx, dgamma, dbeta and y of a float32 program`, () => {
    const single = rounded(kase);
    const { dx, dgamma, dbeta, y } = claimsOf(bn, single, id);
    const given = { dx, dgamma, dbeta, y } as Parameters<typeof bn.diagnose>[1];
    const { firstWrong, mistakes } = bn.diagnose(single, given);
    assert.ok(
      firstWrong === null || mistakes.some((fit) => fit.id === id),
      `${mistakes.map((fit) => fit.id)}`,
    );
    // what changes no array but those in between can't be seen from the outside
    const seen = ["x", "gamma", "beta"].some((node) => gradientsChangedBy(id).includes(node));
    assert.equal(firstWrong !== null, seen || forwardOnly.includes(id) || valueChangedBy(id, "y"));
  });
}

function gradientsChangedBy(id: string): string[] {
  const right = bn.trace(kase);
  return bn
    .trace(kase, { mistakes: [id] })
    .nodes.filter(({ grad }, at) => !sameBits(grad, right.nodes[at]?.grad))
    .map((node) => node.id);
}
function valueChangedBy(id: string, node: string): boolean {
  const valueWith = (mistakes: string[]) =>
    bn.trace(kase, { mistakes }).nodes.find((one) => one.id === node)?.value;
  return !sameBits(valueWith([id]), valueWith([]));
}

test("a one-pass variance is visible in float32 if the mean dwarfs the spread", () => {
  const far = rounded(randomCase(bn, { mean: 1e3, spread: 1 }));
  const variance = (mistakes: string[]) =>
    bn.trace(far, { mistakes }).nodes.find(({ id }) => id === "var")?.value;
  assert.ok(!sameBits(variance([ofRounding]), variance([])));
});

const shapes: [mistake: string, node: string, shape: number[]][] = [
  ["unsummed", "beta", [7, 3]],
  ["unsummed", "gamma", [7, 3]],
  ["dvar-unsummed", "var", [7, 3]],
  ["dmean-unsummed", "mean", [7, 3]],
  ["wrong-axis", "beta", [7]],
  ["wrong-axis", "gamma", [7]],
  ["transposed", "x", [3, 7]],
];
for (const [mistake, node, shape] of shapes) {
  test(`${mistake} returns d${node} in the shape [${shape}], and the other gradients in their own shapes`, () => {
    const changed = shapes.filter(([id]) => id === mistake).map(([, id]) => id);
    for (const one of engines) {
      for (const { id, grad, gradShape, shape: own } of one.trace(kase, { mistakes: [mistake] }).nodes) {
        const want = id === node ? shape : own;
        if (id === node || !changed.includes(id)) assert.deepEqual(gradShape, want, id);
        assert.equal(
          grad.length,
          gradShape.reduce((a, b) => a * b),
        );
      }
    }
  });
}

const right = runProgram(kase);
const take = (name: string, of: Program = right) => of[name] as Float64Array;
const gradOf = (mistakes: string[], node: string) =>
  bn.trace(kase, { mistakes }).nodes.find(({ id }) => id === node)?.grad as Float64Array;
const columnSum = (values: Float64Array) =>
  [0, 1, 2].map((c) => values.filter((_, i) => i % 3 === c).reduce((a, b) => a + b));

test("by hand: a gradient in another shape has the right numbers", () => {
  const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    assert.equal(a.length, b.length);
    // sums of at most seven products below 100: a few of their last places
    for (let i = 0; i < a.length; i++) assert.ok(Math.abs((a[i] as number) - (b[i] as number)) < 1e-13);
  };
  assertSameBits(gradOf(["unsummed"], "beta"), kase.dy, "dbeta");
  close(columnSum(gradOf(["unsummed"], "gamma")), take("dgamma"));
  close(columnSum(gradOf(["dmean-unsummed"], "mean")), take("dmean"));
  close(columnSum(gradOf(["dvar-unsummed"], "var")), take("dvar"));
  const dxT = gradOf(["transposed"], "x");
  close(
    dxT,
    dxT.map((_, i) => take("dx")[(i % 7) * 3 + Math.floor(i / 7)] as number),
  );
  const rowSums = Float64Array.from({ length: 7 }, (_, r) =>
    kase.dy.slice(3 * r, 3 * r + 3).reduce((a, b) => a + b),
  );
  close(gradOf(["wrong-axis"], "beta"), rowSums);
  assertSameBits(gradOf(["swapped"], "beta"), bn.trace(kase).nodes[1]?.grad, "swapped");
});

test("two mistakes together have the effects of both", () => {
  const pairs = [
    ["dbeta-averaged", "no-mean-path"],
    ["dgamma-from-x", "dvar-sign"],
    ["swapped", "transposed"],
  ] as const;
  for (const [one, other] of pairs) {
    const both = bn.trace(kase, { mistakes: [one, other] });
    assertSameBits(bn.trace(kase, { mistakes: [other, one] }), both, `${other}, then ${one}`);
    const [first, second, none] = [[one], [other], []].map((mistakes) => bn.trace(kase, { mistakes }));
    for (const [at, { id, grad }] of both.nodes.entries()) {
      const [a, b, right] = [first, second, none].map((trace) => trace?.nodes[at]?.grad);
      // these pairs touch different gradients
      assertSameBits(grad, sameBits(a, right) ? b : a, `d${id} of ${one} and ${other}`);
    }
  }
});

test("a mistake can be applied twice: two lost signs cancel", () => {
  assertSameBits(bn.trace(kase, { mistakes: ["dvar-sign", "dvar-sign"] }), bn.trace(kase), "twice");
  const often = Array.from({ length: 10_000 }, () => "dvar-sign");
  assertSameBits(bn.trace(kase, { mistakes: often }), bn.trace(kase), "ten thousand times");
  const once = gradOf(["dbeta-averaged"], "beta");
  const twice = gradOf(["dbeta-averaged", "dbeta-averaged"], "beta");
  for (const [i, value] of twice.entries()) {
    assert.ok(Math.abs(value * 7 - (once[i] as number)) < 1e-15); // one more rounding of a number below 2
  }
});

for (const { id } of switchable) {
  test(`gradcheck fails with ${id} if it changes a gradient, and gradcheckAsync reports the same`, async () => {
    const changed = id === ofRounding ? [] : gradientsChangedBy(id);
    for (const one of engines) {
      const report = one.gradcheck(kase, { mistakes: [id] });
      assert.equal(report.verdict === "fail", changed.length > 0, report.verdict);
      const failed = report.nodes.filter(({ verdict }) => verdict === "fail").map((node) => node.id);
      // rounding alone may change a bit: what fails was changed, and not the other way round
      for (const node of failed) assert.ok(changed.includes(node), node);
      assert.equal(report.checkerAtFault, false);
      assertSameBits(await one.gradcheckAsync(kase, { mistakes: [id] }), report, "in slices");
    }
  });
}

test("an empty list of mistakes gives the bits of no options", async () => {
  for (const one of engines) {
    const [trace, report] = [one.trace(kase), one.gradcheck(kase)];
    assert.equal(report.verdict, "pass");
    for (const options of [undefined, {}, { mistakes: [] }, { mistakes: undefined }]) {
      assertSameBits(one.trace(kase, options), trace, "trace");
      assertSameBits(one.gradcheck(kase, options), report, "gradcheck");
      assertSameBits(await one.gradcheckAsync(kase, options), report, "gradcheckAsync");
    }
  }
});

test("a mistake doesn't affect the next call", () => {
  for (const one of engines) {
    const want = one.trace(kase);
    for (const { id } of switchable) one.trace(kase, { mistakes: [id] });
    assertSameBits(one.trace(kase), want, "the right passes");
  }
});

// Any case, any arrays of it, any mistake.

const draw = fc
  .record({
    rows: fc.integer({ min: 1, max: 8 }),
    columns: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    mean: fc.constantFrom(0, 1, 12, 1e3, 1e6),
    spread: fc.constantFrom(1e-3, 1, 5, 1e3),
    eps: fc.constantFrom(1e-12, 1e-5, 1e-3, 1),
    unbiased: fc.boolean(),
  })
  .map(({ unbiased, ...rest }) => randomCase(bn, { ...rest, ddof: unbiased && rest.rows > 1 ? 1 : 0 }));
const subset = fc.infiniteStream(fc.boolean());
const pick = <T>(all: Record<string, T>, stream: Iterable<boolean>): Record<string, T> => {
  const chosen = stream[Symbol.iterator]();
  return Object.fromEntries(Object.entries(all).filter(() => chosen.next().value));
};
const runs = { numRuns: 300 };

test("no arrays of a right program are called wrong, on any case", () => {
  fc.assert(
    fc.property(draw, subset, (one, stream) => {
      const { firstWrong, mistakes, nodes, invariants } = bn.diagnose(one, pick(runProgram(one), stream));
      assert.deepEqual([firstWrong, mistakes], [null, []]);
      for (const { id, local } of nodes) assert.notEqual(local, "fail", `${id} here`);
      for (const { id, holds } of invariants) assert.ok(holds, id);
    }),
    runs,
  );
});

test("dx in closed form counts as right, alone and with the staged arrays", () => {
  fc.assert(
    fc.property(draw, subset, (one, stream) => {
      const program = runProgram(one);
      const { dgamma, dbeta, xhat, invstd } = program as Required<Program>;
      const [rows, columns] = one.shape as [number, number];
      const m = rows - (one.ddof ?? 0);
      const dx = one.x.map((_, i) => {
        const c = i % columns;
        const [weight, sum, product] = [one.gamma[c], dbeta?.[c], dgamma?.[c]] as [number, number, number];
        const along = ((xhat?.[i] as number) * product) / m;
        return weight * (invstd?.[c] as number) * ((one.dy[i] as number) - sum / rows - along);
      });
      for (const arrays of [{ dx }, { ...pick(program, stream), dx }]) {
        const { firstWrong, mistakes, nodes } = bn.diagnose(one, arrays);
        assert.deepEqual([firstWrong, mistakes], [null, []]);
        if (nodes.length === 1) assert.notEqual(nodes[0]?.local, "fail");
      }
    }),
    runs,
  );
});

/** A mistake that divides by a variance of 0 leaves no number behind, and none can be held against another. */
const allFinite = (claims: ReturnType<typeof claimsOf>) =>
  Object.values(claims).every((claim) => ("data" in claim ? claim.data : claim).every(Number.isFinite));

test("any wrong arrays of a program with a mistake have a first wrong array and the mistake's name", () => {
  fc.assert(
    fc.property(draw, subset, fc.constantFrom(...shown), (one, stream, { id }) => {
      fc.pre(one.shape[0] !== 1 || id !== "eps-outside"); // √var has no bound where var is 0
      const claims = pick(claimsOf(bn, one, id), stream);
      fc.pre(allFinite(claims));
      const { firstWrong, mistakes, nodes } = bn.diagnose(one, claims);
      const failed = nodes.filter(({ truth }) => truth === "fail");
      assert.equal(firstWrong !== null, failed.length > 0);
      if (firstWrong === null) return assert.deepEqual(mistakes, []);
      const first = failed.find((node) => node.id === firstWrong);
      assert.ok(first && first.local !== "pass", "nothing before it is wrong, so that it inherits nothing");
      assert.ok(
        mistakes.some((fit) => fit.id === id),
        `${id} is not among ${mistakes.map((fit) => fit.id)}`,
      );
    }),
    runs,
  );
});

test("permuting the rows of case and arrays changes neither the first wrong array nor the mistake's name", () => {
  // wrong-axis returns a value for each row, and a transposed dx a column
  const turnable = shown.filter(({ id }) => id !== "wrong-axis" && id !== "transposed");
  fc.assert(
    fc.property(draw, subset, fc.nat(7), fc.constantFrom(...turnable), (one, stream, turn, { id }) => {
      const [rows, columns] = one.shape as [number, number];
      const turned = <A extends ArrayLike<number>>(values: A) =>
        values.length === rows * columns
          ? Float64Array.from(values, (_, i) => values[(i + turn * columns) % (rows * columns)] as number)
          : Float64Array.from(values);
      fc.pre(rows > 1); // a row is a matrix of one
      const claims = pick(claimsOf(bn, one, id), stream);
      fc.pre(allFinite(claims));
      const other = { ...one, x: turned(one.x), dy: turned(one.dy) } as Case;
      const moved = Object.fromEntries(
        Object.entries(claims).map(([name, claim]) => [
          name,
          "data" in claim ? { ...claim, data: turned(claim.data) } : turned(claim),
        ]),
      );
      // Of other mistakes that fit as well, one may fit by a hair, and in another order of rows no more: eps squared is
      // next to no eps beside a variance of a million.
      const seen = (found: ReturnType<typeof bn.diagnose>) => ({
        first: found.firstWrong,
        named: found.mistakes.some((fit) => fit.id === id),
      });
      const [there, here] = [bn.diagnose(other, moved), bn.diagnose(one, claims)];
      assert.deepEqual(seen(there), seen(here));
      const names = ({ mistakes }: typeof here) => mistakes.map((fit) => fit.id);
      for (const [best] of [names(there), names(here)])
        assert.ok(
          !best || [there, here].every((found) => names(found).includes(best)),
          `${best} fits one only`,
        );
    }),
    runs,
  );
});
