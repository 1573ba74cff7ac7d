// The parts that pages are made of, apart from forms and lists. Pure functions: texts come translated, and whatever is
// put in as a string is escaped.

import { html } from "hono/html";
import { button, buttonText, type Look, postForm } from "./forms.ts";
import type { Markup } from "./layout.ts";

/** Plain text, or markup. */
export type Content = string | Markup;

/** A page's heading, and a sentence on what the page is for. */
export function pageHead(title: string, lead?: Content): Markup {
  return html`
      <header>
        <h1>${title}</h1>
        ${lead && html`<p class="lead">${lead}</p>`}
      </header>`;
}

/** A part of a page under its own heading. `id` is unique in the page, and good for links: `/account#devices`. */
export function section(
  { id, title, lead }: { readonly id: string; readonly title: string; readonly lead?: Content },
  content: Markup,
): Markup {
  return html`
      <section class="card" aria-labelledby="${id}">
        <h2 id="${id}">${title}</h2>
        ${lead && html`<p>${lead}</p>`}
        ${content}
      </section>`;
}

/** A link that looks like a button, for going somewhere; what changes something is a `postForm`. */
export function buttonLink(href: string, text: string, look: Look = "primary", about?: string): Markup {
  return html`<a class="button ${look}" href="${href}">${buttonText(text, about)}</a>`;
}

/** Buttons, links and small forms in a row. */
export function actions(...content: readonly Markup[]): Markup {
  return html`<div class="actions">${content}</div>`;
}

/** A word on a thing's state: "this device", "administrator", "disabled". */
export function badge(text: string, kind: "plain" | "good" | "bad" = "plain"): Markup {
  return html`<span class="badge ${kind}">${text}</span>`;
}

/** An instant (milliseconds since 1970) as people read it. */
export function time(at: number, text: string): Markup {
  return html`<time datetime="${new Date(at).toISOString()}">${text}</time>`;
}

/** A registration, as `tickets` shows it. */
export interface Ticket {
  /** What the number is called: "No." */
  readonly numberLabel: string;
  readonly number: string;
  readonly title: string;
  readonly detail: Content;
  /** What its owner can do with it; none on a ticket that is only shown. */
  readonly action?: Markup;
}

/** Registrations, each as a cloakroom ticket: the stub with the number, and what is kept. */
export function tickets(items: readonly Ticket[]): Markup {
  return html`<ul class="tickets">${items.map(ticket)}
      </ul>`;
}

function ticket({ numberLabel, number, title, detail, action }: Ticket): Markup {
  return html`
        <li class="ticket">
          <p class="stub"><span>${numberLabel}</span> <strong>${number}</strong></p>
          <div class="coat">
            <div class="about">
              <p class="title">${title}</p>
              <p>${detail}</p>
            </div>
            ${action}
          </div>
        </li>`;
}

/** What a list says when nothing is in it. */
export function emptyState(text: string): Markup {
  return html`<div class="empty"><p>${text}</p></div>`;
}

/** A text to copy, whole at one click: a link that is shown once. */
export function copyable(text: string): Markup {
  return html`<p class="copyable"><code>${text}</code></p>`;
}

/** What `confirmation` asks. */
export interface Confirmation {
  readonly title: string;
  /** What will happen. */
  readonly consequence: Content;
  /** Where the answer yes is posted to. */
  readonly action: string;
  /** What the button does, as a verb: "Delete the account", never "Yes". */
  readonly confirm: string;
  readonly cancel: { readonly href: string; readonly text: string };
}

/** A whole page's content: asks before something that cannot be undone. */
export function confirmation({ title, consequence, action, confirm, cancel }: Confirmation): Markup {
  return html`
      <div class="card">
        <h1>${title}</h1>
        <p>${consequence}</p>
        ${postForm(action, actions(button(confirm, "danger"), buttonLink(cancel.href, cancel.text, "quiet")))}
      </div>`;
}
