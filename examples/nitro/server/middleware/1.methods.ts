// Answers a wrong method with a 405; Nitro would say 404.

import { defineHandler } from "nitro";
import { assertMethod } from "nitro/h3";

export default defineHandler((event) => {
  const path = event.url.pathname;
  if (path === "/login") assertMethod(event, ["GET", "POST"], true);
  if (path === "/" || path === "/logout") assertMethod(event, "GET", true);
});
