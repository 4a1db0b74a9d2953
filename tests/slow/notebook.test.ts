/** The cell of web/examples/notebook: in plain Python, in a Jupyter notebook, and the widget in one. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { inflateSync } from "node:zlib";
import { frameOf, jupyter, openNotebook } from "./jupyter.ts";
import { folder, install, root, run } from "./packed.ts";

const example = join(root, "web/examples/notebook");
const students = join(root, "tests/data/students.py");
const kPython = "/usr/bin/python3";
const kMostOfALink = 16 * 1024;

test("the cell is one function of at most 80 lines, and the notebook's first cell is the same", async () => {
  const source = await readFile(join(example, "backnorm_check.py"), "utf8");
  assert.ok(source.trimEnd().split("\n").length <= 80);
  assert.equal(source.match(/^def /gm)?.length, 1);
  const { cells } = JSON.parse(await readFile(join(example, "backnorm-check.ipynb"), "utf8"));
  assert.equal(`${cells[1].source.join("")}\n`, source);
  for (const { outputs = [] } of cells) assert.deepEqual(outputs, []);
});

interface Student {
  style: string;
  /** null: it is right. */
  first: string | null;
  /** Backnorm's name for it. */
  id: string | null;
  says: string;
  answer: string;
  seconds: number;
}

test("page=None tells the first wrong array of six students' programs, in their names, and finds nothing in right ones", async (t) => {
  const project = await install([], { offline: true });
  const told = JSON.parse(await run(kPython, [students], project)) as Student[];
  assert.equal(told.length, 12);
  for (const { style, first, says, answer, seconds } of told) {
    const [verdict, ...lines] = answer.split("\n");
    assert.equal(verdict, first ? `The first wrong array is ${first}.` : "No array is wrong.", style);
    const wrongHere = lines.filter((line) => line.startsWith("  wrong here")).map((line) => line.slice(14));
    assert.deepEqual(wrongHere, first ? [first] : [], style);
    assert.ok(lines.length >= 6 && answer.includes(says), answer);
    t.diagnostic(`${style}, ${first ?? "right"}: ${seconds.toFixed(1)} s`);
  }
});

/** Runs Python in a folder of its own, with a case and the function, and returns what it prints. */
async function python(code: string, { files = {} }: { files?: Record<string, string> } = {}) {
  const place = join(folder, `python-${places++}`);
  await mkdir(place);
  for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text);
  await cp(join(example, "backnorm_check.py"), join(place, "backnorm_check.py"));
  await writeFile(join(place, "main.py"), kPrelude + code);
  return { place, printed: (await run(kPython, ["main.py"], place)).trim() };
}
let places = 0;

const kPrelude = `
import json, sys
import numpy as np
from backnorm_check import backnorm_check

def case(*shape, seed=0):
    rng = np.random.RandomState(seed)
    return rng.randn(*shape), rng.randn(shape[-1]), rng.randn(*shape)

def backward(dout, xhat, gamma, std):
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(0) - xhat * (dxhat * xhat).mean(0)) / std
    return dx, (dout * xhat).sum(0), dout.sum(0)

x, gamma, dout = case(4, 3)
std = np.sqrt(x.var(0) + 1e-5)
xhat = (x - x.mean(0)) / std
`;

interface Linked {
  url: string;
  parameters: URLSearchParams;
  /** The learner's arrays: the type and the rows as they are written. */
  mine: Record<string, { type: string; shape: string | undefined; rows: string }>;
  isPacked: boolean;
}

function read(link: string): Linked {
  const [url = "", fragment = ""] = link.split("#");
  const parameters = new URLSearchParams(fragment);
  const packed = parameters.get("minez");
  const text = packed ? `${inflateSync(Buffer.from(packed, "base64url"))}` : (parameters.get("mine") ?? "");
  const mine = text.split("|").map((one) => {
    const [head = "", rows = ""] = one.split(":");
    const [name = "", type = "", shape] = head.split("/");
    return [name, { type, shape, rows }] as const;
  });
  return { url, parameters, mine: Object.fromEntries(mine), isPacked: packed !== null };
}

const numbers = (rows: string | null | undefined) => (rows ?? "").split(/[,;]/).map(Number);
const kHere = "https://example.org/";

test("a link has the case and every array, with all digits, types and the learner's names", async () => {
  const { printed } = await python(`
def step(dout):
    Σdy = dout.astype(np.float32).sum(0)
    tiny = np.array([1e-5, 1e22, -0.0, np.nan, np.inf, -np.inf])
    half = np.array([0.1], np.float16)
    spatial = np.arange(12.0).reshape(2, 3, 2)
    whole, single, none = np.arange(3), np.float64(2), np.zeros((0, 3))
    return backward(dout, xhat, gamma, std)

backnorm_check(step, dout, x=x, gamma=gamma, eps=0.0, ddof=1, page="${kHere}")
print(json.dumps([x.ravel().tolist(), dout.ravel().tolist(), (dout * gamma).ravel().tolist()]))
`);
  const [link = "", expected = ""] = printed.split("\n");
  assert.ok(!link.includes("+"), "a plus is a space in a link");
  assert.ok(/%CE%A3dy\/float32:/.test(link), link);
  const { url, parameters, mine } = read(link);
  assert.equal(url, kHere);
  assert.deepEqual(
    [...parameters.keys()],
    ["v", "case", "x", "gamma", "beta", "dy", "eps", "ddof", "open", "mine"],
  );
  const [x, dy, dxhat] = JSON.parse(expected);
  assert.deepEqual(numbers(parameters.get("x")), x);
  assert.deepEqual(numbers(parameters.get("dy")), dy);
  assert.deepEqual(numbers(mine["dxhat"]?.rows), dxhat);
  const said = ["beta", "eps", "ddof", "open"].map((name) => parameters.get(name));
  assert.deepEqual(said, ["0,0,0", "0.0", "1", "mine"]);
  assert.equal(mine["tiny"]?.rows, "1e-05,1e22,-0,nan,inf,-inf");
  assert.deepEqual(mine["half"], { type: "float16", shape: undefined, rows: "0.0999755859375" });
  assert.deepEqual(mine["spatial"], { type: "float64", shape: "2,3,2", rows: "0,1;2,3;4,5;6,7;8,9;10,11" });
  const sums = numbers(mine["Σdy"]?.rows);
  assert.ok(sums.every((sum, at) => Math.abs(Math.fround(sum) - sum) < 1e-6 && Number.isFinite(sums[at])));
  assert.deepEqual(Object.keys(mine).sort(), [
    ...["dbeta", "dgamma", "dx", "dxhat", "half", "spatial", "tiny", "Σdy"],
  ]);
});

test("arrays that a function changes in place are sent as they were given, or as they were left", async () => {
  const { printed } = await python(`
before = dout.copy()

def in_place(dout, cache):
    xhat, std = cache
    dbeta, dgamma = dout.sum(0), (dout * xhat).sum(0)
    dout *= gamma
    dxhat = dout
    dxhat -= dxhat.mean(0)
    x[:] = 0
    return dxhat / std, dgamma, dbeta

backnorm_check(in_place, dout, (xhat, std), x=x, gamma=gamma, page="${kHere}")
print(json.dumps([before.ravel().tolist(), dout.ravel().tolist()]))
`);
  const [link = "", expected = ""] = printed.split("\n");
  const [before, left] = JSON.parse(expected);
  const { parameters, mine } = read(link);
  assert.deepEqual(numbers(parameters.get("dy")), before);
  assert.ok(numbers(parameters.get("x")).every((number) => number !== 0));
  assert.deepEqual(numbers(mine["dxhat"]?.rows), left);
  assert.equal(mine["dout"], undefined);
});

test("what is returned without a name is dx, dgamma and dbeta, and a helper that runs twice gives no array", async () => {
  const { printed } = await python(`
def mean(values):
    total = values.sum(0)
    return total / len(values)

def centred(d):
    inner = d - d.mean(0)
    return inner

def swapped(dout):
    dxhat = dout * gamma
    dX = (centred(dxhat) - xhat * mean(dxhat * xhat)) / std + 0 * mean(dxhat)
    dbeta, dgamma = dout.sum(0), (dout * xhat).sum(0)
    return dX, dbeta, dgamma

backnorm_check(lambda d: swapped(d), dout, x=x, gamma=gamma, page="${kHere}")
print(json.dumps([a.ravel().tolist() for a in swapped(dout)]))
`);
  const [link = "", expected = ""] = printed.split("\n");
  const [dx, dbeta, dgamma] = JSON.parse(expected);
  const { mine } = read(link);
  assert.deepEqual(Object.keys(mine), ["inner", "dxhat", "dX", "dbeta", "dgamma", "dx"]);
  assert.deepEqual(
    [mine["dx"], mine["dbeta"], mine["dgamma"]].map((one) => numbers(one?.rows)),
    [dx, dbeta, dgamma],
  );
});

test("the profiler that was set before is set again, also if the function raises", async () => {
  const { printed } = await python(`
def mine(frame, event, argument):
    pass

def fails(dout):
    raise ValueError("as it is")

sys.setprofile(mine)
backnorm_check(backward, dout, xhat, gamma, std, x=x, gamma=gamma, page="${kHere}")
first = sys.getprofile() is mine
try:
    backnorm_check(fails, dout, x=x, gamma=gamma)
except ValueError as error:
    print(first, sys.getprofile() is mine, error)
`);
  assert.equal(printed.split("\n").at(-1), "True True as it is");
});

test("beyond 16 KB the arrays are compressed; then the one file gets a copy that has them, and an address a file", async () => {
  const call = (shape: string, page: string) => `
x, gamma, dout = case(${shape})
std = np.sqrt(x.var(0) + 1e-5)
xhat = (x - x.mean(0)) / std
backnorm_check(backward, dout, xhat, gamma, std, x=x, gamma=gamma, page="${page}")
`;
  const packed = read((await python(call("24, 8", kHere))).printed);
  assert.ok(packed.isPacked);
  assert.deepEqual(Object.keys(packed.mine).sort(), ["dbeta", "dgamma", "dx", "dxhat", "std", "xhat"]);
  const plain = read((await python(call("16, 8", kHere))).printed);
  assert.ok(!plain.isPacked);

  const html = await readFile(join(root, "dist/backnorm.html"), "utf8");
  const { place, printed } = await python(call("100, 20", "backnorm.html"), {
    files: { "backnorm.html": html },
  });
  assert.equal(printed, `file://${place}/backnorm-mine.html`);
  const copy = await readFile(join(place, "backnorm-mine.html"), "utf8");
  const [, link = ""] = copy.match(/<backnorm-lab linked link="([^"]*)">/) ?? [];
  assert.ok(link.length > kMostOfALink);
  const { parameters, mine } = read(link.replaceAll("&amp;", "&"));
  assert.equal(numbers(parameters.get("x")).length, 2000);
  assert.equal(numbers(mine["dx"]?.rows).length, 2000);
  assert.equal(copy.replace(` link="${link}"`, ""), html);

  const far = await python(`${call("100, 20", kHere)}
backnorm_check(lambda d: [np.full((100, 20), np.nan), np.full(20, -np.inf, np.float32)], dout, x=x, gamma=gamma, page="${kHere}")
`);
  assert.match(far.printed, /On https:\/\/example\.org\/, .+ backnorm-case\.json/i);
  const saved = JSON.parse(await readFile(join(far.place, "backnorm-case.json"), "utf8"));
  assert.deepEqual(Object.keys(saved), ["x", "gamma", "beta", "dy", "eps", "mine"]);
  assert.deepEqual([saved.x.length, saved.x[0].length, saved.eps], [100, 20, 1e-5]);
  assert.equal(saved.mine.slice(0, 19), "dx/float64:nan,nan,");
  assert.match(saved.mine, /\|dgamma\/float32:-inf(,-inf){19}$/);
});

test("an assignment's link keeps its case; the learner's case goes with the arrays", async () => {
  const assigned = `${kHere}#v=1&case=randn:7:4x3&mode=no-spoiler`;
  const { printed } = await python(`
backnorm_check(backward, dout, xhat, gamma, std, x=x, gamma=gamma, page="${assigned}")
`);
  assert.ok(printed.startsWith(`${assigned}&open=mine&mine=x/float64:`));
  const { mine } = read(printed);
  assert.deepEqual(Object.keys(mine).slice(0, 5), ["x", "gamma", "beta", "dy", "eps"]);
  assert.equal(mine["eps"]?.rows, "1e-05");
});

test("other norms say so in the link, with the shape of tensors", async () => {
  const { printed } = await python(`
x, _, dout = case(2, 4, 3)
backnorm_check(lambda d: d * 2, dout, x=x, gamma=np.ones((1, 4, 1)), norm="group", groups=2, page="${kHere}")
backnorm_check(lambda d: d * 2, dout, x=x, gamma=np.ones(3), norm="rms", page="${kHere}")
`);
  const [group, rms] = printed.split("\n").map(read) as [Linked, Linked];
  const of = ({ parameters }: Linked) =>
    ["norm", "groups", "shape", "gamma", "beta"].map((name) => parameters.get(name));
  assert.deepEqual(of(group), ["group", "2", "2,4,3", "1,1,1,1", "0,0,0,0"]);
  assert.deepEqual(of(rms), ["rms", null, "2,4,3", "1,1,1", null]);
  assert.equal(rms.mine["dx"]?.shape, "2,4,3");
});

test("what is missing is said in one sentence: the page, or Node and the package", async () => {
  const { printed } = await python(`
backnorm_check(backward, dout, xhat, gamma, std, x=x, gamma=gamma)
print(backnorm_check(backward, dout, xhat, gamma, std, x=x, gamma=gamma, page=None))
`);
  const [page, answer] = printed.split("\n");
  assert.match(page ?? "", /^There is no backnorm\.html: .+/);
  assert.match(answer ?? "", /Node 20 .+ npm install backnorm$/);
});

interface Verdict {
  source: string;
  verdict: string;
  firstWrong: string | null;
}

/** The text of a notebook that has these cells. */
const notebookOf = (cells: string[]) =>
  JSON.stringify({
    cells: cells.map((source) => ({
      ...{ cell_type: "code", execution_count: null, metadata: {}, outputs: [] },
      source: source.trim(),
    })),
    ...{ metadata: {}, nbformat: 4, nbformat_minor: 4 },
  });

/** A new folder with the one file, which Jupyter serves. */
async function course(name: string): Promise<string> {
  const place = join(folder, name);
  await mkdir(place);
  await cp(join(root, "dist/backnorm.html"), join(place, "backnorm.html"));
  return place;
}

test("in a notebook, the page is in the cell's output, and the saved notebook grows by kilobytes", async () => {
  const place = await course("example");
  const name = "backnorm-check.ipynb";
  const before = await readFile(join(example, name), "utf8");
  await writeFile(join(place, name), before);
  await openNotebook(await jupyter(place), name, async (page) => {
    await page.evaluate(() => Jupyter.notebook.execute_all_cells());
    const frame = await page.waitForSelector(".output iframe");
    const [source, link, ...size] =
      (await frame?.evaluate((element) =>
        ["src", "name", "width", "height"].map((attribute) => element.getAttribute(attribute)),
      )) ?? [];
    assert.deepEqual([source, ...size], ["backnorm.html", "100%", "640"]);
    const { parameters, mine } = read(link ?? "");
    assert.deepEqual([parameters.get("open"), parameters.get("view")], ["mine", "embed"]);
    assert.deepEqual(Object.keys(mine).slice(0, 4), ["mean", "var", "xhat", "xc"]);
  });
  assert.deepEqual(
    (await readdir(place)).filter((file) => file.endsWith(".html")),
    ["backnorm.html"],
  );
  const grown = (await readFile(join(place, name), "utf8")).length - before.length;
  assert.ok(grown < 6000, `${grown} characters`);
});

test("the page in the cell's output names the first wrong array of six students' programs, and of none that is right", async (t) => {
  const place = await course("students");
  const cells = JSON.parse(await run(kPython, [students, "--cells"], place)) as (Student & {
    text: string;
  })[];
  const check = await readFile(join(example, "backnorm_check.py"), "utf8");
  await writeFile(join(place, "students.ipynb"), notebookOf([check, ...cells.map(({ text }) => text)]));
  await openNotebook(await jupyter(place), "students.ipynb", async (page) => {
    await page.evaluate(() => Jupyter.notebook.execute_cells([0]));
    for (const [at, { style, first, id }] of cells.entries()) {
      const begun = performance.now();
      const frame = await (await frameOf(page, at + 1)).contentFrame();
      const answer = await frame.waitForFunction(() => {
        const { verdict } = document.querySelector("backnorm-lab") as unknown as { verdict?: Verdict };
        return verdict?.source === "mine" ? verdict : undefined;
      });
      const seconds = (performance.now() - begun) / 1000;
      const { verdict, firstWrong } = (await answer.jsonValue()) as Verdict;
      assert.deepEqual([verdict, firstWrong], [id ? "fail" : "pass", id], `${style}, ${first ?? "right"}`);
      t.diagnostic(`${style}, ${first ?? "right"}: ${seconds.toFixed(1)} s`);
    }
  });
});

// What anywidget does on newer systems than Debian's: a view that shows the module, and traits with its names.
const kWidget = [
  `
%%javascript
define("backnorm-view", ["jupyter-js-widgets"], ({ DOMWidgetView }) => ({
  BacknormView: DOMWidgetView.extend({
    async render() {
      const { default: widget } = await import("/files/anywidget.js");
      this.end = await widget.render({ model: this.model, el: this.el });
    },
  }),
}));`,
  `
import ipywidgets, json, pathlib
from traitlets import Dict, Unicode

class Backnorm(ipywidgets.DOMWidget):
    _view_module = Unicode("backnorm-view").tag(sync=True)
    _view_name = Unicode("BacknormView").tag(sync=True)
    preset = Unicode("iris").tag(sync=True)
    lens = Unicode("steps").tag(sync=True)
    selection = Dict().tag(sync=True)
    verdict = Dict().tag(sync=True)

lab = Backnorm()

def tell(change):
    file = pathlib.Path(change.name + ".new")
    file.write_text(json.dumps(change.new))
    file.rename(change.name + ".json")  # whole when it is there

lab.observe(tell, ["selection", "verdict"])
lab`,
];

test("the widget takes traits from Python, tells Python its verdict and the selection, and follows a changed trait", {
  timeout: 180_000,
}, async () => {
  const place = await course("widget");
  await cp(join(root, "dist/anywidget.js"), join(place, "anywidget.js"));
  await writeFile(join(place, "widget.ipynb"), notebookOf(kWidget));
  /** Once the kernel has written that file; the tests' limit ends a wait in vain. */
  const told = async (trait: string): Promise<unknown> => {
    const file = join(place, `${trait}.json`);
    while (!existsSync(file)) await setTimeout(50);
    return JSON.parse(await readFile(file, "utf8"));
  };
  await openNotebook(await jupyter(place), "widget.ipynb", async (page) => {
    await page.evaluate(() => Jupyter.notebook.execute_all_cells());
    const passes = { source: "check", verdict: "pass", firstWrong: null, right: 12, given: 12 };
    assert.deepEqual(await told("verdict"), passes);
    await page.waitForSelector("backnorm-lab >>> .aim"); // comes last, and moves what is below it
    await page.locator(`backnorm-lab >>> bn-inspector >>> [role="gridcell"][data-at="2"]`).click();
    assert.deepEqual(await told("selection"), { node: "var", cell: { row: 0, column: 2 } });
    await page.evaluate(() => Jupyter.notebook.kernel?.execute("lab.preset = 'cs231n'"));
    await page.waitForFunction(() => {
      const lab = document.querySelector("backnorm-lab") as unknown as { session: { name: string } };
      return lab.session.name === "cs231n";
    });
  });
});
