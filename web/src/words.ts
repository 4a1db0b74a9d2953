import type { Norm } from "./norm.ts";
import { inRms } from "./stand-in.ts";

/** One sentence in each language. */
export interface Words {
  /** In English. */
  readonly en: string;
  /** In Chinese. */
  readonly zh: string;
}

/**
 * Which values share statistics, as a text calls them.
 *
 * | kind | norm | a group | its values | a parameter belongs to |
 * |---|---|---|---|---|
 * | columns | batch, of a matrix | a column | its N rows | the column |
 * | rows | layer, RMS | a row | its D columns | a column |
 * | channels | batch, of another tensor | a channel | M | the channel |
 * | groups | group | channels of a sample | M | a channel of all samples |
 * | maps | instance | a channel of a sample | M | a channel of all samples |
 */
export type GroupKind = "columns" | "rows" | "channels" | "groups" | "maps";

/** What a text is about. */
export interface Setting {
  readonly norm: Norm;
  readonly kind: GroupKind;
  /** Of RMS norm: whether the scale is 1 + gamma. */
  readonly unitOffset?: boolean;
}

const kinds: Readonly<Record<Norm, GroupKind>> = {
  batch: "columns",
  layer: "rows",
  group: "groups",
  instance: "maps",
  rms: "rows",
};

/** Of batch norm, that of a matrix. */
export const settingOf = (norm: Norm): Setting => ({ norm, kind: kinds[norm] });

/** A text with each array in braces, as in `{dvar} lacks the ½`. The caller supplies the names. */
export const named = (text: string, nameOf: (array: string) => string): string =>
  text.replace(/\{(\w+)\}/g, (_, array: string) => nameOf(array));

/** With Backnorm's own names. */
export const plain = ({ en, zh }: Words): Words => ({
  en: named(en, (array) => array),
  zh: named(zh, (array) => array),
});

type Nouns = Readonly<Record<string, string>>;

/**
 * What a text calls the values of each kind. count: of the values that share statistics. users: the values that share a
 * parameter. unsummed: how large a sum over these is, if it is missing. parameters: the number of values of gamma.
 */
const ofKind: Readonly<Record<keyof Words, Readonly<Record<GroupKind, Nouns>>>> = {
  en: {
    columns: {
      group: "column",
      count: "N",
      users: "the rows",
      everyUser: "every row of its column",
      twoUsers: "a column of two rows",
      unsummed: "as (N, D)",
      parameters: "D",
    },
    rows: {
      group: "row",
      count: "D",
      users: "the rows",
      everyUser: "every row of its column",
      twoUsers: "a column of two rows",
      unsummed: "as (N, D)",
      parameters: "D",
    },
    channels: {
      group: "channel",
      count: "M",
      users: "a channel",
      everyUser: "every value of its channel",
      twoUsers: "a channel of two values",
      unsummed: "as large as {x}",
      parameters: "C",
    },
    groups: {
      group: "group",
      count: "M",
      users: "a channel in all samples",
      everyUser: "its channel in all samples",
      twoUsers: "a channel of two values",
      unsummed: "as large as {x}",
      parameters: "C",
    },
    maps: {
      group: "feature map",
      count: "M",
      users: "a channel in all samples",
      everyUser: "its channel in all samples",
      twoUsers: "a channel of two values",
      unsummed: "as large as {x}",
      parameters: "C",
    },
  },
  zh: {
    columns: {
      group: "列",
      one: "一列",
      each: "每一列",
      whole: "整列",
      count: "N",
      users: "各行",
      twoUsers: "只有两行的一列",
      unsummed: "形状是 (N, D)",
      parameters: "D",
    },
    rows: {
      group: "行",
      one: "一行",
      each: "每一行",
      whole: "整行",
      count: "D",
      users: "各行",
      twoUsers: "只有两行的一列",
      unsummed: "形状是 (N, D)",
      parameters: "D",
    },
    channels: {
      group: "通道",
      one: "一个通道",
      each: "每个通道",
      whole: "整个通道",
      count: "M",
      users: "整个通道",
      twoUsers: "只有两个值的一个通道",
      unsummed: "与 {x} 一样大",
      parameters: "C",
    },
    groups: {
      group: "组",
      one: "一组",
      each: "每一组",
      whole: "整组",
      count: "M",
      users: "各样本同一通道",
      twoUsers: "只有两个值的一个通道",
      unsummed: "与 {x} 一样大",
      parameters: "C",
    },
    maps: {
      group: "特征图",
      one: "一张特征图",
      each: "每张特征图",
      whole: "整张特征图",
      count: "M",
      users: "各样本同一通道",
      twoUsers: "只有两个值的一个通道",
      unsummed: "与 {x} 一样大",
      parameters: "C",
    },
  },
};

const withMean: Readonly<Record<keyof Words, Nouns>> = {
  en: {
    variance: "variance",
    variancePath: "variance path",
    deviation: "standard deviation",
    statistics: "{mean} and {var}",
    centred: "{xc} = {x} − {mean}",
    centre: "the mean",
    equal: "equal",
    divisor: "m = {{count}} − ddof",
    m: "m",
    paths: "three paths",
    allPaths: "{dx} = {dxc} + {dmean}/{{count}}",
    dparameters: "{dgamma} and {dbeta}",
  },
  zh: {
    variance: "方差",
    variancePath: "方差路径",
    deviation: "标准差",
    statistics: "{mean} 和 {var}",
    centred: "{xc} = {x} − {mean}",
    centre: "均值",
    equal: "相等",
    divisor: "m = {{count}} − ddof",
    m: "m",
    paths: "三条路径",
    allPaths: "{dx} = {dxc} + {dmean}/{{count}}",
    dparameters: "{dgamma} 与 {dbeta}",
  },
};

/** Of RMS norm, which has no mean and no beta. */
const withoutMean: Readonly<Record<keyof Words, Nouns>> = {
  en: {
    variance: "mean of squares",
    variancePath: "path through {rms}",
    deviation: "root mean square",
    statistics: "{ms}",
    centred: "{x}",
    centre: "0",
    equal: "0",
    divisor: "{{count}}",
    m: "{{count}}",
    paths: "two paths",
    allPaths: "{dx} = {dxhat}/√({ms} + eps) + 2·{x}·{dsq}",
    dparameters: "{dgamma}",
  },
  zh: {
    variance: "均方",
    variancePath: "经过 {rms} 的路径",
    deviation: "均方根",
    statistics: "{ms}",
    centred: "{x}",
    centre: " 0 ",
    equal: "为 0 ",
    divisor: "{{count}}",
    m: "{{count}}",
    paths: "两条路径",
    allPaths: "{dx} = {dxhat}/√({ms} + eps) + 2·{x}·{dsq}",
    dparameters: "{dgamma}",
  },
};

/**
 * A text with each noun that depends on the norm in double braces, as in `each {{group}} of {xhat}`, and with arrays of
 * batch norm's graph.
 */
export function saidOf(
  text: string,
  language: keyof Words,
  { norm, kind, unitOffset = false }: Setting,
  nameOf: (array: string) => string,
): string {
  const isRms = norm === "rms";
  const scale = unitOffset ? "(1 + {gamma})" : "{gamma}";
  const nouns: Nouns = { ...ofKind[language][kind], ...(isRms ? withoutMean : withMean)[language], scale };
  const whole = (part: string): string =>
    part.replace(/\{\{(\w+)\}\}/g, (_, noun: string) => whole(nouns[noun] as string));
  return named(whole(text), (array) => nameOf(isRms ? inRms(array) : array));
}

/** The texts of a mistake. */
export interface MistakeWords {
  /** What was done wrong, in a few words, without a full stop: "gamma left out of dxhat". */
  readonly title: Words;
  /** What was done wrong, in one sentence. */
  readonly explanation: Words;
  /** Where to look, without the answer. */
  readonly hint: Words;
}

/** The texts of a mistake, with nouns and arrays in braces. */
export interface WrittenMistake extends MistakeWords {
  /** Other texts where these would be wrong: of RMS norm, or of a kind. */
  readonly in?: Partial<Readonly<Record<"rms" | GroupKind, Partial<MistakeWords>>>>;
}
