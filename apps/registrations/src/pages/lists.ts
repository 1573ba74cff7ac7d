// Lists of things: facts, entries with something to do about each, tables, and the way through their pages.

import { html } from "hono/html";
import type { Content } from "./components.ts";
import type { Markup } from "./layout.ts";

/** Facts about one thing: what each is called, and what it is. */
export function keyValues(items: readonly (readonly [term: string, value: Content])[]): Markup {
  return html`<dl class="key-values">${items.map(
    ([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** One thing of a few, as `entries` shows it: a device, a passkey, a provider. */
export interface Entry {
  readonly title: string;
  readonly badges?: Content;
  readonly details: Content;
  readonly action?: Markup;
}

/** Things of which there are a few, each with what can be done about it. */
export function entries(items: readonly Entry[]): Markup {
  return html`<ul class="entries">${items.map(
    ({ title, badges, details, action }) => html`
        <li>
          <div class="about">
            <p class="title">${title} ${badges}</p>
            <p>${details}</p>
          </div>
          ${action}
        </li>`,
  )}
      </ul>`;
}

/** One column of a table: its heading, and what it says of a row. */
export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => Content;
}

/**
 * A table; on a phone, a card for each row. The first column names the row. The roles are written out because browsers
 * forget them where the style turns rows into cards.
 */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  const cell = (row: Row) => (column: Column<Row>, index: number) =>
    index === 0
      ? html`<th scope="row" role="rowheader">${column.cell(row)}</th>`
      : html`<td role="cell" data-label="${column.label}"><div>${column.cell(row)}</div></td>`;
  return html`
      <table role="table">
        <caption>${caption}</caption>
        <thead role="rowgroup">
          <tr role="row">${columns.map(({ label }) => html`<th scope="col" role="columnheader">${label}</th>`)}</tr>
        </thead>
        <tbody role="rowgroup">${rows.map(
          (row) => html`
          <tr role="row">${columns.map(cell(row))}</tr>`,
        )}
        </tbody>
      </table>`;
}

/** A link to somewhere near. */
export interface Link {
  readonly href: string;
  readonly text: string;
}

/** The pages before and after one, where there are any. */
export interface Neighbours {
  readonly previous?: Link | undefined;
  readonly next?: Link | undefined;
}

/** The way to the pages before and after this one. Nothing where there is neither. */
export function pagination(label: string, { previous, next }: Neighbours): Markup {
  if (previous === undefined && next === undefined) return html``;
  return html`
      <nav class="pagination" aria-label="${label}">
        ${previous && html`<a rel="prev" href="${previous.href}">← ${previous.text}</a>`}
        ${next && html`<a rel="next" href="${next.href}">${next.text} →</a>`}
      </nav>`;
}

/** The pages of one part of the site, with the one that is shown marked. `current` is its `href`. */
export function subNavigation(label: string, links: readonly Link[], current: string): Markup {
  return html`
      <nav class="sub-navigation" aria-label="${label}">
        <ul>${links.map(
          ({ href, text }) =>
            html`<li><a href="${href}"${href === current && html` aria-current="page"`}>${text}</a></li>`,
        )}</ul>
      </nav>`;
}
