// What a runtime cannot do, test by test. A test that is named here and passes is an error, and so is a name that no test
// has: the list says what is true today.

import type { RuntimeName } from "./programs.ts";

export interface Exception {
  /** The tests whose name, suite included, this matches. */
  readonly tests: RegExp;
  readonly reason: string;
}

export const EXCEPTIONS: Readonly<Record<RuntimeName, readonly Exception[]>> = {
  Deno: [],
  Bun: [
    {
      tests:
        /own server > (?:two requests sent at once on one connection|requests of several visitors written at once)/,
      reason: "Bun.serve closes a connection on which a request comes before the answer to the last one",
    },
  ],
  workerd: [
    {
      tests: /^the list of all sessions, (?:file|SQLite) > /,
      reason: "workerd keeps no files",
    },
    {
      tests: /^the data > of parallel updates in one process waits its turn/,
      reason: "requests of a worker cannot wait for each other; they fail against each other, and try again",
    },
    {
      tests: /^(?:fetch|hono) > nor is one whose client went away in mid-stream$/,
      reason: "workerd tells that a client went away when the next piece of the body is to be sent",
    },
    {
      tests: /^hono > forwarding headers count from the address of a declared proxy/,
      reason: "a worker is not told the address of the connection's peer",
    },
  ],
};
