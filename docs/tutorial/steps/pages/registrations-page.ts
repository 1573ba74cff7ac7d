// Everybody's registrations, with a button beside one's own.

import { html } from "hono/html";
import { type Registration, sports } from "../registrations.ts";
import { type Html, layout } from "./layout.ts";

interface Sheet {
  readonly userId: string;
  readonly registrations: readonly Registration[];
  readonly message: string | undefined;
  readonly signOut: Html;
}

const takeBackButton = (id: string) => html`<form action="/deregister" method="post">
          <input name="id" type="hidden" value="${id}">
          <button type="submit">Me désinscrire</button>
        </form>`;

export const registrationsPage = ({ userId, registrations, message, signOut }: Sheet): Html =>
  layout(html`Vous êtes connecté en tant que ${userId}. ${signOut}
    ${message && html`<p role="status">${message}</p>`}
    <form action="/register" method="post">
      <label>Sport <select name="sport">${sports.map((sport) => html`<option>${sport}</option>`)}</select></label>
      <button type="submit">M’inscrire</button>
    </form>
    <ul>
      ${registrations.map(
        ({ id, owner, sport }) => html`<li>
        ${owner} : ${sport}
        ${owner === userId && takeBackButton(id)}
      </li>`,
      )}
    </ul>`);
