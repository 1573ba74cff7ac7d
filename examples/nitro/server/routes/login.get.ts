// The form that asks for a name.

import { defineHandler } from "nitro";
import { html, raw } from "nitro/h3";
import { loginPage } from "../../../pages/login-page.ts";

export default defineHandler(() => html(raw(String(loginPage()))));
