import { objectOf } from "../../src/arguments.ts";
import type { Backnorm } from "../../src/index.ts";
import type { PageCase } from "../maths/norms.ts";
import { type NameReader, readerOfNames } from "../read/arrays.ts";
import { type Filled, filled, type Named, type Sorted, sorted } from "../read/case.ts";
import { type Content, contentOf, inObject, inText } from "../read/files.ts";
import type { Locale } from "../words/locale.ts";
import { PageError } from "../words/page-error.ts";
import type { Giving } from "./backnorm-lab.ts";
import type { Said } from "./scene.ts";

/** What was given to the page: a case, arrays of the learner's own, or both. */
export interface Intake {
  kase: PageCase | undefined;
  /** The file of x. */
  file: string | undefined;
  inputs: readonly Named[];
  own: readonly Named[];
  /** What each part was taken for, and how the rest was filled in. */
  say: Said;
}

/** A source, or why it was refused. */
type Source = { from: string; content: Content } | { from: string; error: unknown };

/** Throws the error of a single file, and one if nothing was given that the page can use. */
export async function fromFiles(files: readonly File[], bn: Backnorm, current: PageCase): Promise<Intake> {
  const names = readerOfNames(bn.graph);
  const sources = await Promise.all(
    files.map(
      async (file): Promise<Source> =>
        contentOf(file, names).then(
          (content) => ({ from: file.name, content }),
          (error) => ({ from: file.name, error }),
        ),
    ),
  );
  return intake(sources, bn, current);
}

/** A text that was pasted. */
export async function fromText(text: string, bn: Backnorm, current: PageCase): Promise<Intake> {
  return intake([{ from: "", content: await inText(text, readerOfNames(bn.graph)) }], bn, current);
}

/** Objects that a program gives: the parts of a case, and arrays of the learner's own by their names or as a print. */
export async function fromObject(
  given: Giving,
  bn: Backnorm,
  current: PageCase | undefined,
): Promise<Intake> {
  const names = readerOfNames(bn.graph);
  const contents = await Promise.all(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : contentIn(name, value, names),
    ),
  );
  return intake(
    contents.map((content) => ({ from: "", content })),
    bn,
    current,
  );
}

async function contentIn(argument: string, value: unknown, names: NameReader): Promise<Content> {
  const content =
    typeof value === "string"
      ? await inText(value, names)
      : inObject(objectOf(argument, value) as Record<string, unknown>, names);
  const { arrays, mine } = content;
  return argument === "mine" ? { ...content, arrays: [], mine: [...arrays, ...mine] } : content;
}

function intake(sources: readonly Source[], bn: Backnorm, current: PageCase | undefined): Intake {
  const [only] = sources;
  if (only && sources.length === 1 && "error" in only) throw only.error;
  const contents = sources.flatMap((source) => ("content" in source ? source.content : []));
  const parts = sorted(
    contents.flatMap(({ arrays }) => arrays),
    Object.assign({}, ...contents.map(({ settings }) => settings)),
    readerOfNames(bn.graph),
  );
  const { inputs, settings } = parts;
  const own = [...parts.own, ...contents.flatMap(({ mine }) => mine)];
  const isCase = inputs.size > 0 || Object.keys(settings).length > 0;
  if (!isCase && own.length === 0) {
    const names = parts.left.map(({ name, file }) => file ?? name).filter(Boolean);
    throw names.length > 0 ? new PageError("no-known-name", { names }) : new PageError("no-x", {});
  }
  const made = isCase ? filled(parts, bn, current) : undefined;
  const isPrinted = [...inputs.values()].some(({ array }) => array.resolution);
  return {
    kase: made?.kase,
    file: inputs.get("x")?.file,
    inputs: [...inputs.values()],
    // inputs whose digits were printed are judged with the learner's arrays
    own: own.length > 0 && isPrinted ? [...inputs.values(), ...own] : own,
    say: (locale) => sentences(sources, parts, made, locale).join(" "),
  };
}

function sentences(
  sources: readonly Source[],
  parts: Sorted,
  made: Filled | undefined,
  locale: Locale,
): string[] {
  const { files } = locale.rest;
  const said = sources.map((source) => {
    if ("error" in source) return files.refused(source.from, locale.words.fault(source.error));
    const { arrays, mine, unread, others } = source.content;
    const inputs = [...parts.inputs].flatMap(([id, one]) =>
      arrays.includes(one)
        ? files.input(one.name, id, id === "x" ? one.array.shape.join("×") : undefined)
        : [],
    );
    const own = [...parts.own.filter((one) => arrays.includes(one)), ...mine].map(({ name }) => name);
    const left = [...parts.left.filter((one) => arrays.includes(one)).map(({ name }) => name), ...others];
    const set = Object.entries(source.content.settings).map(([name, value]) => `${name} = ${value}`);
    const what = [
      ...inputs,
      ...set,
      ...(own.length > 0 ? [files.own(own)] : []),
      ...(left.length > 0 ? [files.left(left)] : []),
      ...unread.map(({ error }) => locale.words.fault(error)),
    ];
    return files.holds(source.from, what);
  });
  if (!made) return said;
  const { kept, plain, isDrawn, isUsualEps, kase } = made;
  return [
    ...said,
    ...(plain.length > 0 ? [files.plain(plain)] : []),
    ...(isDrawn ? [files.drawn(kase.shape.join(", "))] : []),
    ...(isUsualEps ? [files.usualEps] : []),
    ...(kept.length > 0 ? [files.kept(kept)] : []),
  ];
}
