// Shows what a store does to OpenTelemetry: a span and a measured duration for each call, named by the conventions for
// database clients, so that the dashboards that people have understand them. Ids go into spans only; users and values
// go nowhere.

import {
  context,
  type MeterProvider,
  metrics,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { settle } from "../core/awaitable.ts";
import type { Awaitable, SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { optionalMethods } from "../core/wrapper.ts";

/** Where the measurements go, and under which name. */
export interface ObservedOptions {
  /** Default: the global one, which must then be registered before. */
  readonly meterProvider?: MeterProvider;
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider;
  /** `db.system.name`: `"redis"`, `"postgresql"`, `"sqlite"`, … Default `"vestiaire"`. */
  readonly name?: string;
}

/**
 * A store that keeps the sessions in `store`, and reports each call:
 *
 * - the histogram `db.client.operation.duration` in seconds, by `db.operation.name` (the method) and `vestiaire.outcome`
 *   (what it answered: `done`, `absent`, `created`, `taken`, `ended`, `gone`, `conflict`), or `error.type` when it failed;
 * - a client span with the same attributes and, where the call names one session, `session.id`.
 *
 * Of an error they tell the code or the class, not the message: drivers quote values in it.
 */
export function observed(store: SessionStore, options: ObservedOptions = {}): SessionStore {
  const observer = new Observer(options);
  const { list, sweep, ...rest } = optionalMethods(store);
  return {
    ...rest,
    find: (id, now, options) => observer.run("find", () => store.find(id, now, options), id),
    create: (record, now) => observer.run("create", () => store.create(record, now), record.id),
    patch: (id, patch, now, when) => observer.run("patch", () => store.patch(id, patch, now, when), id),
    delete: (id) => observer.run("delete", () => store.delete(id), id),
    findByUser: (userId, now) => observer.run("findByUser", () => store.findByUser(userId, now)),
    deleteByUser: (userId, now, options) =>
      observer.run("deleteByUser", () => store.deleteByUser(userId, now, options)),
    ...(list && { list: (now, cursor, limit) => observer.run("list", () => list(now, cursor, limit)) }),
    ...(sweep && { sweep: (now, limit) => observer.run("sweep", () => sweep(now, limit)) }),
  };
}

const SCOPE = "vestiaire";
const COLLECTION = "sessions";
/** What the conventions advise. */
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

class Observer {
  readonly #tracer;
  readonly #duration;
  readonly #system: string;

  constructor(options: ObservedOptions) {
    const {
      meterProvider = metrics.getMeterProvider(),
      tracerProvider = trace.getTracerProvider(),
      name = "vestiaire",
    } = options;
    this.#system = name;
    this.#tracer = tracerProvider.getTracer(SCOPE);
    this.#duration = meterProvider.getMeter(SCOPE).createHistogram("db.client.operation.duration", {
      description: "Duration of database client operations.",
      unit: "s",
      advice: { explicitBucketBoundaries: SECONDS },
    });
  }

  run<T>(operation: string, call: () => Awaitable<T>, id?: SessionId): Awaitable<T> {
    const attributes = {
      "db.system.name": this.#system,
      "db.collection.name": COLLECTION,
      "db.operation.name": operation,
    };
    const span = this.#tracer.startSpan(`${operation} ${COLLECTION}`, {
      kind: SpanKind.CLIENT,
      attributes: id === undefined ? attributes : { ...attributes, "session.id": id },
    });
    const start = performance.now();
    const end = (verdict: Readonly<Record<string, string>>) => {
      this.#duration.record((performance.now() - start) / 1_000, { ...attributes, ...verdict });
      span.setAttributes(verdict).end();
    };
    return settle(
      () => context.with(trace.setSpan(context.active(), span), call),
      (answer) => end({ "vestiaire.outcome": outcomeOf(answer) }),
      (error) => {
        const type = typeOf(error);
        span.recordException({ name: type });
        span.setStatus({ code: SpanStatusCode.ERROR });
        end({ "error.type": type });
      },
    );
  }
}

/** What the answer says, in a word. */
function outcomeOf(answer: unknown): string {
  if (typeof answer === "string") return answer;
  return answer === null ? "absent" : "done";
}

/** The error's own code, such as `STORE_FAILED` or `ECONNREFUSED`, or else its class. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return "_OTHER";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
