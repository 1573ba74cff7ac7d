// #region settings
import { assurance, createSessions } from "vestiaire";
import { fileStore } from "vestiaire/file";

export const sessions = createSessions({
  store: fileStore("./sessions", { durability: "power" }),
  ...assurance.aal2,
  maxPerUser: 5,
  proxies: ["10.0.0.0/8"],
  cookie: { sameSite: "Strict" },
  deadline: "1s",
});
// #endregion settings
