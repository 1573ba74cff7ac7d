// Signs in as ada.

import { defineHandler } from "nitro";
import { sessions } from "../sessions.ts";

export default defineHandler((event) => {
  sessions.of(event).signIn("ada");
  return "in";
});
