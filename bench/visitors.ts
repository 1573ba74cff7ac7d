// The visitors: signs them in, and makes sure before anything is measured that the sessions work. A server that answers
// quickly and wrongly is not measured.

import { type Contestant, isBare } from "./contestants.ts";

const VISITORS = 64;
const AT_ONCE = 16;

/** Signs the contestant's visitors in, `limit` at most, and answers their `Cookie` headers. None for a bare framework. */
export async function signInAll(contestant: Contestant, url: string, limit: number): Promise<string[]> {
  if (isBare(contestant)) return [];
  const cookies: string[] = [];
  const count = Math.min(limit, contestant.visitors ?? VISITORS);
  while (cookies.length < count) {
    const size = Math.min(AT_ONCE, count - cookies.length);
    const names = Array.from({ length: size }, (_, index) => `visitor ${cookies.length + index}`);
    cookies.push(...(await Promise.all(names.map((name) => signIn(url, name)))));
  }
  return cookies;
}

/** Throws unless visitors are told apart, and what one writes is there afterwards. */
export async function checkSessions(contestant: Contestant, url: string): Promise<void> {
  if (isBare(contestant)) {
    expect((await fetch(url)).ok && (await fetch(`${url}/seen`, { method: "POST" })).ok, "it answers");
    return;
  }
  expect((await fetch(url)).status === 401, "a stranger is refused");
  let alice = await signIn(url, "Alice");
  const bob = await signIn(url, "Bob");
  expect((await read(url, alice)).includes("Hello, Alice!"), "Alice is known by her name");
  expect((await read(url, bob)).includes("Hello, Bob!"), "Bob is known by his name");
  for (const attempt of ["first", "second"]) {
    const response = await fetch(`${url}/seen`, { method: "POST", headers: { cookie: alice } });
    const written = await response.text();
    alice = renewed(alice, response);
    expect(response.ok && (await read(`${url}/seen`, alice)) === written, `the ${attempt} write is kept`);
  }
  expect((await read(url, alice)).includes("Hello, Alice!"), "Alice is known after the writes");
  expect(Number.isNaN(Number(await read(`${url}/seen`, bob))), "Bob has nothing of Alice's");
}

async function signIn(url: string, name: string): Promise<string> {
  const response = await fetch(`${url}/login?name=${encodeURIComponent(name)}`, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(`Signing in was answered with ${response.status}: ${text}`);
  return renewed("", response);
}

async function read(url: string, cookie: string): Promise<string> {
  return (await fetch(url, { headers: { cookie } })).text();
}

/** The `Cookie` header after a response, as a browser would send it. */
function renewed(cookie: string, response: Response): string {
  const pairs = new Map<string, string>();
  const set = response.headers.getSetCookie().map((line) => line.split(";", 1)[0] ?? "");
  for (const pair of [...cookie.split("; "), ...set]) {
    if (pair !== "") pairs.set(pair.slice(0, pair.indexOf("=")), pair);
  }
  return [...pairs.values()].join("; ");
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`It does not hold that ${what}.`);
}
