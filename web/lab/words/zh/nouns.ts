import type { GroupKind } from "../../../src/words.ts";
import type { Noun, Place, Setting } from "../../maths/layout.ts";

const kGroups: Readonly<Record<GroupKind, string>> = {
  columns: "列",
  rows: "行",
  channels: "个通道",
  groups: "组",
  maps: "个通道",
};

const kNouns: Readonly<Record<Noun, string>> = {
  row: "行",
  column: "列",
  sample: "个样本",
  channel: "个通道",
  group: "组",
  position: "个位置",
};

/** 一个例子里，共用统计量的数、共用一个参数的数各叫什么。 */
export function nouns({ kind }: Pick<Setting, "kind">) {
  const isMatrix = kind === "columns" || kind === "rows";
  const member = kind === "columns" ? "行" : kind === "rows" ? "列" : "个数";
  const copy = isMatrix ? "行" : "个数";
  const perSample = kind === "groups" || kind === "maps";
  const each = (what: string) => `各${what.replace("个", "")}`;
  return {
    group: kGroups[kind],
    eachGroup: `${perSample ? "每个样本的" : ""}每${kGroups[kind]}`,
    owner: isMatrix ? "列" : "个通道",
    members: (count: number) => `${count} ${member}`,
    copies: (count: number) => `${count} ${copy}`,
    membersOf: (array: string) => `${array} 的${each(member)}`,
    copiesOf: (array: string) => `${array} 的${each(copy)}`,
  };
}

export const placeText = (place: Place) => place.map(({ noun, at }) => `第 ${at} ${kNouns[noun]}`).join("");
