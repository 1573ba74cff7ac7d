// What happens inside Redis: one Lua script for each change, so that it is one atomic step there. Each touches a single
// key, and so it runs on a cluster as it does on one server, without hash tags. Whatever may be refused (memory, a
// read-only replica) is refused at a script's first write, before anything has changed.

import { hash } from "node:crypto";

/** A script, and the name under which a server remembers it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: hash("sha1", text) };
}

/** `KEYS`: the session. `ARGV`: milliseconds to keep it, then fields and values. Answers `created` or `taken`. */
export const CREATE = script(`
if redis.call("EXISTS", KEYS[1]) == 1 then return "taken" end
for i = 2, #ARGV, 2 do redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call("PEXPIRE", KEYS[1], ARGV[1])
return "created"
`);

/**
 * `KEYS`: the session. `ARGV`: now, the expected revision, the expected secret, whether data changes, whether it is
 * cleared, expiresAt, milliseconds to keep it then, lastSeenAt, the channel to tell, the id to tell, how many fields to
 * remove; then these, then fields and values. What does not apply is empty. Answers `done`, `gone` or `conflict`.
 */
export const PATCH = script(`
local own = redis.call("HMGET", KEYS[1],
  "expiresAt", "lastSeenAt", "revision", "createdAt", "endsAt", "secret", "userId", "persistent")
for i = 1, 5 do if not tonumber(own[i]) then return "gone" end end
for i = 6, 8 do if not own[i] then return "gone" end end
if tonumber(own[1]) <= tonumber(ARGV[1]) then return "gone" end
if ARGV[2] ~= "" and ARGV[2] ~= own[3] then return "conflict" end
if ARGV[3] ~= "" and ARGV[3] ~= own[6] then return "conflict" end
if ARGV[5] ~= "" then
  for _, field in ipairs(redis.call("HKEYS", KEYS[1])) do
    if string.sub(field, 1, 1) == '"' then redis.call("HDEL", KEYS[1], field) end
  end
end
local set = 12 + tonumber(ARGV[11])
for i = 12, set - 1 do redis.call("HDEL", KEYS[1], ARGV[i]) end
for i = set, #ARGV, 2 do redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[4] ~= "" then redis.call("HINCRBY", KEYS[1], "revision", 1) end
if ARGV[6] ~= "" and tonumber(ARGV[6]) > tonumber(own[1]) then
  redis.call("HSET", KEYS[1], "expiresAt", ARGV[6])
  redis.call("PEXPIRE", KEYS[1], ARGV[7])
end
if ARGV[8] ~= "" and tonumber(ARGV[8]) > tonumber(own[2]) then
  redis.call("HSET", KEYS[1], "lastSeenAt", ARGV[8])
end
redis.call("PUBLISH", ARGV[9], ARGV[10])
return "done"
`);

/**
 * `KEYS`: the session. `ARGV`: the channel to tell, the id to tell, and the user whose it must be; empty for anybody's.
 * Answers the fields and values that were removed; none when nothing was.
 */
export const DELETE = script(`
if ARGV[3] ~= "" and redis.call("HGET", KEYS[1], "userId") ~= ARGV[3] then return {} end
local record = redis.call("HGETALL", KEYS[1])
if #record > 0 then
  redis.call("DEL", KEYS[1])
  redis.call("PUBLISH", ARGV[1], ARGV[2])
end
return record
`);

/**
 * `KEYS`: a sorted set of things that matter until some time. `ARGV`: the time, the thing, the time before which nothing
 * matters any more, and milliseconds to keep the set. A thing's time never moves back.
 */
export const REMEMBER = script(`
redis.call("ZADD", KEYS[1], "GT", ARGV[1], ARGV[2])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", "(" .. ARGV[3])
if redis.call("PTTL", KEYS[1]) < tonumber(ARGV[4]) then redis.call("PEXPIRE", KEYS[1], ARGV[4]) end
`);
