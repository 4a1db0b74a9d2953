/** The largest case that a link can have: the page stays usable while it draws, computes and checks it. */
import assert from "node:assert/strict";
import type { Backnorm } from "backnorm";
import type { CDPSession, Page } from "puppeteer-core";
import { pageTest, ready, url } from "../../page/browser.ts";

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds of the thread's own time, whatever else the machine does. */
  tdur?: number;
  args: { name?: string };
}

/** The milliseconds of the longest task of the page's main thread, while `act` runs. */
async function longestTask(page: Page, act: () => Promise<void>): Promise<number> {
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
  const tasks = events.filter(
    ({ name, pid, tid, tdur }) =>
      name.endsWith("RunTask") && tdur && main.some((thread) => thread.pid === pid && thread.tid === tid),
  );
  assert.ok(tasks.length > 20, `${tasks.length} tasks`);
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

for (const link of ["#v=1&case=randn:1:100x9999", "#v=1&case=randn:1:100x9999&mistake=transposed"])
  pageTest(
    `a case of a million numbers takes no task of more than 200 ms: ${link}`,
    { notInFirefox: "WebDriver BiDi tells no tasks" },
    async (page) => {
      const longest = await longestTask(page, async () => {
        await page.goto("about:blank");
        await page.goto(url + link);
        await ready(page);
      });
      assert.ok(longest < 200, `${longest} ms`);
      const { rows, columns, verdict, largest, made } = await page.evaluate(() => {
        const { computed, mistake } = document.querySelector("backnorm-lab")?.session ?? {};
        if (!computed?.report) throw new Error("nothing is checked");
        const { layout, kase, report } = computed;
        const { rows, columns } = layout.sheets.elements;
        const largest = kase.x.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        return { rows, columns, verdict: report.verdict, largest, made: mistake };
      });
      const failed = made === "transposed";
      assert.deepEqual([rows, columns, verdict], [100, 9999, failed ? "fail" : "pass"]);
      assert.ok(largest > 4 && largest < 6, "the numbers are those of randn");
    },
  );

pageTest(
  "a diagnosis of 100×500 takes no long task",
  { notInFirefox: "WebDriver BiDi tells no tasks" },
  async (page) => {
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
    let named: string[] = [];
    const longest = await longestTask(page, async () => {
      named = await page.evaluate(() => (window as unknown as { diagnose(): Promise<string[]> }).diagnose());
    });
    assert.deepEqual(named, ["dvar-half"]);
    assert.ok(longest < 100, `${longest} ms`); // 41 on a quiet machine
  },
);
