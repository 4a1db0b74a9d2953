import { css } from "lit";

/**
 * A scene on one screen: its letters grow with the window, and everything else is measured in letters.
 */
export const tourStyles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    font-size: clamp(16px, min(1.5cqi, 2.6vh), 32px);
    line-height: 1.4;
  }
  .scene {
    display: flex;
    flex: 1;
    flex-direction: column;
    align-items: center;
    gap: 0.8em;
    padding-top: 2vh;
    text-align: center;
  }
  p {
    margin: 0;
  }
  math {
    white-space: nowrap;
  }
  .count {
    color: var(--muted);
    font-size: max(13px, 0.75em);
  }
  h2 {
    width: min(100%, 30em); /* Firefox takes the width of formulas for less than it is, and would break the line */
    margin: 0;
    font: 600 1.75em/1.25 var(--serif);
    letter-spacing: -0.01em;
    text-wrap: balance;
    outline: none; /* it takes the focus only so that it is read */
  }
  .long h2 {
    width: min(100%, 46em);
    font-size: 1.4em;
  }
  .long .note {
    width: min(100%, 60em);
  }
  .long .formula {
    font-size: 1em;
  }
  :is(h2, .note, .said):lang(zh) {
    word-break: keep-all; /* lines end at spaces and punctuation */
    overflow-wrap: anywhere;
  }
  .note,
  .said {
    width: min(100%, 46em);
    text-wrap: balance;
  }
  .note {
    color: var(--muted);
  }
  .said {
    min-height: 2.8em;
    font: 1.1em/1.4 var(--serif);
  }
  .picture {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 0.9em;
    max-width: 100%;
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    min-height: max(44px, 2.4em);
    gap: 0.6em;
  }
  .control {
    min-height: max(44px, 2.1em);
    padding: 0 1.1em;
    font-size: 1em;
    text-decoration: none;
  }
  .control.act {
    border-color: var(--ink);
    background: var(--ink);
    color: var(--card);
    font-weight: 600;
  }
  .hint {
    color: var(--muted);
  }
  .stepper {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0.3em 0.7em;
  }
  [type="range"] {
    width: calc(var(--wide) * 520 / 600 + 16px); /* its thumb stands below the point that it moves */
    height: 28px;
    margin: 0;
    font: inherit; /* whose letters its width is measured in */
    accent-color: var(--ink);
  }
  .whole {
    white-space: nowrap;
  }
  .chip svg {
    width: 1em;
    height: 1em;
    margin: 0;
  }

  nav {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
    padding-top: 10px;
  }
  nav .control {
    min-width: 6em;
    justify-content: center;
  }
  nav .control:disabled {
    visibility: hidden;
  }
  nav ol {
    display: flex;
  }
  nav a {
    display: grid;
    place-items: center;
    width: max(24px, 1.4em);
    height: 44px;
  }
  nav a::before {
    content: "";
    width: 10px;
    height: 10px;
    border: 2px solid var(--muted);
    border-radius: 50%;
  }
  nav a[aria-current]::before {
    border-color: var(--ink);
    background: var(--ink);
  }
  @media (max-aspect-ratio: 1 / 1) {
    .scene {
      justify-content: safe center;
    }
  }
  @media (min-aspect-ratio: 1 / 1) and (min-height: 640px) {
    .picture {
      flex: 1;
      max-height: 23em; /* what follows stays where it is */
    }
  }
  @container (max-width: 560px) {
    h2 {
      font-size: 1.55em;
    }
    .long h2 {
      font-size: 1.15em;
    }
    nav .control {
      min-width: 0;
    }
    nav a {
      width: 24px;
    }
  }
`;
