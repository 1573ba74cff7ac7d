// An authenticator made of a few lines, for what no real one would do: leave out the verification of the person, count
// backwards, answer for another site. It makes ES256 passkeys without attestation (WebAuthn level 3, section 6).

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import type { Assertion, Attestation } from "../../src/passkeys/ceremonies.ts";

/** What an answer says besides the signature. */
export interface Circumstances {
  readonly origin?: string;
  readonly domain?: string;
  readonly userVerified?: boolean;
  /** What the authenticator has counted so far; 0 for one that does not count. */
  readonly counter?: number;
}

export class Authenticator {
  readonly #origin: string;
  readonly id = randomBytes(16).toString("base64url");
  #privateKey: KeyObject | undefined;
  #userHandle = "";

  /** An authenticator for one passkey, in a browser that shows this origin. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  create(options: PublicKeyCredentialCreationOptionsJSON, circumstances: Circumstances = {}): Attestation {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#privateKey = privateKey;
    this.#userHandle = options.user.id;
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const key = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]);
    const id = Buffer.from(this.id, "base64url");
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, isoCBOR.encode(key)]);
    const authData = Buffer.concat([this.#data(0x40, circumstances), attested]);
    const attestation = new Map<string, unknown>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", new Uint8Array(authData)],
    ]);
    return {
      ...this.#credential(),
      response: {
        clientDataJSON: this.#clientData("webauthn.create", options.challenge, circumstances),
        attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString("base64url"),
        transports: ["internal"],
      },
    };
  }

  get(options: PublicKeyCredentialRequestOptionsJSON, circumstances: Circumstances = {}): Assertion {
    if (this.#privateKey === undefined) throw new Error("There is no passkey yet.");
    const clientDataJSON = this.#clientData("webauthn.get", options.challenge, circumstances);
    const authenticatorData = this.#data(0, circumstances);
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, "base64url"))]);
    return {
      ...this.#credential(),
      response: {
        clientDataJSON,
        authenticatorData: authenticatorData.toString("base64url"),
        signature: sign("sha256", signed, this.#privateKey).toString("base64url"),
        userHandle: this.#userHandle,
      },
    };
  }

  #credential() {
    return { id: this.id, rawId: this.id, type: "public-key", clientExtensionResults: {} } as const;
  }

  #clientData(type: string, challenge: string, { origin = this.#origin }: Circumstances): string {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })).toString("base64url");
  }

  #data(
    flags: number,
    { domain = new URL(this.#origin).hostname, userVerified = true, counter = 0 }: Circumstances,
  ) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(domain), Buffer.from([flags | 0x01 | (userVerified ? 0x04 : 0)]), count]);
  }
}

function bytes(base64url: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64url, "base64url"));
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}
