// How the tables came to be. Migrations run at the start, in their order, once; a released one is never edited. They
// speak the SQL that SQLite and PostgreSQL share.

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

const initial: Migration = {
  async up(database: Kysely<never>) {
    const { schema } = database;
    await schema
      .createTable("people")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("nameKey", "text", (column) => column.notNull().unique())
      .addColumn("passwordHash", "text")
      .addColumn("administrator", "integer", (column) => column.notNull())
      .addColumn("disabledAt", "bigint")
      .addColumn("createdAt", "bigint", (column) => column.notNull())
      .execute();
    await schema
      .createTable("passkeys")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("personId", "text", (column) => column.notNull().references("people.id").onDelete("cascade"))
      .addColumn("publicKey", "text", (column) => column.notNull())
      .addColumn("counter", "bigint", (column) => column.notNull())
      .addColumn("transports", "text", (column) => column.notNull())
      .addColumn("label", "text", (column) => column.notNull())
      .addColumn("createdAt", "bigint", (column) => column.notNull())
      .addColumn("lastUsedAt", "bigint")
      .execute();
    await schema
      .createTable("identities")
      .addColumn("issuer", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("personId", "text", (column) => column.notNull().references("people.id").onDelete("cascade"))
      .addColumn("label", "text", (column) => column.notNull())
      .addColumn("createdAt", "bigint", (column) => column.notNull())
      .addColumn("lastUsedAt", "bigint")
      .addPrimaryKeyConstraint("identityIsOnePerson", ["issuer", "subject"])
      .execute();
    await schema
      .createTable("sports")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("nameKey", "text", (column) => column.notNull().unique())
      .addColumn("closedAt", "bigint")
      .execute();
    await schema
      .createTable("registrations")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("personId", "text", (column) => column.notNull().references("people.id").onDelete("cascade"))
      .addColumn("sportId", "text", (column) => column.notNull().references("sports.id"))
      .addColumn("createdAt", "bigint", (column) => column.notNull())
      .addUniqueConstraint("registeredOnce", ["personId", "sportId"])
      .execute();
    await schema
      .createTable("links")
      .addColumn("hash", "text", (column) => column.primaryKey())
      .addColumn("purpose", "text", (column) => column.notNull())
      .addColumn("personId", "text", (column) => column.references("people.id").onDelete("cascade"))
      .addColumn("expiresAt", "bigint", (column) => column.notNull())
      .execute();
    await schema
      .createTable("devices")
      .addColumn("hash", "text", (column) => column.notNull())
      .addColumn("personId", "text", (column) => column.notNull().references("people.id").onDelete("cascade"))
      .addColumn("lastUsedAt", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("deviceOfPerson", ["hash", "personId"])
      .execute();
    await schema
      .createTable("attempts")
      .addColumn("key", "text", (column) => column.primaryKey())
      .addColumn("points", "integer", (column) => column.notNull())
      .addColumn("expiresAt", "bigint", (column) => column.notNull())
      .execute();
    await schema
      .createTable("audit")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("action", "text", (column) => column.notNull())
      .addColumn("result", "text", (column) => column.notNull())
      .addColumn("actorId", "text")
      .addColumn("actorName", "text")
      .addColumn("address", "text")
      .addColumn("target", "text")
      .addColumn("detail", "text")
      .execute();
    for (const [table, column] of [
      ["passkeys", "personId"],
      ["identities", "personId"],
      ["registrations", "personId"],
      ["registrations", "sportId"],
      ["links", "personId"],
      ["devices", "personId"],
      ["attempts", "expiresAt"],
      ["audit", "at"],
      ["audit", "actorId"],
    ] as const) {
      await schema.createIndex(`${table}By${column}`).on(table).column(column).execute();
    }
    await sql`insert into sports (id, name, "nameKey", "closedAt") values
      ('basketball', 'Basketball', 'basketball', null),
      ('soccer', 'Soccer', 'soccer', null),
      ('ultimate-frisbee', 'Ultimate Frisbee', 'ultimate frisbee', null)`.execute(database);
  },
};

const securityStamp: Migration = {
  async up({ schema }: Kysely<never>) {
    await schema
      .alterTable("people")
      .addColumn("securityStamp", "integer", (column) => column.notNull().defaultTo(0))
      .execute();
  },
};

export const migrations: Readonly<Record<string, Migration>> = {
  "2026-11-23-initial": initial,
  "2026-11-28-security-stamp": securityStamp,
};
