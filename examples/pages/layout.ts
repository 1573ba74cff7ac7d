// What every page of the login app has around it.

import { html } from "hono/html";

export type Html = ReturnType<typeof html>;

export const layout = (body: Html): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta name="viewport" content="initial-scale=1, width=device-width">
    <title>store</title>
  </head>
  <body>
    ${body}
  </body>
</html>
`;
