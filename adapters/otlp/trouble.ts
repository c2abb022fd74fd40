import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Log } from "../../src/log.ts";

/** The same exporter, which says once that its collector takes nothing, and once that it does again. The SDK itself says nothing. */
export function tellingOfTrouble(exporter: OTLPTraceExporter, log: Log): SpanExporter {
  let isTroubled = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined || result.code !== 0;
        // What the collector answered may be anything: its name and status are enough.
        const { name, code } = (result.error ?? {}) as { name?: string; code?: unknown };
        if (failed && !isTroubled)
          log.warn({ err: { name, code } }, "traces are not taken; they are dropped");
        if (!failed && isTroubled) log.info({}, "traces are taken again");
        isTroubled = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
}
