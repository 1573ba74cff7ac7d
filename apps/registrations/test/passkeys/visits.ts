// What scripts do with passkeys, done over HTTP by a test: ask for options, have the authenticator answer, send that.

import assert from "node:assert/strict";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import type { Application } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import type { Authenticator, Circumstances } from "./authenticator.ts";

/** Options of either kind: the path decides. */
type Options = PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON;

/** The options that the server gives; fails when it gives none. */
export async function optionsFor(browser: Browser, path: string, fields: object = {}): Promise<Options> {
  const answer = await browser.postJson(`${path}/options`, fields);
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body);
}

/** Signs in with the passkey, or confirms who one is. */
export async function signIn(
  browser: Browser,
  passkey: Authenticator,
  circumstances?: Circumstances,
): Promise<Answer> {
  const options = await optionsFor(browser, "/sign-in/passkey");
  return browser.postJson("/sign-in/passkey", {
    credential: passkey.get(options, circumstances),
    next: "/registrations",
  });
}

/** Makes an account with a new passkey. */
export async function signUp(
  browser: Browser,
  passkey: Authenticator,
  name: string,
  circumstances?: Circumstances,
): Promise<Answer> {
  const options = await optionsFor(browser, "/sign-up/passkey", { name });
  return browser.postJson("/sign-up/passkey", {
    credential: passkey.create(options, circumstances),
    next: "/",
  });
}

/** Adds a passkey to the account of who is signed in. */
export async function add(browser: Browser, passkey: Authenticator, label = "Phone"): Promise<Answer> {
  const options = await optionsFor(browser, "/account/passkeys", { label });
  return browser.postJson("/account/passkeys", { credential: passkey.create(options) });
}

/** A browser in which somebody has just made an account with this new passkey. */
export async function signedUpWith(
  application: Application,
  passkey: Authenticator,
  name: string,
): Promise<Browser> {
  const browser = application.browser();
  const answer = await signUp(browser, passkey, name);
  assert.equal(answer.status, 200, answer.body);
  return browser;
}

/** Whether somebody is signed in here. */
export async function isIn(browser: Browser): Promise<boolean> {
  return (await browser.get("/registrations")).status === 200;
}

/** The events of this kind, the oldest first, as `result: detail`. */
export async function audited({ services }: Application, action: string): Promise<string[]> {
  const rows = await services.database
    .selectFrom("audit")
    .selectAll()
    .where("action", "=", action)
    .orderBy("at")
    .execute();
  return rows.map(({ result, detail }) => `${result}: ${detail}`);
}
