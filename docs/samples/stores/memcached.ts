import { memcachedStore } from "vestiaire/memcached";

export const store = memcachedStore(process.env.MEMCACHED_URL ?? "memcached://localhost:11211");
