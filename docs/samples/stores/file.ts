import { fileStore } from "vestiaire/file";

export const store = fileStore("./sessions", { durability: "power" });
