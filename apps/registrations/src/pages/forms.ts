// Forms and what is in them. Every field has a visible label; its hint and its error are tied to it for screen readers,
// and the summary above the form links to what has to be put right. A password never comes back in a page.

import { html } from "hono/html";
import type { Markup } from "./layout.ts";

/**
 * How much a button or a link that looks like one wants to be pressed. What takes something away is `quiet-danger` where it
 * leads to a question, and `danger` as the answer to it.
 */
export type Look = "primary" | "quiet" | "quiet-danger" | "danger";

/** A form that changes something. */
export function postForm(action: string, content: Markup): Markup {
  return html`<form method="post" action="${action}">${content}</form>`;
}

/** A form that only asks: its answer has a URL of its own. `label` says what is searched, for screen readers. */
export function searchForm(
  { action, label, submit }: { readonly action: string; readonly label: string; readonly submit: string },
  fields: Markup,
): Markup {
  return html`
      <form class="search" role="search" aria-label="${label}" action="${action}">
        ${fields}
        ${button(submit, "quiet")}
      </form>`;
}

/** What a button may have besides its text. */
export interface ButtonOptions {
  readonly name?: string;
  readonly value?: string;
  /** What it acts on, for people who hear it out of its context: "Firefox on Linux" after "End". */
  readonly about?: string;
}

/** A button that submits its form. */
export function button(text: string, look: Look = "primary", options: ButtonOptions = {}): Markup {
  const { name, value, about } = options;
  return html`<button class="button ${look}"${attributes({ name, value })}>${buttonText(text, about)}</button>`;
}

/** The text of a button; `about` is only heard. */
export function buttonText(text: string, about?: string): Markup {
  return html`${text}${about && html`<span class="visually-hidden"> ${about}</span>`}`;
}

/** A value that goes with its form, unseen. Not for secrets: people can read it and change it. */
export function hidden(name: string, value: string): Markup {
  return html`<input type="hidden"${attributes({ name, value })}>`;
}

/** What all fields have. */
interface Labelled {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was sent. */
  readonly error?: string | undefined;
}

/** What `field` shows. */
export type Field = Labelled & {
  /** What browsers and password managers may fill in: `username`, `current-password`, … */
  readonly autocomplete?: string;
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
} & (
    | { readonly type: "password"; readonly value?: never }
    | { readonly type?: "text" | "search" | "date"; readonly value?: string | undefined }
  );

/** An input with its label. A password takes no value. */
export function field(input: Field): Markup {
  const { type = "text", name, value, autocomplete, required, minLength, maxLength } = input;
  return html`
        <div class="field">
          ${labelOf(input)}
          <input${attributes({
            ...tiesOf(input),
            name,
            type,
            value,
            autocomplete,
            required,
            minlength: minLength,
            maxlength: maxLength,
          })}>
        </div>`;
}

/** What `select` shows. */
export interface Select extends Labelled {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** The value of the option that is chosen; the first one's when there is none. */
  readonly value?: string | undefined;
}

/** A choice of one among a few, with its label. */
export function select(input: Select): Markup {
  const { name, options, value: chosen } = input;
  return html`
        <div class="field">
          ${labelOf(input)}
          <select${attributes({ ...tiesOf(input), name })}>${options.map(
            ({ value, label }) =>
              html`<option${attributes({ value, selected: value === chosen })}>${label}</option>`,
          )}</select>
        </div>`;
}

/** What `checkbox` shows. */
export interface Checkbox {
  readonly name: string;
  readonly label: string;
  readonly checked?: boolean;
}

/** A box to tick that stands for itself. Ticked, it sends `on`. */
export function checkbox({ name, label, checked }: Checkbox): Markup {
  return box(label, { id: idOf(name), name, checked });
}

/** What `checkboxGroup` shows. */
export interface CheckboxGroup extends Labelled {
  readonly choices: readonly { readonly value: string; readonly label: string; readonly checked?: boolean }[];
}

/** Boxes that answer one question together. Those that are ticked send their values, all under the group's name. */
export function checkboxGroup(group: CheckboxGroup): Markup {
  const { name, choices } = group;
  const idAt = (index: number) => (index === 0 ? idOf(name) : `${idOf(name)}-${index}`);
  return html`
        <fieldset${attributes({ "aria-describedby": descriptionOf(group) })}>
          <legend>${group.label}</legend>
          ${notesOf(group)}
          ${choices.map(({ value, label, checked }, index) => box(label, { id: idAt(index), name, value, checked }))}
        </fieldset>`;
}

function box(label: string, state: Attributes): Markup {
  return html`
          <label class="choice"><input type="checkbox"${attributes(state)}> ${label}</label>`;
}

/**
 * What has to be put right before the form can be accepted, by field: each line leads to its field, `""` being the form
 * as a whole. It takes the focus. Nothing when there are no errors.
 */
export function errorSummary(title: string, errors: Readonly<Record<string, string>>): Markup {
  const lines = Object.entries(errors);
  if (lines.length === 0) return html``;
  return html`
      <div class="error-summary" role="alert" tabindex="-1" autofocus>
        <h2>${title}</h2>
        <ul>${lines.map(
          ([name, text]) => html`<li>${name === "" ? text : html`<a href="#${idOf(name)}">${text}</a>`}</li>`,
        )}</ul>
      </div>`;
}

function labelOf(input: Labelled): Markup {
  return html`<label for="${idOf(input.name)}">${input.label}</label>
          ${notesOf(input)}`;
}

function notesOf({ name, hint, error }: Labelled): Markup {
  return html`${hint && html`<p class="hint" id="${idOf(name)}-hint">${hint}</p>`}
          ${error && html`<p class="error" id="${idOf(name)}-error">${error}</p>`}`;
}

/** The attributes that tie an input to its label, its hint and its error. */
function tiesOf(input: Labelled): Attributes {
  return {
    id: idOf(input.name),
    "aria-describedby": descriptionOf(input),
    "aria-invalid": input.error && "true",
  };
}

function descriptionOf({ name, hint, error }: Labelled): string | undefined {
  const ids = [hint && `${idOf(name)}-hint`, error && `${idOf(name)}-error`].filter(Boolean);
  return ids.length === 0 ? undefined : ids.join(" ");
}

function idOf(name: string): string {
  return `field-${name}`;
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Attributes for a tag: `true` stands alone, `false` and `undefined` are left out. */
function attributes(values: Attributes): readonly Markup[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? html` ${name}` : html` ${name}="${value}"`));
}
