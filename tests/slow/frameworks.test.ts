/** The packed element in React and Vue with Vite: type-checked, built, and opened in Chromium. Its types in other frameworks. */
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Page } from "puppeteer-core";
import { open, serve } from "./opened.ts";
import { folder, install, root, run, tarball } from "./packed.ts";

const says = (page: Page, wanted: string) =>
  page.waitForFunction(
    (text: string) => document.querySelector("#result")?.textContent?.trim() === text,
    { timeout: 30_000 },
    wanted,
  );

/** Until the element shows a case of that shape. */
const shows = (page: Page, shape: number[]) =>
  page.waitForFunction(
    (wanted: string) => {
      const lab = document.querySelector("backnorm-lab") as unknown as {
        session: { computed?: { kase: { shape: number[] } } };
      };
      return `${lab.session.computed?.kase.shape}` === wanted;
    },
    { timeout: 30_000 },
    `${shape}`,
  );

for (const framework of ["react", "vue"]) {
  describe(framework, () => {
    let installing: Promise<string> | undefined;
    const installed = () => {
      installing ??= install([`frameworks/${framework}`]);
      return installing;
    };

    test("the strict types of the example are right, those of all libraries too", async () => {
      await run("npm", ["run", "check"], await installed());
    });

    test("the built page shows the case of the state, and the state follows the verdicts", async () => {
      const project = await installed();
      await run("npm", ["run", "build"], project);
      const site = await serve({ root: join(project, "dist") });
      try {
        const before = 'globalThis.verdicts = 0; addEventListener("backnorm-verdict", () => verdicts++);';
        const visit = async (page: Page) => {
          await says(page, "check pass 3");
          await shows(page, [3, 2]);
          await page.click("button");
          await says(page, "check pass 4");
          await shows(page, [4, 2]);
          const look = await page.$eval("backnorm-lab", (element) => [
            getComputedStyle(element).getPropertyValue("--backnorm-accent"),
            (element as HTMLElement).offsetHeight,
          ]);
          assert.deepEqual(look, ["seagreen", 600]);
          await new Promise((resume) => setTimeout(resume, 500));
          const verdicts = Number(await page.evaluate("verdicts"));
          assert.ok(verdicts <= 3, `${verdicts} verdicts: of the default case, and of both others`);
        };
        await open(site.url, visit, { before });
      } finally {
        await site.close();
      }
    });
  });
}

/** A component, by the name of its handler of verdicts. */
const component = (handler: string, setup: string) => `import "backnorm/lab";
import type { BacknormLabElement } from "backnorm/lab";
${setup}
export const right = () => (
  <backnorm-lab ref={lab} class="wide" preset="iris" height={600} case={{ x: [[1, 2], [3, 4]] }}
    onClick={(event) => console.log(event.currentTarget)} ${handler}={({ detail }) => console.log(detail.firstWrong)} />
);
// @ts-expect-error: a number is no preset
export const preset = () => <backnorm-lab preset={3} />;
// @ts-expect-error: there is no such verdict
export const verdict = () => <backnorm-lab ${handler}={({ detail }) => console.log(detail.verdict === "maybe")} />;
// @ts-expect-error: there is no such setting
export const setting = () => <backnorm-lab colour="red" />;
`;
const components = [
  {
    framework: "Preact",
    needs: ["preact@11.2.0"],
    source: "preact",
    code: component(
      "onbacknorm-verdict",
      'import { createRef } from "preact"; const lab = createRef<BacknormLabElement>();',
    ),
  },
  {
    framework: "Solid",
    needs: ["solid-js@1.9.20"],
    source: "solid-js",
    code: component("on:backnorm-verdict", "let lab!: BacknormLabElement;"),
  },
  {
    framework: "React 18",
    needs: ["react@18.3.1", "@types/react@18.3.32"],
    source: "react",
    code: component(
      "onbacknorm-verdict",
      'import { createRef } from "react"; const lab = createRef<BacknormLabElement>();',
    ).replace("class=", "className="),
  },
  {
    framework: "a project with React but without its types",
    needs: ["react@19.3.1"],
    code: 'import "backnorm/lab"; document.createElement("backnorm-lab").preset = "iris";',
  },
];
for (const { framework, needs, source = "", code } of components) {
  test(`the strict types fit ${framework}, those of all libraries too`, async () => {
    const project = await mkdtemp(join(folder, "typed-"));
    await writeFile(join(project, "package.json"), '{ "type": "module" }');
    await run("npm", ["install", "--no-audit", "--no-fund", tarball, ...needs], project);
    await writeFile(join(project, "main.tsx"), code);
    const options = "--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false";
    const target = "--target es2022 --module esnext --moduleResolution bundler --lib es2022,dom --types";
    const jsx = source ? ["--jsx", "react-jsx", "--jsxImportSource", source] : [];
    const all = [...`${options} ${target}`.split(" "), "", ...jsx, "main.tsx"];
    await run(join(root, "node_modules/.bin/tsc"), all, project);
  });
}
