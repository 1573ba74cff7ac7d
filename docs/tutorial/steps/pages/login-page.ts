// The form that asks for a name.

import { html } from "hono/html";
import { type Html, layout } from "./layout.ts";

export const loginPage = (): Html =>
  layout(html`<form action="/login" method="post">
      <input autocomplete="off" autofocus name="name" placeholder="Nom" type="text">
      <button type="submit">Se connecter</button>
    </form>`);
