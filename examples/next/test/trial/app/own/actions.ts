"use server";

import { cookies } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { action } from "../visits";

export const act = action(async (session, form: FormData) => {
  switch (form.get("how")) {
    case "in":
      return void session.signIn("ada");
    case "in for long":
      return void session.signIn("ada", { persistent: true });
    case "out":
      return void session.signOut();
    case "in and elsewhere":
      session.signIn("ada");
      return redirect("/own");
    case "in and nowhere":
      session.signIn("ada");
      return notFound();
    case "in and fail":
      session.signIn("ada");
      throw new Error("the action's own");
    case "out and fail":
      session.signOut();
      throw new Error("the action's own");
    case "note":
      return void session.set("note", "changed");
    case "theme, out":
      (await cookies()).set("theme", "dark");
      return void session.signOut();
  }
});
