import { css } from "lit";

export const mineStyles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    gap: 18px 36px;
    align-items: start;
  }
  .dropping textarea {
    border: 2px dashed var(--accent);
  }
  p {
    margin: 0 0 8px;
    max-width: 68ch;
  }
  .lead {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 10px;
    max-width: none;
    margin-bottom: 12px;
    overflow-wrap: anywhere;
  }
  .paste span,
  .code {
    color: var(--muted);
    font-size: 12.5px;
  }
  textarea {
    margin: 5px 0 10px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .main {
    border-color: var(--ink);
    font-weight: 600;
  }
  p.copied,
  p.note {
    margin: 8px 0 0;
    color: var(--muted);
    font-size: 13px;
    overflow-wrap: anywhere;
  }
  p.copied:empty {
    margin: 0;
  }
  .troubles,
  .unnamed,
  .arrays,
  .laws,
  .answers {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .troubles li {
    margin-top: 10px;
    padding: 2px 0 2px 12px;
    border-left: 3px solid var(--fail);
    overflow-wrap: anywhere;
  }
  .unnamed li {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px 12px;
    margin-top: 10px;
    padding: 2px 0 2px 12px;
    border-left: 3px solid var(--undecidable);
    overflow-wrap: anywhere;
  }
  .unnamed input {
    width: 150px;
    margin-left: 6px;
  }
  .names {
    margin-top: 14px;
    color: var(--muted);
  }
  .names summary {
    cursor: pointer;
    width: fit-content;
  }
  .names p {
    margin-top: 8px;
  }
  .names code {
    font: 12px var(--mono);
    color: var(--ink);
  }
  table {
    border-collapse: collapse;
  }
  th,
  td {
    padding: 3px 18px 3px 0;
    border-top: 1px solid var(--hairline);
    text-align: left;
    vertical-align: baseline;
  }
  th {
    font: 600 14px var(--serif);
    color: var(--ink);
    white-space: nowrap;
  }
  td {
    font: 12px/1.5 var(--mono);
    overflow-wrap: anywhere;
  }
  .empty {
    padding: 4px 0 0 22px;
    border-left: 1px solid var(--hairline);
    color: var(--muted);
  }
  .empty ol {
    margin: 14px 0;
    padding-left: 20px;
  }
  .empty li {
    margin-bottom: 6px;
  }
  h3 {
    margin: 0 0 4px;
    font: 600 18px/1.35 var(--serif);
    overflow-wrap: anywhere;
  }
  h3 b {
    font: 600 16px var(--mono);
  }
  h3 span {
    color: var(--muted);
    font: 14px var(--sans);
    margin-left: 6px;
  }
  .sign {
    flex: none;
    vertical-align: -3px;
  }
  .headline p {
    color: var(--muted);
    margin-bottom: 12px;
  }
  .arrays {
    border-bottom: 1px solid var(--hairline);
  }
  .arrays li {
    display: flex;
    border-top: 1px solid var(--hairline);
  }
  .arrays button {
    border: 0;
    background: none;
    color: var(--ink);
    font: inherit;
    cursor: pointer;
  }
  .arrays .pick {
    flex: 1;
    display: grid;
    grid-template-columns: 18px minmax(70px, auto) minmax(124px, auto) minmax(0, 1fr) auto;
    gap: 2px 10px;
    align-items: baseline;
    padding: 6px 4px 6px 8px;
    text-align: left;
    min-width: 0;
  }
  .arrays .sign {
    align-self: center;
  }
  .arrays .pick:hover {
    background: var(--wash);
  }
  .arrays .pick[aria-pressed="true"] {
    background: var(--accent-wash);
    box-shadow: inset 3px 0 var(--accent);
  }
  .arrays .pick:disabled {
    color: var(--muted);
    cursor: default;
  }
  .arrays .name {
    font: 13px var(--mono);
    overflow-wrap: anywhere;
  }
  .arrays .first .name,
  .arrays .first .judged {
    font-weight: 700;
  }
  .arrays .symbol {
    font: 15px var(--serif);
  }
  .arrays .what {
    color: var(--muted);
    font-size: 12.5px;
    overflow-wrap: anywhere;
  }
  .judged.pass {
    color: var(--pass);
  }
  .judged.fail,
  .judged.inherited {
    color: var(--fail);
  }
  .judged.undecidable {
    color: var(--undecidable);
  }
  .arrays .remove {
    padding: 0 10px;
    color: var(--muted);
    font-size: 12px;
  }
  .arrays .remove:hover {
    color: var(--ink);
    background: var(--wash);
  }
  .hints {
    list-style: none;
    counter-reset: hint;
    margin: 18px 0 0;
    padding: 0;
  }
  .hints > li {
    counter-increment: hint;
    position: relative;
    padding: 0 0 8px 34px;
    outline-offset: 4px;
  }
  .hints > li::before {
    content: counter(hint);
    position: absolute;
    left: 0;
    top: 1px;
    width: 21px;
    border: 1px solid var(--muted);
    border-radius: 50%;
    font: 12px/19px var(--mono);
    text-align: center;
  }
  h4 {
    margin: 0 0 3px;
    font: 600 15px/1.5 var(--serif);
  }
  .relation {
    font-weight: 600;
  }
  .question {
    font-style: italic;
  }
  .question.zh {
    font-style: normal; /* its signs have no slanted form */
  }
  .laws {
    margin-bottom: 8px;
    color: var(--muted);
  }
  .answers li {
    margin-bottom: 8px;
  }
  .answers a {
    color: inherit;
    text-underline-offset: 3px;
    white-space: nowrap;
  }
  pre {
    --surface: var(--wash);
    margin: 0 0 8px;
    padding: 8px 12px;
    border-radius: 6px;
    font: 12.5px/1.6 var(--mono);
  }
  .next {
    margin-top: 4px;
    border-color: var(--ink);
    font-weight: 600;
  }
  .comparison {
    margin-top: 22px;
    padding-top: 16px;
    border-top: 1px solid var(--hairline);
  }
  .comparison > p {
    margin: 10px 0 0;
    color: var(--muted);
  }
  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 14px 26px;
    align-items: start;
    margin-top: 10px;
  }
  @container (max-width: 820px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
    .empty {
      padding: 14px 0 0;
      border: 0;
      border-top: 1px solid var(--hairline);
    }
  }
  @container (max-width: 480px) {
    .arrays .pick {
      grid-template-columns: 18px auto 1fr auto;
    }
    .arrays .what {
      grid-column: 2 / -1;
      grid-row: 2;
    }
    .actions > * {
      flex: 1 1 auto;
      justify-content: center;
    }
  }
`;
