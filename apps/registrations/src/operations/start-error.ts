// Why the server did not start, for whoever started it: what is wrong, and which setting changes that. No stack, and no
// password of a database.

import { SessionError, StoreError } from "vestiaire";

/** Something outside the program that has to be put right before it can start. The message says what. */
export class StartError extends Error {
  readonly code = "CANNOT_START";

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "StartError";
  }
}

/** Throws what listening failed with, as a {@link StartError} that names the variable. */
export function explainListening(error: unknown, variable: string, port: number, host: string): never {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is taken by another program. ${variable} names another one; 0 takes any that is free.`,
    EACCES: `Port ${port} is not this user's to listen on. Choose one from 1024 on with ${variable}.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. HOST says where to listen.`,
    ENOTFOUND: `${host} is not an address of this machine. HOST says where to listen.`,
  };
  const message = reasons[codeOf(error)];
  throw message === undefined ? error : new StartError(message, error);
}

/** Throws what opening the database failed with, as a {@link StartError}. */
export function explainDatabase(error: unknown, url: string): never {
  const where = placeOf(url);
  const { message } = error instanceof Error ? error : { message: String(error) };
  if (/previously executed migration .* is missing/.test(message)) {
    throw new StartError(
      `The database ${where} was last used by a newer version of this application. Start that version, or restore a backup from before it.`,
      error,
    );
  }
  throw new StartError(
    `The database ${where} cannot be used: ${message || codeOf(error)}. DATABASE_URL says where it is.`,
    error,
  );
}

/** Throws what opening the session store, or first asking it, failed with, as a {@link StartError}. */
export function explainSessions(error: unknown, url: string): never {
  if (!(error instanceof SessionError)) throw error;
  const where = error instanceof StoreError ? `${placeOf(url)} cannot be used. ` : "";
  const reason = error.message.replace(/\.?$/, ".");
  throw new StartError(`${where}${reason} SESSION_STORE says where sessions are kept.`, error);
}

/** Where something is kept, as people may see it: a path, or a server's URL without credentials and parameters. */
export function placeOf(url: string): string {
  const [, scheme = "", rest = ""] = /^([a-z+]+):(.*)$/s.exec(url) ?? [];
  if (scheme === "memory") return "memory";
  if (scheme === "file" || scheme === "sqlite") return rest;
  const [, place = "…", name = ""] = SERVER.exec(rest) ?? [];
  return `${scheme}://${place}${name}`;
}

/** Credentials, hosts and path, parameters, name. Where an @ is out of place, a password may be, too: that is no match. */
const SERVER = /^\/\/(?:[^/?#]*@)?([^?#@]*)(?:\?[^#@]*)?(#[^@]*)?$/s;

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? "");
}
