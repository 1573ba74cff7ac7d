// The observing wrapper: the contract, what a span and a measurement say of each call, and what neither ever says.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import {
  type Context,
  context,
  metrics,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { StoreError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { observed } from "../../src/stores/observed.ts";
import {
  key,
  NOW,
  someHash,
  someId,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore as contract } from "../../src/testing/store-contract.ts";
import { testStore } from "../core/stores.ts";
import { remote, testWrapped } from "./wrapped.ts";

testWrapped("observed", (store) => observed(store, telemetry()));
contract("a store that answers later, observed", () => ({
  store: observed(remote(memoryStore()), telemetry()),
}));

/** Every call once for each thing that it may answer. */
const CALLS: readonly [string, string, (store: Required<SessionStore>) => unknown][] = [
  ["create", "created", (store) => stored(store)],
  ["find", "absent", (store) => store.find(someId(), NOW)],
  ["patch", "gone", (store) => store.patch(someId(), {}, NOW)],
  ["delete", "absent", (store) => store.delete(someId())],
  ["findByUser", "done", (store) => store.findByUser("ada", NOW)],
  ["deleteByUser", "done", (store) => store.deleteByUser("ada", NOW)],
  ["create", "ended", (store) => store.create(someRecord({ userId: "ada" }), NOW)],
  ["list", "done", (store) => store.list(NOW)],
  ["sweep", "done", (store) => store.sweep(NOW, 10)],
];

for (const [name, around] of Object.entries({
  "at once": (store: SessionStore) => store,
  later: (store: SessionStore) =>
    ({
      ...remote(store),
      list: store.list?.bind(store),
      sweep: async () => store.sweep?.(NOW, 10),
    }) as SessionStore,
})) {
  test(`each call of a store that answers ${name} is a span and a measurement, with what it answered`, async (t) => {
    const { store, spans, measured } = watched(t, around(memoryStore()));
    for (const [operation, outcome, call] of CALLS) {
      await call(store);
      assert.deepEqual(spans().at(-1)?.slice(0, 2), [operation, outcome]);
      assert.ok((await measured()).has(`${operation} ${outcome}`));
    }
    const { id } = await stored(store);
    assert.equal(await store.create(someRecord({ id }), NOW), "taken");
    await store.find(id, NOW);
    await store.patch(id, { set: values({ a: 1 }) }, NOW);
    assert.equal(await store.patch(id, { clear: true }, NOW, { revision: 7 }), "conflict");
    await store.delete(id);
    assert.deepEqual(
      spans()
        .slice(CALLS.length)
        .map(([operation, outcome]) => `${operation} ${outcome}`),
      ["create created", "create taken", "find done", "patch done", "patch conflict", "delete done"],
    );
    assert.equal((await measured()).get("create created"), 2);
  });
}

test("a span is a client's, named by the conventions, and tells which session", async (t) => {
  const { store, exporter } = watched(t);
  const { id } = await stored(store);
  await store.findByUser("ada", NOW);
  const [create, list] = exporter.getFinishedSpans();
  assert.equal(create?.name, "create sessions");
  assert.equal(create?.kind, SpanKind.CLIENT);
  assert.equal(create?.instrumentationScope.name, "vestiaire");
  assert.deepEqual(create?.attributes, {
    "db.system.name": "sqlite",
    "db.collection.name": "sessions",
    "db.operation.name": "create",
    "session.id": id,
    "vestiaire.outcome": "created",
  });
  assert.ok(!("session.id" in (list?.attributes ?? {})));
});

test("the histogram is the one of the conventions, in seconds", async (t) => {
  let time = 0;
  const inner = testStore();
  const { store, reader } = watched(t, inner);
  t.mock.method(performance, "now", () => time);
  inner.before("find", () => {
    time += 250;
  });
  await store.find(someId(), NOW);
  const [metric] = (await reader.collect()).resourceMetrics.scopeMetrics[0]?.metrics ?? [];
  assert.deepEqual([metric?.descriptor.name, metric?.descriptor.unit], ["db.client.operation.duration", "s"]);
  const [point] = metric?.dataPoints ?? [];
  assert.deepEqual(point?.attributes, {
    "db.system.name": "sqlite",
    "db.collection.name": "sessions",
    "db.operation.name": "find",
    "vestiaire.outcome": "absent",
  });
  const histogram = point?.value as { sum: number; count: number; buckets: { boundaries: number[] } };
  assert.deepEqual([histogram.sum, histogram.count], [0.25, 1]);
  assert.deepEqual(histogram.buckets.boundaries, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
});

test("a failure comes through as it was, and is told by its code or its class", async (t) => {
  const inner = testStore();
  const { store, exporter, measured } = watched(t, inner);
  const failures: [string, unknown][] = [
    ["STORE_FAILED", new StoreError("STORE_FAILED", "find", "it is full")],
    ["ECONNREFUSED", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
    ["RangeError", new RangeError("too far")],
    ["_OTHER", "just a text"],
  ];
  for (const [type, failure] of failures) {
    inner.before("find", () => {
      throw failure;
    });
    await assert.rejects(
      async () => store.find(someId(), NOW),
      (error) => error === failure,
    );
    const span = exporter.getFinishedSpans().at(-1);
    assert.equal(span?.status.code, SpanStatusCode.ERROR);
    assert.equal(span?.attributes["error.type"], type);
    assert.ok(!("vestiaire.outcome" in (span?.attributes ?? {})));
    assert.deepEqual(
      span?.events.map((event) => [event.name, event.attributes]),
      [["exception", { "exception.type": type }]],
    );
    assert.equal((await measured()).get(`find ${type}`), 1);
  }
});

test("a store that throws at once is observed too", async (t) => {
  const failure = new RangeError("too far");
  const { store, exporter } = watched(t, {
    ...memoryStore(),
    find() {
      throw failure;
    },
  } as SessionStore);
  assert.throws(() => store.find(someId(), NOW), failure);
  assert.equal(exporter.getFinishedSpans()[0]?.attributes["error.type"], "RangeError");
});

test("no span and no measurement tells a user, a value, a key or a hash; and measurements no session", async (t) => {
  const inner = testStore();
  const { store, exporter, reader } = watched(t, inner);
  const secretHashes = {
    current: someHash(),
    previous: { hash: someHash(), until: NOW },
    retired: someHash(),
  };
  const record = await stored(store, {
    userId: "ada@example.org",
    secretHashes,
    data: values({ diagnosis: "gout" }),
  });
  await store.find(record.id, NOW);
  await store.patch(record.id, { set: values({ diagnosis: "gout" }), secretHashes }, NOW, {
    secretHash: secretHashes.current,
  });
  await store.findByUser("ada@example.org", NOW);
  inner.after("patch", () => {
    throw new Error(`Incorrect string value: '"gout"' for column ${key("diagnosis")} of ada@example.org`);
  });
  await assert.rejects(async () => store.patch(record.id, { set: values({ diagnosis: "gout" }) }, NOW));
  await store.deleteByUser("ada@example.org", NOW);
  const spans = inspect(exporter.getFinishedSpans(), { depth: 20 });
  const measurements = inspect((await reader.collect()).resourceMetrics, { depth: 20 });
  const hashes = [secretHashes.current, secretHashes.previous.hash, secretHashes.retired];
  for (const secret of ["ada@", "gout", "diagnosis", ...hashes]) {
    assert.ok(!spans.includes(secret), secret);
    assert.ok(!measurements.includes(secret), secret);
  }
  assert.ok(spans.includes(record.id));
  assert.ok(!measurements.includes(record.id));
});

test("what the driver reports during a call belongs to the call's span", async (t) => {
  const storage = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, that, ...args) => storage.run(active, () => run.apply(that as never, args)),
    bind: (_active, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  t.after(() => context.disable());
  const inner = testStore();
  const { store, exporter, tracerProvider } = watched(t, inner);
  const driver = tracerProvider.getTracer("driver");
  inner.before("find", async () => {
    await new Promise(setImmediate);
    driver.startSpan("HGETALL").end();
  });
  await driver.startActiveSpan("request", async (request) => {
    await store.find(someId(), NOW);
    request.end();
  });
  const [hgetall, find, request] = exporter.getFinishedSpans();
  assert.deepEqual([hgetall?.name, find?.name, request?.name], ["HGETALL", "find sessions", "request"]);
  assert.equal(hgetall?.parentSpanContext?.spanId, find?.spanContext().spanId);
  assert.equal(find?.parentSpanContext?.spanId, request?.spanContext().spanId);
});

test("without providers it uses the global ones, and without those it only passes calls on", async (t) => {
  const record = someRecord();
  const unobserved = observed(memoryStore());
  assert.equal(unobserved.create(record, NOW), "created");
  assert.equal(unobserved.find(record.id, NOW), unobserved.find(record.id, NOW));
  const { exporter, reader, ...providers } = telemetry();
  metrics.setGlobalMeterProvider(providers.meterProvider);
  trace.setGlobalTracerProvider(providers.tracerProvider);
  t.after(() => {
    metrics.disable();
    trace.disable();
  });
  await observed(memoryStore()).find(someId(), NOW);
  assert.equal(exporter.getFinishedSpans()[0]?.attributes["db.system.name"], "vestiaire");
  assert.equal((await reader.collect()).resourceMetrics.scopeMetrics.length, 1);
});

test("it answers without promises where the store does", () => {
  const store = observed(memoryStore(), telemetry());
  const record = someRecord();
  assert.equal(store.create(record, NOW), "created");
  assert.equal(store.find(record.id, NOW), store.find(record.id, NOW));
  assert.equal(store.patch(record.id, {}, NOW), "done");
  assert.deepEqual(store.deleteByUser("ada", NOW), []);
  assert.deepEqual(store.delete(record.id), record);
});

// ---- helpers

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

function telemetry() {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const reader = new Reader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  return { exporter, tracerProvider, reader, meterProvider };
}

function watched(t: TestContext, inner: SessionStore = memoryStore()) {
  const tools = telemetry();
  const { exporter, tracerProvider, reader, meterProvider } = tools;
  t.after(() => Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]));
  const verdict = (attributes: Record<string, unknown>) => [
    String(attributes["db.operation.name"]),
    String(attributes["vestiaire.outcome"] ?? attributes["error.type"]),
  ];
  return {
    ...tools,
    store: observed(inner, { tracerProvider, meterProvider, name: "sqlite" }) as Required<SessionStore>,
    /** Operation and verdict of each span, in the order in which they ended. */
    spans: () => exporter.getFinishedSpans().map(({ attributes }) => verdict(attributes)),
    /** How often each operation came to each verdict. */
    async measured(): Promise<Map<string, number>> {
      const { resourceMetrics } = await reader.collect();
      const points = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints ?? [];
      return new Map(
        points.map(({ attributes, value }) => [
          verdict(attributes).join(" "),
          (value as { count: number }).count,
        ]),
      );
    },
  };
}
