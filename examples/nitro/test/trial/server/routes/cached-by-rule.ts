// Uses the session, though a rule caches what it answers.

import { defineHandler } from "nitro";
import { sessions } from "../sessions.ts";

export default defineHandler((event) => sessions.of(event).userId ?? "nobody");
