// Reads the name and the password out of a form. What is missing is empty.

import type { Context } from "hono";

export async function credentialsOf(c: Context): Promise<{ name: string; password: string }> {
  const { name, password } = await c.req.parseBody();
  return {
    name: typeof name === "string" ? name.trim() : "",
    password: typeof password === "string" ? password : "",
  };
}
