// The page for whoever is signed in.

import { defineHandler } from "nitro";
import { html, raw, redirect } from "nitro/h3";
import { indexPage } from "../../../pages/index-page.ts";
import { visits } from "../visits.ts";

export default defineHandler((event) => {
  const { name } = visits.of(event).data;
  return name ? html(raw(String(indexPage(name)))) : redirect("/login");
});
