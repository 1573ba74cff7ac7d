// Checking a name and a password: throttled, with the same work, the same answer and the same status whether the name is
// unknown, the password wrong or the account disabled (OWASP ASVS 5.0, 6.3.8).

import type { Services } from "../services.ts";
import type { AppContext } from "../web/visit.ts";
import { knownDevice } from "./known-device.ts";
import { findCredentials, nameKey, type Person, passwordHashOf, replaceHash } from "./people.ts";

export type PasswordCheck =
  /** The person as they were when the password was theirs. */
  | { readonly outcome: "right"; readonly person: Person }
  | { readonly outcome: "wrong" }
  /** Not looked at: it was tried too often. */
  | { readonly outcome: "wait"; readonly seconds: number };

/** Checks a stranger's name and password. */
export async function checkSignIn(
  services: Services,
  c: AppContext,
  { name, password }: { name: string; password: string },
): Promise<PasswordCheck> {
  const { clock, database, throttle, passwords, audit } = services;
  const found = await findCredentials(database, name);
  const device = await knownDevice(c, database, found?.person.id ?? "", clock.now());
  const attempt = { nameKey: nameKey(name), address: c.var.address, device };
  const seconds = await throttle.signIn(attempt);
  // Only a name that there is: people type their password into the wrong field, and this is read by others.
  const tried = found === null ? {} : { target: found.person.name };
  const event = { action: "sign-in", actor: null, ...tried } as const;
  if (seconds > 0) {
    await audit.record(c, { ...event, result: "denied", detail: "throttled" });
    return { outcome: "wait", seconds };
  }
  const checked = found?.passwordHash ?? null;
  const right = await passwords.verify(checked, password);
  if (!right || checked === null || found === null || found.person.isDisabled) {
    await audit.record(c, { ...event, result: "failed" });
    return { outcome: "wrong" };
  }
  await throttle.signedIn(attempt);
  await raise(services, found.person.id, checked, password);
  return { outcome: "right", person: found.person };
}

/** Checks the password of somebody who is signed in. */
export async function checkOwn(
  services: Services,
  c: AppContext,
  person: Person,
  password: string,
): Promise<PasswordCheck> {
  const { database, throttle, passwords, audit } = services;
  const seconds = await throttle.confirm(person.id);
  if (seconds > 0) {
    await audit.record(c, { action: "identity.confirm", result: "denied", detail: "throttled" });
    return { outcome: "wait", seconds };
  }
  const checked = await passwordHashOf(database, person.id);
  if (!(await passwords.verify(checked, password)) || checked === null) {
    await audit.record(c, { action: "identity.confirm", result: "failed" });
    return { outcome: "wrong" };
  }
  await throttle.confirmed(person.id);
  await raise(services, person.id, checked, password);
  return { outcome: "right", person };
}

/** Hashes the password anew where it was hashed with less effort than is configured now. */
async function raise(
  { database, passwords }: Services,
  id: string,
  hash: string,
  password: string,
): Promise<void> {
  if (!passwords.isOutdated(hash)) return;
  await replaceHash(database, id, { from: hash, to: await passwords.hash(password) });
}

/** What to say about a password that was not right, or was not looked at. */
export function messageFor(c: AppContext, check: PasswordCheck, wrong: string): string {
  return check.outcome === "wait"
    ? c.var.t("signIn.wait", { minutes: Math.ceil(check.seconds / 60) })
    : wrong;
}

/** 429 with its header for who has to wait; otherwise the form comes back. */
export function statusFor(c: AppContext, check: PasswordCheck): 400 | 429 {
  if (check.outcome !== "wait") return 400;
  c.header("Retry-After", String(check.seconds));
  return 429;
}
