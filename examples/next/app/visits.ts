// The sessions of the login app.

import { cookies, headers } from "next/headers";
import { cache } from "react";
import { fileStore } from "vestiaire/file";
import { type NextSessions, session } from "vestiaire/next";

interface Visitor {
  name: string;
}

// Next.js makes this module twice: for pages, and for route handlers. The sessions are made once.
const shared = globalThis as { visits?: NextSessions<Visitor> };
shared.visits ??= session<Visitor>({ store: fileStore("./sessions") }, { cookies, headers });

export const read = cache(shared.visits.read);
export const { action, route } = shared.visits;
