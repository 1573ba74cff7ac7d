// Signs out.

import { defineHandler } from "nitro";
import { redirect } from "nitro/h3";
import { visits } from "../visits.ts";

export default defineHandler((event) => {
  visits.of(event).signOut();
  return redirect("/");
});
