/** What the page does with much, in tasks: tests/slow/page/large.test.ts and bench:tasks. */
import type { Backnorm } from "backnorm";
import type { CDPSession, Page } from "puppeteer-core";

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds of the thread's own time, whatever else the machine does. */
  tdur?: number;
  args: { name?: string };
}

/** The milliseconds of the longest task of the page's main thread, and of all its tasks, while `act` runs. In Chromium. */
export async function longestTask(page: Page, act: () => Promise<unknown>) {
  const client: CDPSession = await page.createCDPSession();
  const events: TraceEvent[] = [];
  client.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const ended = new Promise<void>((done) => client.once("Tracing.tracingComplete", () => done()));
  const includedCategories = ["toplevel", "__metadata"];
  await client.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories } });
  await act();
  await client.send("Tracing.end");
  await ended;
  const main = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const times = events
    .filter(
      ({ name, pid, tid }) =>
        name.endsWith("RunTask") && main.some((thread) => thread.pid === pid && thread.tid === tid),
    )
    .flatMap(({ tdur }) => (tdur ? [tdur / 1000] : []));
  return {
    longest: Math.max(...times),
    all: times.reduce((sum, time) => sum + time, 0),
    count: times.length,
  };
}

/** The largest cases that a link can have, one with a mistake. */
export const kLargest = ["#v=1&case=randn:1:100x9999", "#v=1&case=randn:1:100x9999&mistake=transposed"];

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

/** Diagnoses arrays of 100×500 numbers on an open page, and gives the ids of the mistakes found. */
export async function diagnosis(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const { bn } = (document.querySelector("backnorm-lab") as unknown as { session: { bn: Backnorm } })
      .session;
    const [x, dy, gamma, beta] = bn.randn(1, [50_000, 50_000, 500, 500]) as Four;
    const kase = { x, dy, gamma, beta, shape: [100, 500] };
    const { nodes } = bn.trace(kase, { mistakes: ["dvar-half"] });
    const arrays = Object.fromEntries(
      nodes.map(({ id, grad: data, gradShape: shape }) => [`d${id}`, { data, shape }]),
    );
    const diagnose = async () => (await bn.diagnoseAsync(kase, arrays)).mistakes.map(({ id }) => id);
    Object.assign(window, { diagnose });
  });
  return () => page.evaluate(() => (window as unknown as { diagnose(): Promise<string[]> }).diagnose());
}
