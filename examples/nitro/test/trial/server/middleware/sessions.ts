// Every request that comes to a route has a session.

export { sessions as default } from "../sessions.ts";
