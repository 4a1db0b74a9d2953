import type { Notation } from "../../notations.ts";
import type { share as english } from "../en/share.ts";

export const share = (_: Notation): ReturnType<typeof english> => ({});
