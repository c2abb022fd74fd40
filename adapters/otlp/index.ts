import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout } from "node:timers/promises";
import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Log } from "../../src/log.ts";
import type { Attributes, OpenSpan, Traces } from "../../src/telemetry/traces.ts";
import { createActIds } from "./actIds.ts";
import { tellingOfTrouble } from "./trouble.ts";

export interface OtlpOptions {
  /** Of the collector, without `/v1/traces`. */
  endpoint: string;
  /** LogHunter's own. */
  version: string;
  log: Log;
  /** Spans that are sent together wait so long. */
  everyMs?: number;
}

/** How long an end waits for what is not sent yet. */
const CLOSE_MS = 2_000;

/**
 * Traces to whatever speaks OTLP over HTTP. Headers, sampling, limits and what names the service come from the variables of
 * OpenTelemetry, which the SDK reads by itself: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * Nothing of it is global: which span is open is kept here, beside every `await`.
 */
export function createOtlpTraces({ endpoint, version, log, everyMs = 5_000 }: OtlpOptions): Traces {
  const ids = createActIds();
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` });
  const own = resourceFromAttributes({ "service.name": "loghunter", "service.version": version });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor(tellingOfTrouble(exporter, log), { scheduledDelayMillis: everyMs }),
    ],
  });
  const tracer = provider.getTracer("loghunter", version);
  const open = new AsyncLocalStorage<Context>();
  const current = () => open.getStore() ?? ROOT_CONTEXT;

  async function within<T>(span: Span, above: Context, work: (span: OpenSpan) => Promise<T>): Promise<T> {
    try {
      const done = await open.run(trace.setSpan(above, span), () => work(saying(span)));
      span.end();
      return done;
    } catch (error) {
      end(span, error);
      throw error;
    }
  }

  return {
    span: (name, attributes, work) =>
      within(tracer.startSpan(name, { attributes }, current()), current(), work),
    step(name, attributes, work) {
      return open.getStore() === undefined ? work() : this.span(name, attributes, work);
    },
    act(id, name, attributes, work) {
      const of = ids.of(id);
      const above = trace.getSpanContext(current());
      // The act itself is open already.
      if (above?.traceId === of.traceId) return this.span(name, attributes, work);
      const links = above === undefined ? [] : [{ context: above }];
      const span = ids.next(of, () => tracer.startSpan(name, { attributes, links, root: true }));
      return within(span, ROOT_CONTEXT, work);
    },
    below(actId, work) {
      const parent = { ...ids.of(actId), traceFlags: TraceFlags.SAMPLED, isRemote: true };
      return open.run(trace.setSpanContext(ROOT_CONTEXT, parent), work);
    },
    begin(name, attributes) {
      const span = tracer.startSpan(name, { attributes }, current());
      return { ...saying(span), end: (error) => end(span, error) };
    },
    // A collector that is away would be tried for ten seconds.
    close: () => Promise.race([provider.shutdown(), setTimeout(CLOSE_MS, undefined, { ref: false })]),
  };
}

function saying(span: Span): OpenSpan {
  return { say: (attributes: Attributes) => void span.setAttributes(attributes) };
}

/** Of an error its name alone: a message may quote a line of the log, or what somebody wrote. */
function end(span: Span, error?: unknown): void {
  if (error !== undefined) {
    const name = error instanceof Error ? error.name : typeof error;
    span.setStatus({ code: SpanStatusCode.ERROR, message: name }).setAttribute("error.type", name);
  }
  span.end();
}
