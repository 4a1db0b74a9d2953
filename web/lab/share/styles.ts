import { css } from "lit";

/** A sheet over the page: a row for each thing that can be taken along. */
export const shareStyles = css`
  dialog {
    box-sizing: border-box;
    width: min(600px, 100vw - 24px);
    max-height: calc(100dvh - 24px);
    padding: 20px 22px 16px;
    border: 1px solid var(--hairline);
    border-radius: 10px;
    background: var(--card);
    color: var(--ink);
    overflow: auto;
    overscroll-behavior: contain;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 0.35);
  }
  .head {
    display: flex;
    justify-content: space-between;
    align-items: start;
    gap: 16px;
  }
  section {
    padding: 14px 0;
    border-top: 1px solid var(--hairline);
  }
  h3 {
    margin: 0 0 8px;
    font: 600 14px/1.4 var(--sans);
    overflow-wrap: anywhere;
  }
  h3 span {
    margin-left: 8px;
    color: var(--muted);
    font-weight: 400;
  }
  p {
    margin: 0;
    color: var(--muted);
    max-width: 68ch;
  }
  section p {
    margin-top: 8px;
  }
  p.long {
    margin: 0;
    color: var(--ink);
  }
  .acts,
  .line {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .line .field {
    flex: 1 1 220px;
  }
  .control,
  .field,
  .close {
    min-height: 36px;
  }
  .close {
    margin: -8px 0 0;
    color: var(--muted);
  }
  .close:hover {
    color: var(--ink);
  }
  textarea {
    height: 130px;
    margin-top: 8px;
  }
  .status {
    min-height: 21px;
    overflow-wrap: anywhere;
  }
  @media print {
    dialog {
      display: none;
    }
  }
`;
