// Encrypts the values of sessions before another store keeps them, so that a stolen dump or backup does not tell them.
// Every value is sealed by itself, because stores change sessions key by key; it is bound to its session and its name,
// so that it means nothing anywhere else.

import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { andThen } from "../core/awaitable.ts";
import { ConfigurationError, CorruptRecordError } from "../core/errors.ts";
import type { Data, SessionRecord } from "../core/record.ts";
import type { SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { optionalMethods } from "../core/wrapper.ts";

/**
 * The keys, by their names. To rotate: add a key, deploy; make it `current`, deploy; once the longest `lifetime` has
 * passed, drop the old one. A session with a value under a dropped key cannot be read any more.
 */
export interface KeyRing {
  /** The name of the key that encrypts. */
  readonly current: string;
  /**
   * The keys that decrypt: 32 random bytes each, as such, in base64url or in hex. Their names are stored with the values:
   * up to 32 of A-Z, a-z, 0-9, - and _. A name never comes to mean another key.
   */
  readonly keys: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * A store that keeps the sessions in `store`, their values encrypted with AES-256-GCM. What stays readable: ids, user
 * ids, times, hashes of secrets, the names of the keys and the length of each value. A value that was changed, or moved
 * to another key or another session, is damage: `find` throws `CorruptRecordError`, and other methods leave the record
 * out. An older value of the same key, put back, is not noticed. A patch reads nothing, so it also changes a session
 * that cannot be read.
 *
 * A value takes a third more room, and about 50 bytes. `cached(encrypted(store, keys), …)` spares most of the decrypting,
 * and holds the values in the clear in its memory. Throws `ConfigurationError` for keys that cannot be.
 */
export function encrypted(store: SessionStore, keys: KeyRing): SessionStore {
  const vault = new Vault(keys);
  const { list, ...rest } = optionalMethods(store);
  return {
    ...rest,
    find: (id, now, options) =>
      andThen(store.find(id, now, options), (record) => record && vault.open(record)),
    create: (record, now) => store.create({ ...record, data: vault.seal(record.id, record.data) }, now),
    patch: (id, patch, now, when) => {
      const { set } = patch;
      return store.patch(id, set === undefined ? patch : { ...patch, set: vault.seal(id, set) }, now, when);
    },
    delete: (id) => andThen(store.delete(id), (record) => record && vault.openIfSound(record)),
    findByUser: (userId, now) => andThen(store.findByUser(userId, now), (found) => vault.openSound(found)),
    deleteByUser: (userId, now, options) => store.deleteByUser(userId, now, options),
    ...(list && {
      list: (now, cursor, limit) =>
        andThen(list(now, cursor, limit), (page) => ({ ...page, records: vault.openSound(page.records) })),
    }),
  };
}

const ALGORITHM = "aes-256-gcm";
const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const PURPOSE = "vestiaire: the values of a session";

/** Finds the key of one session by the name of the ring's; `undefined` when the ring has none of that name. */
type SessionKeys = (name: string) => Uint8Array | undefined;

class Vault {
  readonly #current: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  constructor({ current, keys }: KeyRing) {
    this.#current = current;
    this.#keys = new Map(Object.entries(keys).map(([name, key]) => [checkName(name), readKey(name, key)]));
    if (!this.#keys.has(current)) {
      throw new ConfigurationError(`The current key, ${JSON.stringify(current)}, is not among the keys.`);
    }
  }

  seal(id: SessionId, data: Data): Data {
    const name = this.#current;
    const keys = this.#keysOf(id);
    return mapValues(data, (text, key) => {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv(ALGORITHM, keys(name) as Uint8Array, nonce, {
        authTagLength: TAG_LENGTH,
      });
      cipher.setAAD(contextOf(name, id, key));
      const sealed = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${name}.${Buffer.concat(sealed).toString("base64url")}`;
    });
  }

  open(record: SessionRecord): SessionRecord {
    const keys = this.#keysOf(record.id);
    return { ...record, data: mapValues(record.data, (text, key) => unsealed(keys, record.id, key, text)) };
  }

  /** `null` for a record that cannot be read. */
  openIfSound(record: SessionRecord): SessionRecord | null {
    try {
      return this.open(record);
    } catch (error) {
      if (error instanceof CorruptRecordError) return null;
      throw error;
    }
  }

  openSound(records: readonly SessionRecord[]): SessionRecord[] {
    return records.map((record) => this.openIfSound(record)).filter((record) => record !== null);
  }

  /** Derives each key at most once, and none for a session without values. */
  #keysOf(id: SessionId): SessionKeys {
    const derived = new Map<string, Uint8Array>();
    return (name) => {
      const known = derived.get(name);
      const ringKey = this.#keys.get(name);
      if (known !== undefined || ringKey === undefined) return known;
      const key = new Uint8Array(hkdfSync("sha256", ringKey, id, PURPOSE, KEY_LENGTH));
      derived.set(name, key);
      return key;
    };
  }
}

/** The messages name no part of what is stored: it may be a value that was never encrypted. */
function unsealed(keys: SessionKeys, id: SessionId, key: string, text: string): string {
  const dot = text.indexOf(".");
  const name = text.slice(0, Math.max(dot, 0));
  const sessionKey = keys(name);
  if (sessionKey === undefined) throw new CorruptRecordError(`${key} is under no key of the ring`);
  const sealed = Buffer.from(text.slice(dot + 1), "base64url");
  const nonce = sealed.subarray(0, NONCE_LENGTH);
  try {
    const decipher = createDecipheriv(ALGORITHM, sessionKey, nonce, { authTagLength: TAG_LENGTH });
    decipher.setAAD(contextOf(name, id, key));
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
    const opened = decipher.update(sealed.subarray(NONCE_LENGTH, -TAG_LENGTH), undefined, "utf8");
    return opened + decipher.final("utf8");
  } catch (cause) {
    throw new CorruptRecordError(`${key} does not decrypt`, { cause });
  }
}

/** Where a value belongs. Neither a key's name nor an id holds a dot, so no two places read the same. */
function contextOf(name: string, id: SessionId, key: string): Uint8Array {
  return Buffer.from(`${name}.${id}.${key}`);
}

function mapValues(data: Data, change: (text: string, key: string) => string): Data {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, change(text, key)]));
}

function checkName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(name)) return name;
  throw new ConfigurationError(
    `The name of a key has up to 32 of A-Z, a-z, 0-9, - and _. It was ${JSON.stringify(name)}.`,
  );
}

function readKey(name: string, key: string | Uint8Array): KeyObject {
  const bytes = typeof key === "string" ? decoded(key) : key;
  if (bytes?.length === KEY_LENGTH) return createSecretKey(bytes);
  throw new ConfigurationError(
    `The key ${JSON.stringify(name)} must be 32 random bytes, in base64url (43 characters) or hex (64 characters).`,
  );
}

function decoded(text: string): Uint8Array | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, "hex");
  return /^[A-Za-z0-9_-]{43}=?$/.test(text) ? Buffer.from(text, "base64url") : undefined;
}
