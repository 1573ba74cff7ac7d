// What the form does.

"use server";

import { redirect } from "next/navigation";
import { action } from "../visits";

export const login = action(async (session, form: FormData) => {
  const name = String(form.get("name") ?? "").trim();
  if (name) session.signIn(name).set("name", name);
  redirect("/");
});
