// Whether a MongoDB is set up to keep sessions, for `vestiaire doctor`.

import { type Finding, finding, inspectClock } from "../../core/inspection.ts";
import { connectTo } from "./database.ts";

/** Rejects when the server cannot be reached. */
export async function inspect(url: string): Promise<readonly Finding[]> {
  const { db, close } = await connectTo(url);
  try {
    const hello = () => db.command({ hello: 1 });
    const clock = await inspectClock(async () => Number((await hello()).localTime));
    const { isWritablePrimary, setName, msg } = await hello();
    const isReplicated = setName !== undefined || msg === "isdbgrid";
    return [
      clock,
      isWritablePrimary === true
        ? finding("ok", "writes", "The server takes writes.")
        : finding(
            "problem",
            "writes",
            "The server is not the primary. Name the whole replica set in the URL.",
          ),
      isReplicated
        ? finding("ok", "durability", "A majority of the replica set keeps what is acknowledged.")
        : finding(
            "warning",
            "durability",
            "The server is no replica set: nobody can sign in while it is down.",
          ),
    ];
  } finally {
    await close();
  }
}
