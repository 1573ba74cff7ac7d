// What differs between the runtimes that the library runs on, and that cannot be seen from what they offer.

/**
 * Whether this is a worker (workerd, Cloudflare Workers). There no timer may be set outside a request, none outlives the
 * request that set it, and a promise that one request made never settles for another once the first is over.
 */
export const IN_WORKER = globalThis.navigator?.userAgent === "Cloudflare-Workers";
