// The forms that ask for a name and a password.

import { html } from "hono/html";
import { type Html, layout } from "./layout.ts";

const credentials = (passwordKind: "current-password" | "new-password") => html`<p>
        <label>Nom <input autocomplete="username" name="name" required type="text"></label>
      </p>
      <p>
        <label>Mot de passe <input autocomplete="${passwordKind}" name="password" required type="password"></label>
      </p>`;

const alert = (problem: string | undefined) => problem && html`<p role="alert">${problem}</p>`;

export const passwordPage = (problem?: string): Html =>
  layout(html`<form action="/login" method="post">
      ${alert(problem)}
      ${credentials("current-password")}
      <button type="submit">Se connecter</button>
    </form>
    <a href="/signup">Créer un compte</a>`);

export const signUpPage = (problem?: string): Html =>
  layout(html`<form action="/signup" method="post">
      ${alert(problem)}
      ${credentials("new-password")}
      <button type="submit">Créer un compte</button>
    </form>
    <a href="/login">Se connecter</a>`);
