// The page for whoever is signed in, and what it says to others.

import { html } from "hono/html";
import { type Html, layout } from "./layout.ts";

export const indexPage = (name: string | undefined): Html =>
  layout(
    name
      ? html`Vous êtes connecté en tant que ${name}. <a href="/logout">Déconnexion</a>.`
      : html`Vous n’êtes pas connecté. <a href="/login">Connexion</a>.`,
  );
