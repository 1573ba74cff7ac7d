// The way out: a link, as in the lesson, and later a button.

import { html } from "hono/html";

export const signOutLink = html`<a href="/logout">Déconnexion</a>`;

export const signOutButton = html`<form action="/logout" method="post">
      <button type="submit">Déconnexion</button>
    </form>`;
