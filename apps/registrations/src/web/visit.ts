// What a session holds, and what a request knows of its visitor.

import type { Context } from "hono";
import type { SessionEnv } from "vestiaire/hono";
import type { Person } from "../accounts/people.ts";
import type { Language, Translate } from "../i18n/translate.ts";
import type { Settings } from "../settings.ts";

/** A message that the next page shows, once. */
export interface Notice {
  kind: "done" | "failed";
  text: string;
}

/** The data of a session. */
export interface Visit {
  /** The person's as it was at the sign-in. */
  securityStamp: number;
  notices: Notice[];
  /** What the browser called itself at the sign-in, for the list of devices. */
  device: { browser: string; system: string; firstSeenAt: number; address: string };
  /** A form that came after the time for it was over, kept until the person has signed in again. Never a password. */
  pending: { action: string; fields: { name: string; value: string }[]; keptAt: number };
  /** What was asked of an OpenID Connect provider. Claimed when the answer comes, so that one is good once, and here only. */
  providerRequest: {
    provider: string;
    purpose: "sign-in" | "sign-up" | "confirm" | "link";
    /** Who was signed in, and must still be when the answer comes; `null` for nobody. */
    personId: string | null;
    next: string;
    state: string;
    nonce: string;
    /** PKCE's: proves to the provider that the same client asks for the tokens. */
    verifier: string;
    startedAt: number;
  };
  /** Whom a provider vouched for and nobody here knows yet: they choose a name. Claimed when the account is made. */
  newcomer: {
    provider: string;
    issuer: string;
    subject: string;
    /** What they are called there; empty when the provider did not say. */
    name: string;
    next: string;
    verifiedAt: number;
  };
  /** What a passkey has yet to sign. Claimed by the first answer, right or wrong. */
  passkeyChallenge: { challenge: string; expiresAt: number; purpose: PasskeyPurpose };
}

/** What somebody asked for a passkey for. */
export type PasskeyPurpose =
  | { kind: "sign-in" }
  /** The account that is to be made. */
  | { kind: "sign-up"; id: string; name: string }
  | { kind: "add"; label: string };

/** The variables of every request. Those after `session` are set wherever the session could be looked up. */
export interface AppEnv {
  Variables: SessionEnv<Visit>["Variables"] & {
    requestId: string;
    /** What every page says of whoever runs this. */
    site: Pick<Settings, "SITE_NAME" | "CONTACT">;
    /** The browser's address, as far as can be believed. */
    address: string;
    /** The origin that browsers know this server by, for instance `https://register.example.org`. */
    origin: string;
    language: Language;
    t: Translate;
    /** Who is signed in, as the database has it at this request: rights end with the row, not with the session. */
    person: Person | null;
  };
}

export type AppContext = Context<AppEnv>;

/** Who is signed in, behind `requirePerson`. Throws where that was forgotten. */
export function signedIn(c: AppContext): Person {
  if (c.var.person === null) throw new Error("This route lacks requirePerson.");
  return c.var.person;
}
