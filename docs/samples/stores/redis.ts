import { redisStore } from "vestiaire/redis";

export const store = redisStore(process.env.REDIS_URL ?? "redis://localhost:6379", { prefix: "shop:" });
