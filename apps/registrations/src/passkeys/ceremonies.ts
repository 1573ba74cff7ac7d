// WebAuthn's two ceremonies, making a passkey and using one, as this application wants them: the authenticator keeps the
// name and verifies the person (fingerprint, face, PIN), so that a passkey alone is enough. The checks are the library's.

import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { COSEALG } from "@simplewebauthn/server/helpers";
import { z } from "zod";
import type { AppContext } from "../web/visit.ts";
import { TIME_TO_ANSWER } from "./challenge.ts";
import type { Passkey } from "./keys.ts";

/** Not the library's own list: what Node.js still calls experimental is not for keys that have to last. */
const supportedAlgorithmIDs = [COSEALG.EdDSA, COSEALG.ES256, COSEALG.RS256];

const base64url = z.string().regex(/^[\w-]+$/);
const credential = {
  id: base64url,
  rawId: base64url,
  type: z.literal("public-key"),
  clientExtensionResults: z.object({}),
};

/** A new passkey, as the browser's `toJSON()` gives it. */
export const Attestation = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(20)).max(10).default([]),
  }),
});
export type Attestation = z.infer<typeof Attestation>;

/** The use of a passkey, as the browser's `toJSON()` gives it. */
export const Assertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.exactOptional(),
  }),
});
export type Assertion = z.infer<typeof Assertion>;

/** What the browser needs to make a passkey for this person, on an authenticator that has none of `known`. */
export function creationOptions(
  c: AppContext,
  { id, name }: { readonly id: string; readonly name: string },
  known: readonly Passkey[],
) {
  return generateRegistrationOptions({
    rpName: c.var.site.SITE_NAME,
    rpID: domainOf(c),
    userID: new Uint8Array(Buffer.from(id)),
    userName: name,
    userDisplayName: name,
    timeout: TIME_TO_ANSWER,
    supportedAlgorithmIDs,
    excludeCredentials: known.map(descriptorOf),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
}

/** What the browser needs to use a passkey: one of these, or any that it has for this site when there are none. */
export function requestOptions(c: AppContext, known: readonly Passkey[]) {
  return generateAuthenticationOptions({
    rpID: domainOf(c),
    timeout: TIME_TO_ANSWER,
    allowCredentials: known.map(descriptorOf),
    userVerification: "required",
  });
}

/** What of a new passkey the authenticator and the browser decide. */
export type NewKey = Pick<Passkey, "id" | "publicKey" | "counter" | "transports">;

/** The new passkey; `null` when it does not answer the challenge as it must. */
export async function verifiedCreation(
  c: AppContext,
  challenge: string,
  response: Attestation,
): Promise<NewKey | null> {
  const made = await verifyRegistrationResponse({
    response,
    ...expected(c, challenge),
    supportedAlgorithmIDs,
  }).catch(() => null);
  if (!made?.verified) return null;
  const { id, publicKey, counter } = made.registrationInfo.credential;
  return {
    id,
    publicKey: Buffer.from(publicKey).toString("base64url"),
    counter,
    transports: JSON.stringify(response.response.transports),
  };
}

/**
 * The authenticator's counter at this use of the passkey; `null` when it does not answer the challenge as it must.
 * Whether the counter went up is for `usePasskey` to say, which decides and writes in one.
 */
export async function verifiedUse(
  c: AppContext,
  challenge: string,
  response: Assertion,
  { id, personId, publicKey }: Passkey,
): Promise<number | null> {
  const { userHandle } = response.response;
  if (userHandle !== undefined && Buffer.from(userHandle, "base64url").toString() !== personId) return null;
  const use = await verifyAuthenticationResponse({
    response,
    ...expected(c, challenge),
    credential: { id, publicKey: new Uint8Array(Buffer.from(publicKey, "base64url")), counter: 0 },
  }).catch(() => null);
  return use?.verified ? use.authenticationInfo.newCounter : null;
}

function expected(c: AppContext, challenge: string) {
  return {
    expectedChallenge: challenge,
    expectedOrigin: c.var.origin,
    expectedRPID: domainOf(c),
    requireUserVerification: true,
  };
}

/** The domain that passkeys of this site are bound to. */
function domainOf(c: AppContext): string {
  return new URL(c.var.origin).hostname;
}

function descriptorOf({ id, transports }: Passkey) {
  return { id, transports: JSON.parse(transports) as string[] };
}
