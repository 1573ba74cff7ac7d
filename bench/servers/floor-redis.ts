// The floor of Redis: one HGETALL, and one HSET for a write, with the client and the protocol that Vestiaire uses.

import { createClient } from "redis";
import { redisStore } from "../../packages/vestiaire/src/stores/redis.ts";
import { serveFloor } from "./floor-app.ts";
import { engine, prefix } from "./serve.ts";

const own = `${prefix}floor:`;
const client = await createClient({ url: engine, RESP: 2 }).connect();

serveFloor(redisStore(client, { prefix: own }), {
  async read(id, key) {
    const fields = await client.sendCommand<string[]>(["HGETALL", `${own}session:${id}`]);
    const index = fields.indexOf(key);
    return index === -1 ? undefined : fields[index + 1];
  },
  write: (id, key, text) => client.sendCommand(["HSET", `${own}session:${id}`, key, text]),
});
