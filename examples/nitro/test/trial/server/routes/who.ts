// Tells who is signed in.

import { defineHandler } from "nitro";
import { sessions } from "../sessions.ts";

export default defineHandler((event) => sessions.of(event).userId ?? "nobody");
