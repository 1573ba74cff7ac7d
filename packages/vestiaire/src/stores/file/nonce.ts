// Names that are given once: for the lines of a log, and for files on their way to their place. Random for each
// process, counted within it; lower-case, since they become file names.

import { randomBytes } from "node:crypto";

const origin = randomBytes(6).toString("hex");
let count = 0;

export function newNonce(): string {
  count += 1;
  return `${origin}-${count.toString(36)}`;
}
