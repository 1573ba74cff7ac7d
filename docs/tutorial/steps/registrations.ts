// Who plays what. What is not yours, you cannot take back.

import { randomUUID } from "node:crypto";

export const sports: readonly string[] = ["Escalade", "Natation", "Tennis"];

export interface Registration {
  readonly id: string;
  readonly owner: string;
  readonly sport: string;
}

const registrations = new Map<string, Registration>();

export function allRegistrations(): Registration[] {
  return [...registrations.values()];
}

export function register(owner: string, sport: string): void {
  const id = randomUUID();
  registrations.set(id, { id, owner, sport });
}

/** Whether there was such a registration, and it was the owner's. */
export function takeBack(id: string, owner: string): boolean {
  if (registrations.get(id)?.owner !== owner) return false;
  return registrations.delete(id);
}
