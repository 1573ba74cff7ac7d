// Who is asking, and whom they believe to be asking: the browser's address, and the origin under which it knows this
// server. Both come from headers that anybody can write, so forwarded ones count from declared proxies only, and a `Host`
// that is not ours is refused.

import { isIP } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import proxyAddr from "proxy-addr";
import type { Proxies } from "vestiaire";
import type { Settings } from "../settings.ts";
import type { AppEnv } from "./visit.ts";

/** Sets `address` and `origin`; answers 421 to a host that is not ours. */
export function knowOrigin({ TRUSTED_PROXIES, ORIGIN }: Settings) {
  const trusts = trustIn(TRUSTED_PROXIES);
  return createMiddleware<AppEnv & { Bindings: HttpBindings }>(async (c, next) => {
    const { incoming } = c.env;
    const forwarded = proxyAddr(incoming, trusts);
    c.set("address", isIP(forwarded) === 0 ? (incoming.socket.remoteAddress ?? "") : forwarded);
    if (incoming.headers.host === undefined && incoming.httpVersion === "1.1") throw new HTTPException(400);
    const host = (c.req.header("host") ?? "").toLowerCase();
    const known = ORIGIN === null ? loopbackAt(host) : ORIGIN.host === host ? ORIGIN : null;
    // A whole URL in the first line would count before the `Host` (RFC 9112, 3.2.2). It is how one asks a proxy.
    if (known === null || !incoming.url?.startsWith("/")) throw new HTTPException(421);
    c.set("origin", known.origin);
    await next();
  });
}

/** Whether an address is one of the declared proxies. */
export function trustIn(proxies: Proxies): (address: string) => boolean {
  if (proxies === "all") return () => true;
  const trusts = proxyAddr.compile([...proxies]);
  return (address) => trusts(address, 0);
}

/** This machine as its own browsers name it; `null` for any other host, and for what is none. */
function loopbackAt(host: string): URL | null {
  const isLoopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host);
  return isLoopback && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
}
