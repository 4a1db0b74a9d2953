import type { GroupKind } from "../../../src/words.ts";
import type { Noun, Place, Setting } from "../../maths/layout.ts";

export const some = (count: number | string, thing: string) => `${count} ${thing}${count === 1 ? "" : "s"}`;

const kGroups: Readonly<Record<GroupKind, string>> = {
  columns: "column",
  rows: "row",
  channels: "channel",
  groups: "group",
  maps: "channel",
};

/** What is called how in a case: the values that share statistics, and those that use one parameter. */
export function nouns({ kind }: Pick<Setting, "kind">) {
  const isMatrix = kind === "columns" || kind === "rows";
  const member = kind === "columns" ? "row" : kind === "rows" ? "column" : "value";
  const copy = isMatrix ? "row" : "value";
  const perSample = kind === "groups" || kind === "maps";
  return {
    group: kGroups[kind],
    /** With "of each sample", if each sample has its own. */
    eachGroup: `each ${kGroups[kind]}${perSample ? " of each sample" : ""}`,
    /** What a parameter belongs to. */
    owner: isMatrix ? "column" : "channel",
    members: (count: number) => some(count, member),
    /** The values that use one parameter. */
    copies: (count: number) => some(count, copy),
    /** "the rows of dy": what is summed. */
    membersOf: (array: string) => `the ${member}s of ${array}`,
    copiesOf: (array: string) => `the ${copy}s of ${array}`,
  };
}

export const placeText = (place: Place) =>
  place.map(({ noun, at }: { noun: Noun; at: number }) => `${noun} ${at}`).join(", ");
