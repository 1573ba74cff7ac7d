// What every page has around it.

import { html } from "hono/html";

export type Html = ReturnType<typeof html>;

export const layout = (body: Html): Html => html`<!doctype html>
<html lang="fr">
  <head>
    <meta name="viewport" content="initial-scale=1, width=device-width">
    <title>Vestiaire</title>
  </head>
  <body>
    ${body}
  </body>
</html>
`;
