import { mysqlStore } from "vestiaire/mysql";

export const store = mysqlStore(process.env.MYSQL_URL ?? "mysql://localhost/shop", {
  table: "shop_sessions",
});
