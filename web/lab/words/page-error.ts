import { type ErrorPlace, expectation } from "../../src/errors.ts";
import type { Argument, Fault } from "../base/fault.ts";
import { type PageParams, type PageReason, partsOf } from "./en/faults.ts";

/** Why the page refuses an input. */
export class PageError<Of extends PageReason = PageReason> extends Error implements Fault {
  declare readonly reason: Of;
  declare readonly params: PageParams<Of>;
  declare readonly argument: Argument;
  declare readonly at: ErrorPlace | undefined;
  declare readonly expected: string;
  declare readonly got: string;

  constructor(
    reason: Of,
    params: PageParams<Of>,
    { argument = "", at, ...options }: ErrorOptions & { argument?: Argument; at?: ErrorPlace } = {},
  ) {
    const [expected, got] = partsOf(reason, params);
    super(expectation({ expected, got, at }), options);
    Object.assign(this, { reason, params, argument, at, expected, got });
  }
}
