// What the core needs to know of a request, and whether the browser sent it over HTTPS. The cookie's name and its
// `Secure` depend on the answer, so headers that anybody can write are believed from declared proxies only.

import { BlockList, isIP } from "node:net";
import { ConfigurationError, UndeclaredProxyError } from "./errors.ts";

/** A request as the adapters show it to the core. Headers are looked up only when they are needed. */
export interface SessionRequest {
  readonly method: string;
  /** Whether the connection to this process is TLS. */
  readonly encrypted: boolean;
  /** The peer of that connection, where the platform tells. */
  readonly remoteAddress?: string | undefined;
  /** `name` is in lower case. `null` or `undefined` when the header is absent. */
  header(name: string): string | null | undefined;
  /** Whether its response leaves without the session, as that of an upgrade: no cookie, and only `save()` commits. */
  readonly headSent?: boolean;
  /** Calls the listener once when the exchange is over, or at once if it is, where the platform tells. */
  onClose?(listener: () => void): void;
}

/**
 * The proxies whose `X-Forwarded-Proto` and `Forwarded` are believed: addresses and CIDR ranges of the connection's
 * peer, or `"all"` where nothing but a proxy can reach this process.
 */
export type Proxies = "all" | readonly string[];

/** Tells how browsers reached this process. */
export class ProxyTrust {
  readonly #all: boolean;
  readonly #declared = new BlockList();
  readonly #any: boolean;

  /** Throws {@link ConfigurationError} for what is neither an address nor a range. */
  constructor(proxies: Proxies = []) {
    this.#all = proxies === "all";
    this.#any = proxies === "all" || proxies.length > 0;
    for (const entry of proxies === "all" ? [] : proxies) {
      const [address = "", bits] = entry.split("/");
      const family = isIP(address);
      const longest = family === 4 ? 32 : 128;
      const prefix = bits === undefined ? longest : Number(bits);
      if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > longest) {
        throw new ConfigurationError(
          `proxies: ${JSON.stringify(entry)} is neither an IP address nor a range such as "10.0.0.0/8".`,
        );
      }
      this.#declared.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
    }
  }

  /** Whether the browser spoke HTTPS, as far as can be believed. */
  isEncrypted(request: SessionRequest): boolean {
    if (request.encrypted || !this.#any || !this.#trusts(request)) return request.encrypted;
    return forwardedProtocol(request) === "https";
  }

  /**
   * The error for a request that came in plain text while its headers say that the browser spoke HTTPS to somebody
   * undeclared; `null` where nothing says so. Loopback is left alone: browsers treat it as secure anyway.
   */
  suspicion(request: SessionRequest): UndeclaredProxyError | null {
    if (request.encrypted || this.#trusts(request) || isLoopback(request.header("host"))) return null;
    const evidence =
      forwardedProtocol(request) === "https"
        ? "a forwarding header says so"
        : // Browsers send it to trustworthy origins only: W3C Fetch Metadata, 2.
          request.header("sec-fetch-site") && "it sent Sec-Fetch-Site";
    return evidence ? new UndeclaredProxyError(evidence) : null;
  }

  #trusts({ remoteAddress }: SessionRequest): boolean {
    if (this.#all) return true;
    if (!this.#any || remoteAddress === undefined) return false;
    // An IPv4 address in IPv6 notation, as dual-stack sockets have it, meets the IPv4 ranges too.
    return this.#declared.check(remoteAddress, isIP(remoteAddress) === 6 ? "ipv6" : "ipv4");
  }
}

/** What the proxy nearest to the browser says of its protocol. */
function forwardedProtocol(request: SessionRequest): string | undefined {
  const own = request.header("x-forwarded-proto")?.split(",", 1)[0]?.trim();
  if (own) return own.toLowerCase();
  const standard = request.header("forwarded")?.split(",", 1)[0];
  return standard && /(?:^|;)\s*proto="?([a-z]+)"?\s*(?:;|$)/i.exec(standard)?.[1]?.toLowerCase();
}

function isLoopback(host: string | null | undefined): boolean {
  return /^(?:localhost|[^:]+\.localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i.test(host ?? "");
}
