// Every request that comes to a route has a session.

export { visits as default } from "../visits.ts";
