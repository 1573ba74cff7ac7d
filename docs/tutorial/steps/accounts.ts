// Who exists, and how they prove it. A password is never kept, only what
// argon2id makes of it.

import { randomUUID } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

/** In KiB, passes, threads: what OWASP recommends at least. */
const effort = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const hashes = new Map<string, string>();
const nobodys = await hash(randomUUID(), effort);

/** What is wrong with the account, or `null` once it is made. */
export async function signUp(name: string, password: string): Promise<string | null> {
  if (name === "" || name.length > 50) return "Choisissez un nom de 50 caractères au plus.";
  if ([...password].length < 15) return "Choisissez un mot de passe de 15 caractères au moins.";
  const hashed = await hash(password.normalize("NFKC"), effort);
  if (hashes.has(name)) return "Ce nom est déjà pris.";
  hashes.set(name, hashed);
  return null;
}

/** Whether the password is that person's. An unknown name takes as long. */
export async function isRight(name: string, password: string): Promise<boolean> {
  const hashed = hashes.get(name);
  const fits = await verify(hashed ?? nobodys, password.normalize("NFKC"));
  return hashed !== undefined && fits;
}
