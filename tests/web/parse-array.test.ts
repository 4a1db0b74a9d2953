import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BacknormRangeError, BacknormTypeError } from "../../web/src/errors.ts";
import { parseArray, parsePart } from "../../web/src/parse-array.ts";
import { inChinese } from "./in-chinese.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

type Read = [text: string, values: number[], shape: number[], kind?: "float32" | "float16" | "bfloat16"];

function assertReads(rows: Read[]) {
  for (const [text, values, shape, kind] of rows) {
    const { resolution: _, withDecimalCommas, ...array } = parseArray(text);
    const data = kind === "float32" ? new Float32Array(values) : new Float64Array(values);
    const half = kind === "float16" || kind === "bfloat16";
    assert.deepEqual(array, { data, shape, ...(half && { dtype: kind }) }, text);
  }
}

function assertRefuses(rows: [text: string, message: string][]) {
  for (const [text, message] of rows) {
    assert.throws(
      () => parseArray(text),
      { name: "BacknormRangeError", code: "unreadable-array", argument: "text", message: `text: ${message}` },
      JSON.stringify(text.slice(0, 60)),
    );
    assert.throws(() => parseArray(text), inChinese);
  }
}

const nan = Number.NaN;

const exact = (text: string) => {
  const { data, shape } = parseArray(text);
  return { data, shape };
};

test("parseArray() gives the resolution of printed values", () => {
  const rows: [text: string, resolution: number[] | undefined][] = [
    ["array([ 0.00304832, -1.23456789])", [5e-9, 5e-9]],
    ["array([ 0.00304832, -1.5       ])", [5e-9, 5e-6]], // eight decimals or six digits
    ["[3.04832123e-03 1.50000000e+02]", [5e-12, 5e-7]],
    ["tensor([ 0.0030, 12.5000])", [5e-5, 5e-5]],
    ["1.0e+03 *\n tensor([ 0.0030, 12.5000])", [5e-2, 5e-2]],
    ["[0.1, 0.30000000000000004]", undefined], // 17 digits: Python's own text of a float
    ["array([1.5, 2.  ])", [0.05, 0.05]],
    ["[1, 2]", [5e-4, 5e-4]], // whole, or printed with a few decimals
    ["[-1. 1.]", [5e-4, 5e-4]],
    ["[[0.0], [-1.0]]", [5e-4, 5e-4]],
    ["[171, -20]", [0.5, 0.5]],
    ["[0.000e+00 0.000e+00]", [5e-4, 5e-4]],
    ["[0.22910000383853912 -0.34360000491142273]", [5e-5, 5e-5]], // float32, rounded and then widened
    ["[123457, 20]", [0.5, 0.5]],
    ["0.1234,0.5678", [5e-5, 5e-5]],
    ["0.2291\n-0.3436\n0.1145", [5e-5, 5e-5, 5e-5]],
    ["[12.3457, 0.00123457]", [5e-5, 5e-9]], // six significant digits
    ["[1e-05, 0.22912, 12.34567]", [5e-6, 5e-6, 5e-6]], // five decimals
    ["[1.234e-05, 3.2e+01]", [5e-9, 5e-3]],
    ["[0.000, 0.500]", [5e-4, 5e-4]],
    ["[1.234e-02, 0.000e+00]", [5e-6, 5e-6]],
  ];
  for (const [text, expected] of rows) {
    const { resolution } = parseArray(text);
    assert.equal(resolution?.length, expected?.length, text);
    for (const [i, half] of (expected ?? []).entries()) {
      assert.ok(Math.abs((resolution?.[i] as number) - half) <= 1e-12 * half, text);
    }
  }
});

// It was computed as 10 ** n, which V8 rounds in one way in Node 20 and in another in a newer Chromium.
test("the resolution is the nearest double, in every engine", () => {
  const rows: [text: string, half: number][] = [
    ["[-7.01625701e-55]", 5e-64],
    ["[-2.17051396e44]", 5e35],
    ["[-4.59853771e66]", 5e57],
    ["[7.32157908e-308]", 5e-317],
    ["[1.00000001e-322]", 0],
  ];
  for (const [text, half] of rows) assert.deepEqual(parseArray(text).resolution, Float64Array.of(half), text);
});

test("parseArray() reads NumPy 1.24.2's output", () => {
  const wild = [1.5, -2.25, nan, Infinity, 1e-7, 3e5];
  const cube = [0, 1, 2, 3, 4, 5, 6, 7];
  assertReads([
    ["array([[ 1.50e+00, -2.25e+00,       nan],\n       [      inf,  1.00e-07,  3.00e+05]])", wild, [2, 3]],
    ["[[ 1.50e+00 -2.25e+00       nan]\n [      inf  1.00e-07  3.00e+05]]", wild, [2, 3]],
    [
      "array([[ 1.50e+00, -2.25e+00,       nan],\n       [      inf,  1.00e-07,  3.00e+05]], dtype=float32)",
      wild,
      [2, 3],
      "float32",
    ],
    ["array([[[0., 1.],\n        [2., 3.]],\n\n       [[4., 5.],\n        [6., 7.]]])", cube, [2, 2, 2]],
    ["[[[0. 1.]\n  [2. 3.]]\n\n [[4. 5.]\n  [6. 7.]]]", cube, [2, 2, 2]],
    ["array(3.5)", [3.5], []],
    [
      "array([0.        , 0.16666667, 0.33333333, 0.5       , 0.66666667,\n       0.83333333, 1.        ])",
      [0, 0.16666667, 0.33333333, 0.5, 0.66666667, 0.83333333, 1],
      [7],
    ],
    [
      "# a b\n1.500000000000000000e+00 2.000000000000000000e+00\n3.000000000000000000e+00 -4.000000000000000249e-09\n",
      [1.5, 2, 3, -4e-9],
      [2, 2],
    ],
  ]);
});

test("parseArray() reads PyTorch 1.13.0's output, as float32 if it prints no dtype", () => {
  const wild = [1.5, -2, 3e-5, nan];
  assertReads([
    ["tensor([[ 1.5000e+00, -2.0000e+00],\n        [ 3.0000e-05,         nan]])", wild, [2, 2], "float32"],
    [
      "tensor([[ 1.5000e+00, -2.0000e+00],\n        [ 3.0000e-05,         nan]], dtype=torch.float64)",
      wild,
      [2, 2],
    ],
    [
      "Parameter containing:\ntensor([[ 1.5000e+00, -2.0000e+00],\n        [ 3.0000e-05,         nan]], requires_grad=True)",
      wild,
      [2, 2],
      "float32",
    ],
    [
      "tensor([[ 1.3207, -0.2544],\n        [-1.3054,  0.7331]], grad_fn=<NativeBatchNormBackward0>)",
      [1.3207, -0.2544, -1.3054, 0.7331],
      [2, 2],
      "float32",
    ],
    ["tensor([[-0.7193, -0.4033]], dtype=torch.float64, requires_grad=True)", [-0.7193, -0.4033], [1, 2]],
    ["tensor([[[[0., 0.]],\n\n         [[0., 0.]]]])", [0, 0, 0, 0], [1, 2, 1, 2], "float32"],
    ["tensor(2.5000)", [2.5], [], "float32"],
    ["tensor([1., 2.], dtype=torch.float16)", [1, 2], [2], "float16"],
    ["tensor([1., 2.], dtype=torch.bfloat16, requires_grad=True)", [1, 2], [2], "bfloat16"],
    [
      "tensor([1., 2.], device='cuda:0', dtype=torch.float64,\n       grad_fn=<SumBackward1 at 0x7f>)",
      [1, 2],
      [2],
    ],
  ]);
});

test("parseArray() reads Python source, labels and lists of arrays", () => {
  assertReads([
    ["np.array([[1, 2], [3, 4],])", [1, 2, 3, 4], [2, 2]],
    ["np.array([1, 2], dtype='float32')", [1, 2], [2], "float32"],
    ["numpy.array([1, 2], np.float32)", [1, 2], [2], "float32"],
    ["torch.tensor([1, 2], dtype=torch.double)", [1, 2], [2]],
    ["dx = array([1., 2.])  # from backward()\n", [1, 2], [2]],
    ["# mine\nself.dx = [1, 2]", [1, 2], [2]],
    ["σ: [[1 2]]", [1, 2], [1, 2]],
    ["dx [[1. 2.]]", [1, 2], [1, 2]],
    ["Out[3]: \narray([1., 2.])", [1, 2], [2]],
    ["[np.float64(1.0), np.float64(2.0)]", [1, 2], [2]],
    ["[tensor(1.), tensor(2.)]", [1, 2], [2], "float32"],
    ["[array([1., 2.]), array([3., 4.])]", [1, 2, 3, 4], [2, 2]],
    ["np.array([np.float32(1), np.float64(2)])", [1, 2], [2]],
  ]);
});

test("parseArray() reads JSON", () => {
  assertReads([
    ["[[1,2],[3,4]]", [1, 2, 3, 4], [2, 2]],
    ["[1, 2, 3]", [1, 2, 3], [3]],
    ["3.5", [3.5], []],
    ["[[[[[7]]]]]", [7], [1, 1, 1, 1, 1]],
  ]);
});

test("parseArray() reads rows without brackets as rank 2, with any separator", () => {
  const values = [1, 2, 3, 4];
  const rows: Read[] = [
    ["1,2,3", [1, 2, 3], [1, 3]],
    ["1\n2\n3\n", [1, 2, 3], [3, 1]],
    ["x\n3.5", [3.5], [1, 1]],
    ["1,5\n2,5", [1, 5, 2, 5], [2, 2]],
    ["1.0e+03 *\n\n  1.5  2\n", [1500, 2000], [1, 2]],
    ["x =\n\n   1.0e+03 *\n\n    0.0010    1.0000\n", [1, 1000], [1, 2]],
  ];
  for (const body of [
    "1,2\n3,4",
    "1;2\n3;4",
    "1\t2\n3\t4\t",
    "1 2\n3   4",
    " 1 ,\t2\n3, 4",
    '"1","2"\n"3","4"',
  ]) {
    for (const text of [
      body,
      `\uFEFF${body}\n\n\n`,
      body.replaceAll("\n", "\r\n"),
      `# made by hand\n${body} # end`,
    ]) {
      rows.push([text, values, [2, 2]]);
    }
  }
  for (const header of [
    "a,b",
    '"length, cm","width (cm)"',
    "sepal length;petal length",
    "x\ty",
    "均值 方差",
  ]) {
    rows.push([`${header}\n1 2\n3 4`, values, [2, 2]]);
  }
  assertReads(rows);
});

test("parseArray() reads the prints of TensorFlow, JAX, Paddle and MXNet", () => {
  const values = [1, 2, 3, 4];
  assertReads([
    [
      "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[1., 2.],\n       [3., 4.]], dtype=float32)>",
      values,
      [2, 2],
      "float32",
    ],
    ["<tf.Tensor: shape=(2,), dtype=float64, numpy=array([1., 2.])>", [1, 2], [2]],
    ["<tf.Tensor: shape=(), dtype=float32, numpy=1.5>", [1.5], [], "float32"],
    ["<tf.Tensor: shape=(2,), dtype=bfloat16, numpy=array([1, 2], dtype=bfloat16)>", [1, 2], [2], "bfloat16"],
    ["tf.Tensor(\n[[1. 2.]\n [3. 4.]], shape=(2, 2), dtype=float32)", values, [2, 2], "float32"],
    [
      "<tf.Variable 'gamma:0' shape=(2, 2) dtype=float32, numpy=\narray([[1., 2.],\n       [3., 4.]], dtype=float32)>",
      values,
      [2, 2],
      "float32",
    ],
    ["<Variable path=bn/gamma, shape=(2,), dtype=float32, value=[1. 2.]>", [1, 2], [2], "float32"],
    [
      "Tensor(shape=[2, 2], dtype=float32, place=Place(cpu), stop_gradient=True,\n       [[1., 2.],\n        [3., 4.]])",
      values,
      [2, 2],
      "float32",
    ],
    [
      "Tensor(shape=[2], dtype=float64, place=Place(gpu:0), stop_gradient=False,\n       [1., 2.])",
      [1, 2],
      [2],
    ],
    ["\n[[1. 2.]\n [3. 4.]]\n<NDArray 2x2 @cpu(0)>", values, [2, 2]],
    ["Array([[1., 2.],\n       [3., 4.]], dtype=float32)", values, [2, 2], "float32"],
    ["dx = Array([1., 2.], dtype=float32, weak_type=True)", [1, 2], [2], "float32"],
  ]);
});

test("parseArray() reads the prints of pandas, R, MATLAB, Octave, Julia and JavaScript", () => {
  const values = [1.5, 2, 3, 4];
  assertReads([
    ["     0    1\n0  1.5  2.0\n1  3.0  4.0", values, [2, 2]],
    ["          dx        dy\n0   1.500000  2.000000\n1   3.000000  4.000000", values, [2, 2]],
    ["       a    b\nrow  1.5  2.0\nsum  3.0  4.0\n\n[2 rows x 2 columns]", values, [2, 2]],
    ["0    1.5\n1    2.0\ndtype: float64", [1.5, 2], [2]],
    ["a    1.5\nb    2.0\nName: dgamma, dtype: float32", [1.5, 2], [2], "float32"],
    [",0,1\n0,1.5,2.0\n1,3.0,4.0\n", values, [2, 2]],
    [",a,b\nx,1.5,2.0\ny,3.0,4.0\n", values, [2, 2]],
    ["\ta\tb\n0\t1.5\t2.0\n1\t3.0\t4.0\n", values, [2, 2]],
    [";a;b\n0;1.5;2.0\n1;3.0;4.0\n", values, [2, 2]],
    ['"","V1","V2"\n"1",1.5,2\n"2",3,4\n', values, [2, 2]],
    ["     [,1] [,2]\n[1,]  1.5    2\n[2,]  3.0    4", values, [2, 2]],
    ["    a b\n1 1.5 2\n2 3.0 4", values, [2, 2]],
    ["[1] 1.5 2.0 3.0\n[4] 4.0", values, [4]],
    ["[1] 1.5", [1.5], [1]],
    ["[1.5 2; 3 4]", values, [2, 2]],
    ["x = [1.5, 2; 3, 4];", values, [2, 2]],
    ["[1.5; 2]", [1.5, 2], [2, 1]],
    ["dx =\n\n   1.0e+03 *\n\n    0.0015    0.0020\n    0.0030    0.0040\n\n", values, [2, 2]],
    ["dx =\n\n   1.5000   2.0000\n   3.0000   4.0000\n\n", values, [2, 2]],
    [
      "dx =\n\n  2×2 single matrix\n\n    1.5000    2.0000\n    3.0000    4.0000\n",
      values,
      [2, 2],
      "float32",
    ],
    ["2×2 Matrix{Float64}:\n 1.5  2.0\n 3.0  4.0", values, [2, 2]],
    ["2×2 adjoint(::Matrix{Float32}) with eltype Float32:\n 1.5  2.0\n 3.0  4.0", values, [2, 2], "float32"],
    ["2-element Vector{Float64}:\n 1.5\n 2.0", [1.5, 2], [2, 1]],
    ["Float32[1.5 2.0; 3.0 4.0]", values, [2, 2], "float32"],
    ["Float64Array(2) [ 1.5, 2 ]", [1.5, 2], [2]],
    ["Float32Array(2) [1.5, 2]", [1.5, 2], [2], "float32"],
    ["(2) [1.5, 2]", [1.5, 2], [2]],
  ]);
});

test("parseArray() refuses an array printed in several pieces, and says how to print it in one", () => {
  const refuse = (got: string, at: string) =>
    `expected an array in one piece (${at}), got "${got}": jsonencode(dx) in MATLAB or Octave, println(dx) in Julia, write.csv(dx) in R or print(dx.to_csv()) in pandas prints it so`;
  assertRefuses([
    ["dx =\n\n  Columns 1 through 2\n\n    1    2\n", refuse("Columns 1 through 2", "line 3, column 3")],
    ["     [,1]\n[1,]    1\n     [,2]\n[1,]    2", refuse("[,2]", "line 3, column 6")],
    ["   a  \\\n0  1   \n\n   b  \n0  2", refuse("a  \\", "line 1, column 4")],
    ["dx(:,:,1) =\n\n   1   2", refuse("dx(:,:,1) =", "line 1, column 1")],
    ["2×2×2 Array{Float64, 3}:\n[:, :, 1] =\n 1.0 2.0", refuse("[:, :, 1] =", "line 2, column 1")],
    [", , 1\n\n     [,1]\n[1,]    1", refuse(", , 1", "line 1, column 1")],
  ]);
});

test("parseArray() takes no column for an index, and no row for names, unless the print says so", () => {
  assertRefuses(
    [
      ["dx\n1 2\n3 4", "expected 1 value in row 1 as in the header (line 2, column 4), got 2"],
      ["0 1\n0 1 2", "expected 2 values in row 2 as in row 1 (line 2, column 6), got 3"],
      [
        "0 1 1.5\n1 1 2.5\ndtype: float64",
        "expected 1 value in row 1 as in the header (line 1, column 8), got 2",
      ],
      ["0 1.5\n1\ndtype: float64", "expected a number (line 2, column 2), got the end of the line"],
      ["[1] 1.5\n2.5", "expected a number"],
    ].slice(0, 4) as [string, string][],
  );
  assertReads([["0 1.5\n1 2.5", [0, 1.5, 1, 2.5], [2, 2]]]);
});

test("parseArray() reads every number format", () => {
  const spellings: [string, number][] = [
    ["1", 1],
    ["-1.", -1],
    ["+.5", 0.5],
    ["1e-3", 0.001],
    ["1E+05", 1e5],
    ["1.0000e+00", 1],
    ["-0.", -0],
    ["\u22121.5e\u22123", -0.0015],
    ["nan", nan],
    ["NaN", nan],
    ["-nan", nan],
    ["inf", Infinity],
    ["-inf", -Infinity],
    ["Infinity", Infinity],
    ["\u2212Infinity", -Infinity],
  ];
  for (const [text, value] of spellings) {
    for (const list of [`[${text}]`, `[ ${text} ]`, `tensor([${text}], dtype=torch.float64)`]) {
      assert.deepEqual(exact(list), { data: new Float64Array([value]), shape: [1] }, list);
    }
    assert.deepEqual(exact(text), { data: new Float64Array([value]), shape: [] }, text);
  }
});

test("an error of parseArray() is data: what was wrong, by how much, and where", () => {
  const rows: [text: string, at: object][] = [
    ["1 2\n3 x", { offset: 6, line: 2, column: 3 }],
    ["1 2\r\n3 x", { offset: 7, line: 2, column: 3 }],
    ["1 2\r3 x", { offset: 6, line: 2, column: 3 }],
    ["\uFEFF1 x", { offset: 3, line: 1, column: 4 }],
    ["# \u{1F600}\n[1, x]", { offset: 9, line: 2, column: 5 }],
    ["", { offset: 0, line: 1, column: 1 }],
  ];
  for (const [text, at] of rows) assert.throws(() => parseArray(text), { at }, text);
  assert.throws(() => parseArray("[[1, 2],\n [3]]"), {
    code: "unreadable-array",
    reason: "ragged",
    expected: "2 values in row 2 as in row 1",
    got: "1",
    params: { length: 2, member: "value", list: "row", at: 2, header: false, got: 1 },
    at: { offset: 12, line: 2, column: 4 },
  });
});

test("parsePart() reads a part of a text, and reports errors by their place in the whole text", () => {
  const text = "dx = [1, 2]\r\ndy = [1, oops], 7";
  assert.deepEqual(parsePart(text, 5, 11).shape, [2]);
  assert.throws(() => parsePart(text, 18, 27), { at: { offset: 22, line: 2, column: 10 } });
  assert.throws(() => parsePart(text, 5, 9), {
    message: 'text: expected a number, "[" or "]" (line 1, column 10), got the end of the text',
  });
});

test("parseArray() names the row, line and column of a ragged array, and both lengths", () => {
  assertRefuses([
    ["1,2\n3,4\n5,6,7", "expected 2 values in row 3 as in row 1 (line 3, column 6), got 3"],
    ["[[1, 2],\r\n [3]]", "expected 2 values in row 2 as in row 1 (line 2, column 4), got 1"],
    ["[[1], [2, 3]]", "expected 1 value in row 2 as in row 1 (line 1, column 12), got 2"],
    ["[[[1],[2]],[[3]]]", "expected 2 rows in table 2 as in table 1 (line 1, column 16), got 1"],
    ["a,b\n1,2,3", "expected 2 values in row 1 as in the header (line 2, column 6), got 3"],
    ["[1, [2]]", 'expected a number as above (line 1, column 5), got "["'],
    ["[[1], 2]", 'expected "[" as above (line 1, column 7), got "2"'],
  ]);
});

test("parseArray() explains how to print everything if the print was shortened", () => {
  const how =
    'the print was shortened, np.set_printoptions(threshold=sys.maxsize) or torch.set_printoptions(profile="full") prints all of it';
  assertRefuses([
    ["[0.000e+00 1.000e+00 ... 1.999e+03]", `expected every number (line 1, column 22), got "...": ${how}`],
    ["array([   0.,    1., ..., 1000.])", `expected every number (line 1, column 22), got "...": ${how}`],
    ["tensor([[1., 2.],\n        ...,\n", `expected every number (line 2, column 9), got "...": ${how}`],
    ["1 2\n… …", `expected every number (line 2, column 1), got "…": ${how}`],
  ]);
});

test("parseArray() reads a column with decimal commas where it can be nothing else, and otherwise gives both", () => {
  assertReads([
    ["0,05\n1,25\n", [0.05, 1.25], [2, 1]],
    ["-0,5\n2,5", [-0.5, 2.5], [2, 1]],
    ["dgamma =\n12,0400\n-3,1250", [12.04, -3.125], [2, 1]],
    ["1,05", [1.05], []],
  ]);
  const both: [text: string, rows: number[], column: number[]][] = [
    ["1,5\n2,5", [1, 5, 2, 5], [1.5, 2.5]],
    ["1,2\r\n3,4\r\n", [1, 2, 3, 4], [1.2, 3.4]],
    ["-1,25\n2,50", [-1, 25, 2, 50], [-1.25, 2.5]],
  ];
  for (const [text, rows, column] of both) {
    const { data, shape, withDecimalCommas } = parseArray(text);
    assert.deepEqual([[...data], shape], [rows, [2, 2]], text);
    assert.deepEqual(
      [[...(withDecimalCommas?.data ?? [])], withDecimalCommas?.shape],
      [column, [2, 1]],
      text,
    );
  }
  assert.ok(parseArray("1,25\n2,50").withDecimalCommas?.resolution?.every((half) => half === 0.005));
  for (const text of ["a,b\n1,5\n2,5", "1, 5\n2, 5", "[1,5]", "1,5,2\n2,5,3", "1,-5\n2,5", "1 5\n2 5"])
    assert.equal(parseArray(text).withDecimalCommas, undefined, text);
});

test("parseArray() refuses a decimal comma instead of reading it as a separator", () => {
  const hint = "(a decimal comma is not read: write 1.5 for 1,5)";
  assertRefuses([
    ["1,5;2,5", `expected a comma between values as before (line 1, column 5), got a semicolon ${hint}`],
    ["1;2,5", `expected a semicolon between values as before (line 1, column 5), got a comma ${hint}`],
    ["1,5\t2,5", `expected a comma between values as before (line 1, column 5), got a tab ${hint}`],
    ["1,5 2,5", `expected a comma between values as before (line 1, column 5), got a space ${hint}`],
    ["[1, 5 2]", `expected a comma between values as before (line 1, column 7), got a space ${hint}`],
    ['"1,5";"2,5"', 'expected a number with a decimal point (line 1, column 1), got "1,5"'],
  ]);
});

test("parseArray() reports the place and what it expected if brackets don't match", () => {
  const more = 'expected a number, "[" or "]"';
  assertRefuses([
    ["[1, 2", `${more} (line 1, column 6), got the end of the text`],
    ["[1, 2)", `${more} (line 1, column 6), got ")"`],
    ["[1, 2]]", 'expected nothing after the array (line 1, column 7), got "]"'],
    ["[1] [2]", 'expected nothing after the array (line 1, column 5), got "["'],
    ["[[1, 2][3, 4]]", 'expected a separator in front (line 1, column 8), got "["'],
    ["[]", 'expected a number or "[" (line 1, column 2), got "]"'],
    ["[,1]", 'expected a number or "[" (line 1, column 2), got ","'],
    ["[1,,2]", `${more} (line 1, column 4), got ","`],
    ["array([1, 2]", 'expected "," or ")" (line 1, column 13), got the end of the text'],
    ["array([1, 2], dtype=float32", 'expected ")" (line 1, column 28), got the end of the text'],
    ["array([1, 2], [3, 4])", 'expected a keyword such as dtype= (line 1, column 15), got "["'],
    ["array(1, 2)", 'expected a keyword such as dtype= (line 1, column 10), got "2"'],
    ["array(array(", 'expected a number or "[" (line 1, column 13), got the end of the text'],
    ["[".repeat(10_000), "expected at most 5 dimensions (line 1, column 6), got 6"],
  ]);
});

test("parseArray() refuses text that isn't an array", () => {
  const begin = 'expected a number or "["';
  assertRefuses([
    ["", `${begin} (line 1, column 1), got the end of the text`],
    ["  \n# nothing\n", `${begin} (line 3, column 1), got the end of the text`],
    ["hello world", `${begin} (line 1, column 1), got "hello"`],
    ["hello\nworld", 'expected a number (line 2, column 1), got "world"'],
    ["<!DOCTYPE html>", `${begin} (line 1, column 1), got "<"`],
    ['{"dx": [1]}', `${begin} (line 1, column 1), got "{"`],
    ["0x1F", 'expected a number (line 1, column 1), got "0x1F"'],
    ["[1.5.2]", 'expected a number (line 1, column 2), got "1.5.2"'],
    ["[1, null]", 'expected a number (line 1, column 5), got "null"'],
    ["[1+2j]", 'expected a number (line 1, column 2), got "1+2j"'],
    ["sqrt([4])", `${begin} (line 1, column 1), got "sqrt"`],
    ["1,,2", 'expected a number (line 1, column 3), got ","'],
    ["1,2,\n3,4,", "expected a number (line 1, column 5), got the end of the line"],
    ["1\t\t2", "expected a number (line 1, column 3), got a tab"],
    [",a,b\n,1,2", 'expected a name in front of each row (line 2, column 1), got ","'],
    ["a,,b\n0,1,2", 'expected a name above each column (line 1, column 1), got ""'],
    ["a,1,2\n3,4,5", 'expected a name above each column (line 1, column 1), got "1"'],
    ['1,"2\n3,4"', 'expected a closing quote in this line (line 1, column 3), got """'],
    ['"1""2"', 'expected a separator in front (line 1, column 4), got "2"'],
    ["1\0 2", 'expected a number (line 1, column 1), got "1\uFFFD"'],
    [`${"9".repeat(99)}x`, `expected a number (line 1, column 1), got "${"9".repeat(23)}…"`],
  ]);
});

test("parseArray() refuses anything but a string with a TypeError", () => {
  for (const [value, got] of [
    [undefined, "undefined"],
    [null, "null"],
    [3, "3"],
    [[1, 2], "a plain array"],
  ]) {
    assert.throws(() => parseArray(value as string), {
      name: "BacknormTypeError",
      code: "not-a-string",
      message: `text: expected a string, got ${got}`,
    });
  }
});

const matrix = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(fc.double(), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

/** As Python prints a double: nan, inf, and otherwise the shortest digits, with the sign of -0 kept. */
const python = (value: number) =>
  Object.is(value, -0) ? "-0." : String(value).replace("NaN", "nan").replace("Infinity", "inf");

test("parseArray() returns every printed double, in each notation", () => {
  const table = (rows: number[][], separator: string) =>
    rows.map((row) => row.map(python).join(separator)).join("\n");
  const lists = (rows: number[][], separator: string) =>
    `[${rows.map((row) => `[${row.map(python).join(separator)}]`).join(`${separator}\n `)}]`;
  const notations: Record<string, (rows: number[][]) => string> = {
    "NumPy repr": (rows) => `array(${lists(rows, ", ")})`,
    "NumPy str": (rows) => lists(rows, " "),
    PyTorch: (rows) => `tensor(${lists(rows, ", ")}, dtype=torch.float64)`,
    CSV: (rows) => `${table(rows, ",")}\r\n`,
    "CSV with names": (rows) => `${(rows[0] ?? []).map((_, i) => `x${i}`)}\n${table(rows, ",")}`,
    TSV: (rows) => table(rows, "\t"),
    spaces: (rows) => table(rows, "  "),
  };
  for (const [name, print] of Object.entries(notations)) {
    fc.assert(
      fc.property(matrix, (rows) => {
        const lonely = name !== "CSV with names" && !print(rows).includes("[") && rows.flat().length === 1;
        const shape = lonely ? [] : [rows.length, rows[0]?.length];
        assert.deepEqual(exact(print(rows)), { data: new Float64Array(rows.flat()), shape }, name);
      }),
    );
  }
});

test("parseArray() agrees with JSON.parse on nested lists of any rank", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 }),
      fc.infiniteStream(fc.double({ noNaN: true, noDefaultInfinity: true })),
      (shape, stream) => {
        const values: number[] = [];
        const build = (depth: number): unknown => {
          if (depth < shape.length) return Array.from({ length: shape[depth] ?? 0 }, () => build(depth + 1));
          values.push(stream.next().value + 0); // JSON writes -0 as 0
          return values.at(-1);
        };
        const text = JSON.stringify(build(0));
        assert.deepEqual(exact(text), { data: new Float64Array(values), shape });
      },
    ),
  );
});

function assertReadsOrComplains(text: string) {
  try {
    const { data, shape } = parseArray(text);
    assert.equal(
      data.length,
      shape.reduce((product, length) => product * length, 1),
      text,
    );
    assert.ok(data.length > 0 && shape.length <= 5, text);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof BacknormRangeError || error instanceof BacknormTypeError, String(error));
    assert.match(error.message, /^text: expected .* \(line \d+, column \d+\), got .+$/s);
  }
}

test("parseArray() either reads a text or throws with line and column, for any text", () => {
  const pieces = [
    "[",
    "]",
    "(",
    ")",
    ",",
    ";",
    "\t",
    "\n",
    " ",
    "1",
    "-2.5",
    "nan",
    "array",
    "tensor",
    "dtype=float32",
  ];
  const odd = [
    "...",
    "#",
    "'",
    '"',
    "=",
    "<",
    "*",
    "x",
    "a,b",
    "Out[1]:",
    "\u2212",
    "\u00A0",
    "\uD800",
    "1e3 *",
    "\r",
    "[1,] ",
    "[,1] ",
    "[2] ",
    "  0 1\n",
    "<tf.Tensor: numpy=",
    ">",
    "Tensor(shape=[2],",
    "\ndtype: float64",
    "2×2 Matrix:\n",
    "(2) [",
  ];
  fc.assert(fc.property(fc.string({ unit: "binary" }), assertReadsOrComplains));
  const soup = fc.array(fc.constantFrom(...pieces, ...odd), { maxLength: 30 }).map((parts) => parts.join(""));
  fc.assert(fc.property(soup, assertReadsOrComplains), { numRuns: 3000 });
});

test("parseArray() takes linear time on long texts, well-formed or not", () => {
  const n = 200_000;
  const texts = [
    `[${"1.2345, ".repeat(n)}1]`,
    `${'"1",'.repeat(n)}1`,
    `${"1,2\r\n".repeat(n)}`,
    `[1${" #\n".repeat(n)}`,
    `${"1".repeat(n)}x`,
    `array([1]${"(".repeat(n)}`,
    `Tensor(${"a=".repeat(n)}`,
    `<tf.Tensor: ${"numpy ".repeat(n)}`,
    `1${"×1".repeat(n)}`,
    `1${"\ndtype: float64".repeat(n)}`,
    `${"1 ".repeat(n)}<${">".repeat(n)}`,
    `${"1,2\n".repeat(n)}x`,
    `1,2${"\n".repeat(n)}x`,
    `[${"1;".repeat(n)}1]`,
    `  a\n${"0 1\n".repeat(n)}`,
    ...[
      "#",
      "\n",
      " ",
      "\t",
      "'",
      '"',
      '"a"',
      "a",
      "a\n",
      "a=",
      "a,",
      "a ",
      "array(",
      "-",
      "1e",
      "# #",
      "\u3000",
    ].map((piece) => piece.repeat(n)),
  ];
  for (const text of texts) assertReadsOrComplains(text); // linear takes a second; quadratic would take an hour
});
