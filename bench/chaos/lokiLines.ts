import { type StandInLine, type StandInLoki, startStandInLoki } from "../../test/support/loki/standIn.ts";
import { createKillLogs } from "../kill/logs.ts";
import { type FastClock, fastNow } from "../kill/orders.ts";

const MINUTE_MS = 60_000;
/** What is not odd is learnt from so much. */
const PAST_MS = 24 * 60 * MINUTE_MS;
/** So far ahead of the clock: whoever asks for a minute that is over finds all of it. */
const AHEAD_MS = 2 * MINUTE_MS;
const EVERY_MS = 200;
/** Of the lines that are no errors so many are left out: they are many, and nobody counts them. */
const KEPT_OF = 5;

export interface PouredLoki {
  loki: StandInLoki;
  close(): Promise<void>;
}

export interface Pouring {
  orgs: readonly string[];
  services: number;
  clock: FastClock;
  /** Nothing is odd from then on, by the fast clock. */
  calmFromMs: () => number;
}

/** A Loki into which the lines of the kill test's services come, minute by minute of a fast clock. */
export async function pourLoki({ orgs, services, clock, calmFromMs }: Pouring): Promise<PouredLoki> {
  const source = createKillLogs({ services, oddFromMs: clock.baseMs, calmFromMs });
  const loki = await startStandInLoki();
  let untilMs = clock.baseMs - PAST_MS;

  async function pour(): Promise<void> {
    const toMs = Math.floor((fastNow(clock) + AHEAD_MS) / MINUTE_MS) * MINUTE_MS;
    const range = { fromMs: untilMs, toMs };
    if (toMs <= untilMs) return;
    untilMs = toMs;
    for (const org of orgs) {
      const all = await source.counts(org, { ...range, stepMs: MINUTE_MS });
      loki.push(
        org,
        all.flatMap((series) => linesOf(series)),
      );
    }
  }

  await pour();
  const timer = setInterval(() => void pour(), EVERY_MS);
  return {
    loki,
    async close() {
      clearInterval(timer);
      await loki.close();
    },
  };
}

type Series = Awaited<ReturnType<ReturnType<typeof createKillLogs>["counts"]>>[number];

function linesOf({ service, namespace, level = "INFO", counts, fromMs }: Series): StandInLine[] {
  const labels = { service_name: service, namespace, level: level.toLowerCase() };
  const isError = level === "ERROR";
  return counts.flatMap((count, minute) =>
    Array.from({ length: isError ? count : Math.ceil(count / KEPT_OF) }, (_, at) => ({
      labels,
      atNs: BigInt(fromMs + minute * MINUTE_MS + Math.floor((at * MINUTE_MS) / count)) * 1_000_000n,
      text: isError
        ? `order ${4_000 + at} failed: ${service}-db has no free session`
        : `order ${4_000 + at} placed`,
    })),
  );
}
