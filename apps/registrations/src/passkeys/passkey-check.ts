// Deciding on what a passkey has answered. Whatever is wrong with it, people are told the same; the audit log says more.

import { findPerson, type Person } from "../accounts/people.ts";
import type { Services } from "../services.ts";
import type { AppContext, PasskeyPurpose } from "../web/visit.ts";
import {
  type Assertion,
  type Attestation,
  type NewKey,
  verifiedCreation,
  verifiedUse,
} from "./ceremonies.ts";
import { claimChallenge, type OpenChallenge } from "./challenge.ts";
import { findPasskey, usePasskey } from "./keys.ts";

/** Whose passkey answered the challenge of this session; `null` for nobody who may come in. */
export async function checkPasskey(
  services: Services,
  c: AppContext,
  assertion: Assertion,
): Promise<Person | null> {
  const { audit, clock, database } = services;
  const open = await claimChallenge(c, clock, "sign-in");
  const passkey = await findPasskey(database, assertion.id);
  const owner = passkey && (await findPerson(database, passkey.personId));
  const refuse = async (why: string) => {
    const action = c.var.person === null ? "sign-in" : "identity.confirm";
    const target = owner?.name ?? assertion.id;
    await audit.record(c, { action, result: "failed", target, detail: `passkey: ${why}` });
    return null;
  };
  if (open === null) return refuse("no challenge was open");
  if (passkey === null || owner === null) return refuse("unknown");
  const counter = await verifiedUse(c, open.challenge, assertion, passkey);
  if (counter === null) return refuse("not verified");
  if (owner.isDisabled) return refuse("the account is disabled");
  if (c.var.person !== null && c.var.person.id !== owner.id) return refuse("somebody else’s");
  if (!(await usePasskey(database, passkey.id, counter, clock.now())))
    return refuse("the counter did not go up");
  return owner;
}

type Making = Exclude<PasskeyPurpose["kind"], "sign-in">;

/** The new passkey that answered the challenge of this session, and what it is for; `null` for one that nobody may have. */
export async function checkNewPasskey<Kind extends Making>(
  services: Services,
  c: AppContext,
  kind: Kind,
  attestation: Attestation,
): Promise<{ readonly key: NewKey; readonly purpose: OpenChallenge<Kind>["purpose"] } | null> {
  const { audit, clock, database } = services;
  const open = await claimChallenge(c, clock, kind);
  const key = open && (await verifiedCreation(c, open.challenge, attestation));
  if (key && (await findPasskey(database, key.id)) === null) return { key, purpose: open.purpose };
  const why = open === null ? "no challenge was open" : key === null ? "not verified" : "already somebody’s";
  const action = kind === "add" ? "passkey.add" : "sign-up";
  await audit.record(c, { action, result: "failed", detail: `passkey: ${why}` });
  return null;
}
