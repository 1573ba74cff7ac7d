import { postgresStore } from "vestiaire/postgres";

export const store = postgresStore(process.env.DATABASE_URL ?? "postgres://localhost/shop", {
  table: "shop_sessions",
});
