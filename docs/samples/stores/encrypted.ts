import { encrypted } from "vestiaire/encrypted";
import { fileStore } from "vestiaire/file";

const keys = {
  current: "2026-11",
  keys: {
    "2026-11": process.env.SESSION_KEY_2026_11 ?? "",
    "2026-05": process.env.SESSION_KEY_2026_05 ?? "",
  },
};

export const store = encrypted(fileStore("./sessions"), keys);
