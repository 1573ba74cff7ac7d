// Ada, who has something to lose, Bob, who tries to take it, and what is at stake.

import assert from "node:assert/strict";
import { type Application, signedUp } from "../support/application.ts";
import { idOf } from "../support/people.ts";
import { contentOf } from "./probes.ts";

/** The ids of somebody's registrations. */
export async function registrationsOf(application: Application, name: string): Promise<string[]> {
  const rows = await application.services.database
    .selectFrom("registrations")
    .select("id")
    .where("personId", "=", await idOf(application, name))
    .execute();
  return rows.map(({ id }) => id);
}

/** Ada, who has registrations, and Bob, who has one as well. */
export async function adaAndBob(application: Application) {
  const ada = await signedUp(application, "Ada");
  const bob = await signedUp(application, "Bob");
  await ada.post("/registrations", { sport: ["basketball", "soccer"] });
  await bob.post("/registrations", { sport: "soccer" });
  const [target = assert.fail()] = await registrationsOf(application, "Ada");
  const [own = assert.fail()] = await registrationsOf(application, "Bob");
  return { ada, bob, target, own };
}

/** What is at stake: everything but what is written down, counted or shown once. */
export const atStake = (application: Application) => contentOf(application, ["audit", "attempts"]);
