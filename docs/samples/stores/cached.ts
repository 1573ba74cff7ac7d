import { cached } from "vestiaire/cached";
import { redisStore } from "vestiaire/redis";

export const store = cached(redisStore(process.env.REDIS_URL ?? "redis://localhost:6379"), {
  staleness: "5s",
});
