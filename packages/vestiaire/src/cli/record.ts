// A record as the CLI shows it: without the hashes of its secrets, and with the sizes of its values in their place.

import type { SessionRecord } from "../core/record.ts";
import { moment, quoted } from "./terminal.ts";

/** Bytes of the session's keys and values, as JSON text. */
export function sizeOf({ data }: SessionRecord): number {
  return Object.entries(data).reduce((sum, entry) => sum + bytes(entry.join("")), 0);
}

export function bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** What a machine is told of it. */
export function summary(record: SessionRecord) {
  const { id, userId, revision, persistent, createdAt, lastSeenAt, expiresAt, endsAt } = record;
  const times = { createdAt, lastSeenAt, expiresAt, endsAt };
  return { id, userId, ...times, persistent, revision, bytes: sizeOf(record) };
}

/** Nobody who is signed in is called this. */
export function userIn({ userId }: SessionRecord): string {
  return userId === null ? "-" : quoted(userId);
}

const COLUMNS = [32, 20, 20, 20, 7] as const;

export const HEADING = row(["ID", "CREATED", "LAST SEEN", "EXPIRES", "BYTES"], "USER");

export function line(record: SessionRecord): string {
  const { id, createdAt, lastSeenAt, expiresAt } = record;
  const times = [createdAt, lastSeenAt, expiresAt].map(moment);
  return row([id, ...times, String(sizeOf(record))], userIn(record));
}

/** The user comes last: names have any length. */
function row(cells: readonly string[], user: string): string {
  const padded = cells.map((cell, at) =>
    at === 4 ? cell.padStart(COLUMNS[4]) : cell.padEnd(COLUMNS[at] ?? 0),
  );
  return [...padded, user].join("  ");
}
