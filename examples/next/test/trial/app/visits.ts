// The trial's sessions, in the store that the test looks into.

import { cookies, headers } from "next/headers";
import { cache } from "react";
import { memoryStore } from "vestiaire";
import { type NextSessions, session } from "vestiaire/next";
import { trial } from "../../trial";

interface Visitor {
  note: string;
}

// While Next.js builds, there is no test.
const { store, made } = trial() ?? { store: memoryStore(), made() {} };

function make(): NextSessions<Visitor> {
  made();
  return session<Visitor>({ store, sweep: false, onEvent() {} }, { cookies, headers });
}

const shared = globalThis as { visits?: NextSessions<Visitor> };
shared.visits ??= make();

export const read = cache(shared.visits.read);
export const { action, route } = shared.visits;
