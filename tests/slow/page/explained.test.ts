/** What Find my mistake says of arrays that people give, row by row: what they are, and never a false name. */
import assert from "node:assert/strict";
import { load, type NormCase } from "backnorm";
import { kase, nested } from "../../lab/cases.ts";
import { choose, click, openTool, pageTest, state, upload } from "../../page/browser.ts";
import { headline, hint, paste, read, rows, within } from "../../page/mine.ts";

const bn = await load();
const [N, D] = kase.shape as [number, number];

function arraysOf(one: NormCase) {
  const { nodes } = bn.trace(one);
  const of = (id: string) => nodes.find((node) => node.id === id) as (typeof nodes)[number];
  return { value: (id: string) => of(id).value, grad: (id: string) => of(id).grad };
}
const { value, grad } = arraysOf(kase);
const at = (array: ArrayLike<number>, i: number) => array[i] as number;
const columns = (of: (column: number) => number) => Array.from({ length: D }, (_, c) => of(c));
const elements = (of: (i: number, column: number) => number) =>
  Array.from({ length: N * D }, (_, i) => of(i, i % D));
const sum = (c: number, term: (i: number) => number, rows = N) =>
  Array.from({ length: rows }, (_, row) => term(row * D + c)).reduce((a, b) => a + b);

const x = (i: number) => at(kase.x, i);
const dy = (i: number) => at(kase.dy, i);
const xhat = (i: number) => at(value("xhat"), i);
const dxhat = (i: number) => at(grad("xhat"), i);
const std = (c: number) => at(value("std"), c);
const variance = (c: number) => at(value("var"), c);

const named = (name: string, array: ArrayLike<number>, shape = [array.length]) =>
  `${name} = ${nested({ values: Float64Array.from(array), shape })}\n`;
const matrix = (name: string, array: ArrayLike<number>) => named(name, array, [N, D]);
const ends = ({ grad: of }: ReturnType<typeof arraysOf>) =>
  matrix("dx", of("x")) + named("dgamma", of("gamma")) + named("dbeta", of("beta"));

/** dx by the closed form, of a program with another xhat or std. */
const closed = (own: (i: number) => number, deviation: (c: number) => number) =>
  elements((i, c) => {
    const mean = (term: (j: number) => number) => sum(c, term) / N;
    return (dxhat(i) - mean(dxhat) - own(i) * mean((j) => dxhat(j) * own(j))) / deviation(c);
  });
const dgammaOf = (own: (i: number) => number) => columns((c) => sum(c, (i) => dy(i) * own(i)));
/** What is returned by a program with another standard deviation. */
const withStd = (deviation: (c: number) => number) => {
  const own = (i: number) => at(value("xc"), i) / deviation(i % D);
  return matrix("dx", closed(own, deviation)) + named("dgamma", dgammaOf(own)) + named("dbeta", grad("beta"));
};
const halfPath = elements((i, c) => {
  const along = sum(c, (j) => dxhat(j) * xhat(j)) / N;
  return at(grad("x"), i) + (0.5 * xhat(i) * along) / std(c) + 0.1 * dxhat(i);
});
/** The mean with momentum, as of a new layer's running mean. */
const ofSlowMean = (() => {
  const mean = columns((c) => 0.9 * at(value("mean"), c));
  const xc = elements((i, c) => x(i) - at(mean, c));
  const deviation = columns((c) => Math.sqrt(sum(c, (i) => at(xc, i) ** 2) / N + 1e-5));
  const own = (i: number) => at(xc, i) / at(deviation, i % D);
  return (
    matrix(
      "dx",
      closed(own, (c) => at(deviation, c)),
    ) + named("dgamma", dgammaOf(own))
  );
})();
const floor = [...value("std")].sort((a, b) => a - b)[2] as number;

/** The second hint, of what is not in the bank of mistakes. */
const explained: readonly [what: string, text: string, said: RegExp][] = [
  [
    "a sum of other terms",
    named(
      "dvar",
      columns((c) => -0.5 * sum(c, (i) => dxhat(i) * x(i)) * std(c) ** -3),
    ),
    /Yours is −Σ\(dxhat·x\) \/ \(2·std³\)\./,
  ],
  [
    "paths of another size",
    matrix("dx", halfPath),
    /the path through the variance is 1\/2 times what it should be\./,
  ],
  [
    "dbeta of x",
    named(
      "dbeta",
      columns((c) => sum(c, x)),
    ),
    /Yours is Σ\(x\)\./,
  ],
  [
    "D for N",
    named(
      "dmean",
      columns((c) => (at(grad("mean"), c) * N) / D),
    ),
    /Yours is 0\.8 times the right one, which is N \/ D here\./,
  ],
  [
    "rows left out",
    named(
      "dbeta",
      columns((c) => sum(c, dy, N - 1)),
    ),
    /Yours is Σ\(dy\[0:3\]\)\./,
  ],
  [
    "another column's statistics",
    named(
      "std",
      columns((c) => std((c + 1) % D)),
    ),
    /Yours has the right numbers, 4 columns further right\./,
  ],
  [
    "one column's mean",
    matrix(
      "xc",
      elements((i) => x(i) - at(value("mean"), 0)),
    ),
    /−\[Σ\(x\) of column 1\] \/ N/,
  ],
  [
    "an offset",
    named(
      "var",
      columns((c) => variance(c) + 1e-3),
    ),
    /Yours is the right one plus 0\.001\./,
  ],
  [
    "a root",
    named(
      "var",
      columns((c) => Math.sqrt(variance(c))),
    ),
    /Yours is √var\./,
  ],
  [
    "limits",
    matrix(
      "xhat",
      elements((i) => Math.min(1, Math.max(-1, xhat(i)))),
    ),
    /Yours is the right one, clipped to \[−1, 1\]\./,
  ],
  [
    "one wrong number",
    matrix(
      "dx",
      elements((i) => (i === 7 ? 1 : at(grad("x"), i))),
    ),
    /Yours is right but for one number/,
  ],
  [
    "unsummed",
    matrix(
      "dgamma",
      elements((i) => dy(i) * xhat(i)),
    ),
    /Yours is not summed over the rows/,
  ],
  ...[1e-3, 1e-4, 2e-5, 1e-7, 1e-8, 1e-12].map((eps): [string, string, RegExp] => [
    `an eps of ${eps}`,
    named(
      "std",
      columns((c) => Math.sqrt(variance(c) + eps)),
    ),
    /Yours is √\(var \+ (?:0\.0*[12]|1e−\d+)\)\./,
  ]),
  [
    "eps outside of the root",
    named(
      "std",
      columns((c) => Math.sqrt(variance(c)) + 1e-5),
    ),
    /Yours is √var \+ 0\.00001\./,
  ],
  [
    "eps added twice",
    named(
      "std",
      columns((c) => Math.sqrt(variance(c) + 1e-5) + 1e-5),
    ),
    /Yours is √\(var \+ 0\.00001\) \+ 0\.00001\./,
  ],
  [
    "eps outside, from what is returned",
    withStd((c) => Math.sqrt(variance(c)) + 1e-5),
    /standard deviation of √var \+ 0\.00001/,
  ],
  [
    "a wrong mean that was not given",
    ofSlowMean,
    /All of them follow if mean is 0\.9 times the right one\.$/,
  ],
  [
    "a floor of std that was not given",
    withStd((c) => Math.max(std(c), floor)),
    /All of them follow if std is the right one, with [\d.]+ for what is below it\./,
  ],
];

for (const [what, text, said] of explained)
  pageTest(`the second hint says what was computed: ${what}`, {}, async (page) => {
    await paste(page, text);
    await click(page, "bn-mine >>> .next");
    assert.match((await hint(page, 2)).join(), said);
    await click(page, "bn-mine >>> .next");
    assert.doesNotMatch((await hint(page, 3)).join(), /None of the/, "it was just said");
  });

pageTest("a wrong array that was not given is said to be the first", {}, async (page) => {
  await paste(page, ofSlowMean);
  assert.equal(await headline(page), "mean must be wrong: what you pasted follows from it.");
  assert.deepEqual(
    (await rows(page)).map(([id, , , judged]) => [id, judged]),
    [
      ["dgamma", "inherited"],
      ["dx", "inherited"],
    ],
  );
  assert.match(
    (await hint(page, 1)).join(),
    /You did not paste mean\. Look first at the line that computes it/,
  );
});

pageTest("two independent mistakes are both told", {}, async (page) => {
  const dbeta = named(
    "dbeta",
    columns((c) => sum(c, x)),
  );
  await paste(page, dbeta + matrix("dx", halfPath));
  assert.equal(await headline(page), "dbeta is the first wrong array.");
  assert.match(
    (await within(page, ".headline p")).join(" "),
    /^dx is wrong by itself, too\. 0 of 2 are right\./,
  );
  assert.deepEqual(
    (await rows(page)).map(([id, , , judged]) => [id, judged]),
    [
      ["dbeta", "wrong here"],
      ["dx", "wrong here"],
    ],
  );
  await click(page, "bn-mine >>> .next");
  assert.match(
    (await hint(page, 2)).join(),
    /Yours is Σ\(x\)\.(?=.*dx.*the path through the variance is 1\/2 times)/s,
  );
});

const conventions: readonly [what: string, text: string, said: RegExp][] = [
  [
    "dmean of the other sign",
    named(
      "dmean",
      grad("mean").map((one) => -one),
    ) + matrix("dx", grad("x")),
    /All 2 of your arrays are right\..*dmean: Yours has the other sign/,
  ],
  [
    "dvar called dstd",
    named("dstd", grad("var")) + matrix("dx", grad("x")),
    /dstd: Yours contains what is called dvar here/,
  ],
  [
    "var called sigma",
    named("sigma", value("var")) + matrix("y", value("y")),
    /sigma: Yours contains what is called var here/,
  ],
];
for (const [what, text, said] of conventions)
  pageTest(`a convention is no mistake where everything after it is right: ${what}`, {}, async (page) => {
    await paste(page, text);
    assert.match((await within(page, ".headline")).join(), said);
  });

pageTest(
  "right arrays of other inputs, or of another shape, are asked about, and no line is blamed",
  {},
  async (page) => {
    const other = { ...kase, x: kase.x.map((one, i) => one + 3 * Math.sin(i)), dy: kase.dy.map(Math.cos) };
    const six = Array.from({ length: 6 }, (_, i) => Math.sin(i + 1));
    for (const [text, ids] of [
      [ends(arraysOf(other)), ["dbeta", "dgamma", "dx"]],
      [named("dgamma", six) + named("dbeta", six.map(Math.cos)), ["dbeta", "dgamma"]],
    ] as const) {
      await paste(page, text);
      assert.equal(await headline(page), "Were these computed on other inputs?");
      assert.deepEqual(
        (await rows(page)).map(([, name, , judged]) => [name, judged]),
        ids.map((name) => [name, "undecidable"]),
      );
      assert.deepEqual(await within(page, ".next"), []);
    }
  },
);

pageTest("right arrays of layer norm are recognised", {}, async (page) => {
  await paste(page, ends(arraysOf({ ...kase, norm: "layer" } as NormCase)));
  assert.match(await headline(page), /^These are the right arrays of layer norm\./);
});

pageTest("eval mode's backward pass is named", {}, async (page) => {
  await paste(
    page,
    matrix(
      "dx",
      elements((i, c) => dxhat(i) / std(c)),
    ) + named("dgamma", grad("gamma")),
  );
  await click(page, "bn-mine >>> .next");
  await click(page, "bn-mine >>> .next");
  assert.match((await hint(page, 3)).join(), /constant|eval/);
});

pageTest(
  "a NaN is told by where it begins and what makes it",
  { link: "#v=1&case=own&x=1,2;1,3;1,9&gamma=1,2&beta=0,1&dy=1,0;2,1;0,5" },
  async (page) => {
    await paste(page, "xhat = [[nan, -0.85749293], [nan, -0.53916387], [nan, 1.3966568]]");
    await click(page, "bn-mine >>> .next");
    assert.match(
      (await hint(page, 2)).join(),
      /3 numbers that are not finite, first in row 1.*\. The standard deviation is 0 there, and 0\/0 is NaN: nothing was added to the variance\./,
    );
  },
);

pageTest(
  "two rows that print as −1 and 1 get no false name",
  { link: "#v=1&case=own&x=1;3&gamma=1&beta=0&dy=1;2" },
  async (page) => {
    await paste(page, "xhat = [[-1.] [ 1.]]");
    assert.doesNotMatch(await headline(page), /wrong/);
    assert.deepEqual(await within(page, ".next"), []);
  },
);

const eight = (one: number) => one.toFixed(8);
const rowsOf = (show: (one: number) => string, gap: string) =>
  Array.from({ length: N }, (_, row) =>
    Array.from(grad("x"))
      .slice(row * D, (row + 1) * D)
      .map(show)
      .join(gap),
  );
const bracketed = `[${rowsOf(eight, ", ")
  .map((row) => `[${row}]`)
  .join(",\n       ")}]`;
const padded = (one: number | string) => (typeof one === "string" ? one : eight(one)).padStart(12);
const frame = [
  ` ${["0", "1", "2", "3", "4"].map(padded).join("")}`,
  ...rowsOf(padded, "").map((row, place) => `${place}${row}`),
].join("\n");
const csv = [",a,b,c,d,e", ...rowsOf(eight, ",").map((row, place) => `${place},${row}`)].join("\n");
const forms: readonly [what: string, text: string][] = [
  ["TensorFlow", `dx = <tf.Tensor: shape=(4, 5), dtype=float64, numpy=\narray(${bracketed})>`],
  ["a dict", `{'dx': array(${bracketed})}`],
  ["pandas", `dx =\n${frame}`],
  ["MATLAB", `dx = [${rowsOf(eight, " ").join("; ")}]`],
];
for (const [what, text] of forms)
  pageTest(`what other programs print is read: ${what}`, {}, async (page) => {
    await paste(page, text);
    assert.equal(await headline(page), "Your dx is right.");
  });

pageTest("a CSV file with an index is read", {}, async (page) => {
  await openTool(page, "mine");
  await read(page, () => choose(page, 'bn-mine >>> input[type="file"]', { "dx.csv": csv }));
  assert.equal(await headline(page), "Your dx is right.");
});

/** Written by np.savez_compressed: dx, 2×2, and dgamma. */
const npz =
  "UEsDBBQAAAAIAAAAIQD2uPqDVgAAAKAAAAAGABQAZHgubnB5AQAQAKAAAAAAAAAAVgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgpGmjoKtQpkAy4GMPhhD6GZDkBoDgcILeAAAFBLAwQUAAAACAAAACEAmsqr50wAAACIAAAACgAUAGRnYW1tYS5ucHkBABAAiAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GhgZ7BgYGBwBQSwECFAMUAAAACAAAACEA9rj6g1YAAACgAAAABgAAAAAAAAAAAAAAgAEAAAAAZHgubnB5UEsBAhQDFAAAAAgAAAAhAJrKq+dMAAAAiAAAAAoAAAAAAAAAAAAAAIABjgAAAGRnYW1tYS5ucHlQSwUGAAAAAAIAAgBsAAAAFgEAAAAA";

pageTest(
  "an .npz file gives its arrays, and other binary files a sentence on what to save",
  { link: "#v=1&case=own&x=1,2;4,3&gamma=1,2&beta=0,1&dy=1,0;2,1" },
  async (page) => {
    await openTool(page, "mine");
    const files = {
      "arrays.npz": Uint8Array.from(atob(npz), (letter) => letter.charCodeAt(0)),
      "dx.mat": "MATLAB 5.0 MAT-file, Platform",
      "dx.pkl": Uint8Array.of(0x80, 4, 0x95, 0, 0),
    };
    await read(page, () => choose(page, 'bn-mine >>> input[type="file"]', files));
    const shown = (await rows(page)).map(([id, , what]) => [id, what?.split(" · ")[1]]);
    assert.deepEqual(shown, [
      ["dgamma", "arrays.npz"],
      ["dx", "arrays.npz"],
    ]);
    const refused = await within(page, ".troubles li");
    assert.equal(refused.length, 2);
    for (const sentence of refused) assert.match(sentence, /np\.savez\("arrays\.npz"/);
  },
);

pageTest("a column with decimal commas is one array", {}, async (page) => {
  const column = [...grad("gamma")].map((one) => one.toFixed(6).replace(".", ","));
  await paste(page, `dgamma =\n${column.join("\n")}`);
  assert.equal(await headline(page), "Your dgamma is right.");
});

pageTest("a JSON case with the names of other programs is understood", {}, async (page) => {
  const json = {
    input: [
      [1, 2],
      [4, 3],
      [5, 9],
    ],
    weight: [1, 2],
    bias: [0, 1],
    dout: [
      [1, 0],
      [2, 1],
      [0, 5],
    ],
    epsilon: 0.1,
  };
  await upload(page, "case.json", JSON.stringify(json));
  const { x, gamma, dy, eps } = await state(page);
  assert.deepEqual([x, gamma, dy, eps], [json.input.flat(), json.weight, json.dout.flat(), 0.1]);
});
