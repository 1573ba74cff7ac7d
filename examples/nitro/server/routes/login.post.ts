// Signs in whoever says a name.

import { defineHandler } from "nitro";
import { HTTPError, redirect } from "nitro/h3";
import { visits } from "../visits.ts";

export default defineHandler(async (event) => {
  if (!(Number(event.req.headers.get("content-length") ?? NaN) <= 10_000))
    throw new HTTPError({ status: 413 });
  const name = (await event.req.formData().catch(() => new FormData())).get("name");
  if (typeof name === "string" && name.trim()) visits.of(event).signIn(name.trim()).set("name", name.trim());
  return redirect("/");
});
