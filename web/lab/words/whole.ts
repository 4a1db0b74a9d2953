import { html } from "lit";

/** A formula and the sign after it: a line may end before and after a formula, and the sign would begin the next one. */
export const whole = (...parts: unknown[]) => html`<span class="whole">${parts}</span>`;
