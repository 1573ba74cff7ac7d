// A visit to the example servers, from outside and over a real socket, as a browser makes it.

import assert from "node:assert/strict";

async function ask(origin: string, path: string, cookie?: string, form?: Record<string, string>) {
  const response = await fetch(new URL(path, origin), {
    method: form ? "POST" : "GET",
    redirect: "manual",
    headers: cookie === undefined ? {} : { cookie },
    ...(form && { body: new URLSearchParams(form) }),
  });
  return { status: response.status, body: await response.text(), cookies: response.headers.getSetCookie() };
}

/** Signs in, reads, and signs out. Rejects at the first answer that is wrong. */
export async function visit(origin: string): Promise<void> {
  const stranger = { status: 200, body: "Hello, stranger.\n", cookies: [] };
  assert.deepEqual(await ask(origin, "/"), stranger);
  const signedIn = await ask(origin, "/login", undefined, { name: "Ada" });
  assert.deepEqual([signedIn.status, signedIn.cookies.length], [303, 1]);
  const [cookie = "", ...attributes] = signedIn.cookies[0]?.split("; ") ?? [];
  assert.match(cookie, /^session=[0-9a-f]{32}\.[A-Za-z0-9_-]{32}$/);
  assert.deepEqual(attributes, ["Path=/", "HttpOnly", "SameSite=Lax"]);
  assert.deepEqual(await ask(origin, "/", cookie), { status: 200, body: "Hello, Ada.\n", cookies: [] });
  const signedOut = await ask(origin, "/logout", cookie, {});
  assert.equal(signedOut.status, 303);
  assert.match(signedOut.cookies.join(), /^session=; Max-Age=0;/);
  assert.deepEqual(await ask(origin, "/", cookie), stranger);
}
