// What is counted and timed, for Prometheus to collect. Labels have few values: routes are patterns, never addresses.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { AuditAction } from "../audit/audit.ts";
import type { AuditTable } from "../database/schema.ts";

/** From a page that is merely looked up to a sign-in that waits for others. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The figures of one server. Each start has its own, so that two in one process do not count together. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests: Counter<"method" | "route" | "status">;
  readonly requestSeconds: Histogram<"method" | "route">;
  readonly sessionEvents: Counter<"type">;
  readonly #audited: Counter<"action" | "result">;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.requests = new Counter({
      name: "http_requests_total",
      help: "Requests answered",
      labelNames: ["method", "route", "status"],
      registers,
    });
    this.requestSeconds = new Histogram({
      name: "http_request_duration_seconds",
      help: "Seconds from a request's head to its answer's",
      labelNames: ["method", "route"],
      buckets: SECONDS,
      registers,
    });
    this.sessionEvents = new Counter({
      name: "session_events_total",
      help: "What happened to sessions",
      labelNames: ["type"],
      registers,
    });
    this.#audited = new Counter({
      name: "audit_events_total",
      help: "What people did or tried, sign-ins among it",
      labelNames: ["action", "result"],
      registers,
    });
  }

  /** Counts an event of the audit log. */
  audited(action: AuditAction, result: AuditTable["result"]): void {
    this.#audited.inc({ action, result });
  }

  /** Shows how many passwords wait for their turn, whenever the figures are collected. */
  showWaitingPasswords(passwords: { readonly waiting: number }): void {
    new Gauge({
      name: "passwords_waiting",
      help: "Passwords that wait to be hashed or checked",
      registers: [this.registry],
      collect() {
        this.set(passwords.waiting);
      },
    });
  }
}
