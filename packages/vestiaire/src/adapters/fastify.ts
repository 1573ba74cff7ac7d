// Sessions for Fastify, as a plugin that opens one for each request, and gives it out with `of`. The hold on the head
// commits it, not an `onSend` hook: those are skipped by `reply.hijack()`, and run again in error handlers.

import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { FastifyPluginCallback } from "fastify";
import { ConfigurationError } from "../core/errors.ts";
import type { JsonShape } from "../core/json.ts";
import { type Session, stateOf } from "../core/session.ts";
import { openHeld } from "./held.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";

/** A request of any Fastify server, whatever its types. */
type AnyRequest = { readonly raw: IncomingMessage | Http2ServerRequest };

/** A plugin for `app.register`, which also knows the session of each request in its reach. */
export interface SessionPlugin<D extends JsonShape<D>> extends FastifyPluginCallback {
  /** The session of a request. Throws `ConfigurationError` for a request that the plugin has not seen. */
  of(request: AnyRequest): Session<D>;
}

/**
 * The plugin, and the way to a request's session:
 *
 *     const visits = session<Visitor>({ store: fileStore("./sessions") });
 *     app.register(visits);
 *     app.get("/", (request) => visits.of(request).data.name ?? "nobody");
 *
 * It serves the scope that it is registered in, and every scope in that. The response's head stays back until the session
 * is committed. When the store fails, a 503 without a cookie leaves, whatever the application's error handler made of it.
 * A response of 500 or above commits nothing but a sign-out.
 *
 * In a handler of `@fastify/websocket` what changes is stored by `session.save()` alone, which throws `HeadSentError` for
 * whatever needs a cookie. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>): SessionPlugin<D> {
  const sessions = sessionsFrom(source);
  const opened = new WeakMap<AnyRequest["raw"], Session<D>>();

  /** Told of a request that has become a websocket, whose head leaves past Fastify, and past the hold. */
  const upgraded = (_socket: unknown, raw: IncomingMessage): void => {
    const session = opened.get(raw);
    if (session !== undefined) stateOf(session).headSent = true;
  };

  const plugin: FastifyPluginCallback = (app, _options, done) => {
    app.addHook("onRequest", ({ raw, server }, reply, next) => {
      // Registered in a scope and in one around it.
      if (opened.has(raw)) return next();
      if (raw.headers.upgrade !== undefined) hear(server, upgraded);
      const goOn = (session: Session<D>) => {
        opened.set(raw, session);
        next();
      };
      const opening = openHeld(sessions, raw, reply.raw);
      if (opening instanceof Promise) void opening.then(goOn);
      else goOn(opening);
    });
    done();
  };

  return Object.assign(plugin, {
    of({ raw }: AnyRequest): Session<D> {
      const session = opened.get(raw);
      if (session !== undefined) return session;
      throw new ConfigurationError(
        "This request has no session: register the session plugin with app.register(…) in the scope of the route or in " +
          "one around it, before the onRequest hooks that use it.",
      );
    },
    // What the package fastify-plugin writes on a plugin, so that it serves the scope that it is registered in.
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "vestiaire",
    [Symbol.for("plugin-meta")]: { name: "vestiaire", fastify: ">=5" },
  });
}

/** Listens to the server that `@fastify/websocket` decorates the scope of a request with, where it is registered. */
function hear(scope: object, upgraded: (socket: unknown, raw: IncomingMessage) => void): void {
  const { websocketServer } = scope as { readonly websocketServer?: EventEmitter };
  if (websocketServer?.listeners("connection").includes(upgraded) === false) {
    websocketServer.on("connection", upgraded);
  }
}
