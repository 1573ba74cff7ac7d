// Where an example listens, and what it says about it.

import type { AddressInfo } from "node:net";
import { resolve } from "node:path";

/** The minimum that every framework's server has. */
interface Server {
  address(): AddressInfo | string | null;
  once(event: "listening", listener: () => void): unknown;
  once(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** `PORT`, or 5000. */
export const port = Number(process.env.PORT ?? 5000);

if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) {
  console.error(`PORT must be a number from 0 to 65535. It was ${JSON.stringify(process.env.PORT)}.`);
  process.exit(1);
}

/** Prints the address once the server has one, or why it has none. */
export function listening(server: Server): void {
  server.once("listening", () => {
    const address = server.address();
    const open = typeof address === "object" && address !== null ? address.port : port;
    console.log(`The login app is on http://localhost:${open}`);
    console.log(`Its sessions are files in ${resolve("sessions")}`);
  });
  server.once("error", (error) => {
    const busy = error.code === "EADDRINUSE";
    console.error(
      busy
        ? `Port ${port} is taken. The variable PORT names another one; 0 takes any that is free.`
        : `The server could not start: ${error.message}`,
    );
    process.exit(1);
  });
}
