// Changes the session, and fails with the status that it is asked for.

import { defineHandler } from "nitro";
import { HTTPError } from "nitro/h3";
import { sessions } from "../sessions.ts";

export default defineHandler((event) => {
  sessions.of(event).set("name", "Ada");
  throw new HTTPError({ status: Number(event.url.searchParams.get("status")), message: "no" });
});
