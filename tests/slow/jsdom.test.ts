/** The element in the unit tests of a project, which know no layout: Vitest and Jest with jsdom. */
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { folder, run, tarball } from "./packed.ts";

const kTest = (runner: string) => `import { expect, test } from "${runner}";
import "backnorm/lab";

const judged = (lab) => new Promise((resolve) => {
  lab.addEventListener("backnorm-verdict", ({ detail }) => resolve(detail), { once: true });
});

test("attached and gone at once", async () => {
  const lab = document.createElement("backnorm-lab");
  document.body.append(lab);
  lab.remove();
  await customElements.whenDefined("backnorm-lab");
  document.body.append(document.createElement("backnorm-lab"));
  document.body.replaceChildren();
});

test("every lens and tool", async () => {
  const lab = document.createElement("backnorm-lab");
  Object.assign(lab, { preset: "iris", height: 600 });
  document.body.append(lab);
  expect(await judged(lab)).toMatchObject({ source: "check", verdict: "pass" });
  for (const lens of ["steps", "paths", "closed", "graph"]) {
    lab.lens = lens;
    await lab.updateComplete;
  }
  lab.link = "#v=1&open=mine,bank,batches&check=float32,sweep";
  while (!lab.shadowRoot.querySelector("bn-bank")) await new Promise((resume) => setTimeout(resume, 20));
  lab.case = { x: [[1, 2], [3, 5], [4, 1]] };
  expect(await judged(lab)).toMatchObject({ verdict: "pass" });
  lab.remove();
  document.body.append(lab);
  await lab.updateComplete;
  expect(lab.verdict).toMatchObject({ verdict: "pass" });
  expect(lab.shadowRoot.querySelector("bn-mine, bn-checks")).not.toBeNull();
}, 120_000);
`;

const runners = [
  {
    name: "Vitest",
    module: "vitest",
    needs: ["vitest@4.1.12", "jsdom@29.1.1"],
    command: ["node_modules/vitest/vitest.mjs", "run", "--environment", "jsdom"],
  },
  {
    name: "Jest",
    module: "@jest/globals",
    needs: ["jest@30.5.2", "jest-environment-jsdom@30.5.2"],
    command: ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--env", "jsdom"],
  },
];
for (const { name, module, needs, command } of runners) {
  test(`${name} with jsdom imports, attaches and detaches the element, and reads its verdict`, async () => {
    const project = await mkdtemp(join(folder, "unit-"));
    await writeFile(join(project, "package.json"), '{ "type": "module", "jest": { "transform": {} } }');
    await run("npm", ["install", "--no-audit", "--no-fund", tarball, ...needs], project);
    await writeFile(join(project, "lab.test.js"), kTest(module));
    const printed = await run(process.execPath, command, project);
    assert.doesNotMatch(printed, /not implemented|unhandled|uncaught/i);
  });
}
