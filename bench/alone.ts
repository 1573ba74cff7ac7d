// The library without any framework: a request's session is opened, used and committed, on the memory store. What the
// other tables show beyond this is the adapter's, the framework's and the network's.

import { createSessions, memoryStore } from "../packages/vestiaire/src/index.ts";
import type { Visitor } from "./servers/serve.ts";

const VISITORS = 64;
const BATCHES = 40;
/** Until the code is optimized. */
const WARM_UP = 20;
const REQUESTS = 5_000;

/** The fastest tenth of many batches, in µs a request. */
export async function measureAlone(): Promise<{ readonly read: number; readonly write: number }> {
  const sessions = createSessions<Visitor>({ store: memoryStore(), sweep: false });
  const open = (cookie: string | undefined) =>
    sessions.open({
      method: "POST",
      encrypted: false,
      header: (name) => (name === "cookie" ? cookie : null),
    });
  const cookies: (string | undefined)[] = [];
  for (let visitor = 0; visitor < VISITORS; visitor++) {
    const session = await open(undefined);
    session.signIn(`visitor ${visitor}`).set("name", `visitor ${visitor}`);
    cookies.push((await sessions.commit(session, 200)).cookie?.split(";")[0]);
  }
  const batch = async (request: (cookie: string | undefined, number: number) => Promise<void>) => {
    const before = process.hrtime.bigint();
    for (let i = 0; i < REQUESTS; i++) await request(cookies[i % VISITORS], i);
    return Number(process.hrtime.bigint() - before) / 1_000 / REQUESTS;
  };
  const reads: number[] = [];
  const writes: number[] = [];
  for (let round = 0; round < WARM_UP + BATCHES; round++) {
    const read = await batch(async (cookie) => {
      const session = await open(cookie);
      if (!session.data.name) throw new Error("nobody is signed in");
      await sessions.commit(session, 200);
    });
    const write = await batch(async (cookie, number) => {
      const session = await open(cookie);
      session.set("seen", round * REQUESTS + number);
      await sessions.commit(session, 200);
    });
    if (round < WARM_UP) continue;
    reads.push(read);
    writes.push(write);
  }
  await sessions.close();
  return { read: fastest(reads), write: fastest(writes) };
}

export function fastest(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 10)] ?? Number.NaN;
}
