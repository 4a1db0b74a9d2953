/** The panel of running statistics, as the tests act on it, and what the package says of the same batches. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import { type Convention, type Moments, train } from "../../web/lab/train/training.ts";
import { caseOf, find, frames, matrix, press, state } from "./browser.ts";

const bn = await load();

export const kPyTorch = { momentum: 0.1, unbiased: true };

export interface Batches extends HTMLElement {
  convention: Convention;
  size: number;
  modes: readonly boolean[];
}

export async function open(page: Page) {
  await (await find(page, "details#batches > summary")).focus();
  await press(page, "Enter");
  await page.waitForFunction(() => window.everyElement().some((element) => element.matches(".chart")));
  await frames(page);
}

export const settings = (page: Page) =>
  page.evaluate(() => {
    const found = window.everyElement().find((element) => element.localName === "bn-batches") as Batches;
    const { convention, size, modes } = found;
    return { convention, size, modes: [...modes] };
  });

/** What the panel's matrices have to hold, by the package. */
async function expected(page: Page, want: Convention, size: number, modes: readonly boolean[]) {
  const kase = caseOf(await state(page));
  const { batches, running } = train(bn, kase, want, size, modes);
  const last = running.at(-1) as Moments;
  const fixed = { ...kase, runningMean: last.mean, runningVar: last.variance };
  const { y, cache } = bn.forward(kase.x, kase);
  return {
    "mean, running": last.mean,
    "variance, running": last.variance,
    ...(batches.length > 0 && {
      "mean, last batch": batches.at(-1)?.mean,
      "variance, last batch": batches.at(-1)?.variance,
    }),
    "y, training mode, with the batch’s μ and σ²": y,
    "y, eval mode, with the running ones": bn.infer(kase.x, fixed),
    "∂x, training mode, three paths": bn.backward(kase.dy, cache).dx,
    "∂x, eval mode, one path": bn.inferBackward(kase.dy, fixed).dx,
  };
}

export async function assertIs(page: Page, want: Convention, size: number, modes: readonly boolean[]) {
  assert.deepEqual(await settings(page), { convention: want, size, modes: [...modes] });
  for (const [label, values] of Object.entries(await expected(page, want, size, modes)))
    assert.deepEqual(
      (await matrix(page, `bn-batches >>> bn-matrix[label="${label}"]`)).values,
      [...(values ?? [])],
      label,
    );
}

/** So many batches in training mode. */
export const inTraining = (count: number) => Array.from({ length: count }, () => true);
