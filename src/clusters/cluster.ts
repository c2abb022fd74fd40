import { tellLine } from "../logs/parse.ts";
import { type Redaction, sampleOf } from "../logs/redaction.ts";
import {
  ERROR_LEVELS,
  type ErrorLevel,
  LEVELS,
  type Level,
  type LogLine,
  type ServiceRef,
} from "../logs/source.ts";
import { takeTurns } from "../turns.ts";
import { createFingerprintPool, type FingerprintPool } from "./fingerprintPool.ts";
import { clusterText } from "./message.ts";
import { templateOf } from "./normalise.ts";

/** Log lines of one service with one fingerprint. */
export interface Cluster extends ServiceRef {
  fingerprint: string;
  /** The normalised message, for people; redacted. */
  template: string;
  /** The worst level seen. */
  level: ErrorLevel;
  /** When each line that was read was written, ms since the epoch, in the order the lines came. */
  timesMs: number[];
  /** When it was first read, where that was before the lines that are counted. */
  firstMs?: number;
  /** How many lines there were: more than were read where a service was too loud to be read whole. */
  count: number;
  /** The first line that came, redacted and cut. */
  sample: string;
}

/** Longest sample kept, in characters: enough for a message and the top of its stack. */
const SAMPLE_CHARS = 1_000;
const TEMPLATE_CHARS = 300;

/** Kinds told apart in one reading: a service that writes a new kind with every line must not fill memory and tables. */
const MAX_KINDS = 5_000;
/** Lines fingerprinted at a time: sending so many to a thread takes 2 ms. */
const BATCH = 2_000;

export function isErrorLevel(level: Level | undefined): level is ErrorLevel {
  return level !== undefined && (ERROR_LEVELS as readonly Level[]).includes(level);
}

/**
 * Groups lines by service, namespace and fingerprint. Lines of no error level are passed over.
 * @param redaction the tenant's, for what is shown. Fingerprints do not depend on it: a line has the same one everywhere.
 * @param fingerprints where many lines are fingerprinted; by default in this thread, in turns with everything else
 * @param kindsPerService kinds told apart of one service; by default as many as of all.
 */
export function createClusterer({
  redaction,
  fingerprints = createFingerprintPool({ threads: 0 }),
  kindsPerService = MAX_KINDS,
}: {
  redaction: Redaction;
  fingerprints?: FingerprintPool;
  kindsPerService?: number;
}) {
  const clusters = new Map<string, Cluster>();
  const kindsOf = new Map<string, number>();
  const leftOut = new Set<string>();
  return {
    /** Reads all there is, the next lines while those before are fingerprinted. @param met called for each line */
    async addAll(
      lines: AsyncIterable<LogLine>,
      met: (line: LogLine) => void = () => undefined,
    ): Promise<void> {
      let batch: ErrorLine[] = [];
      let inHand: Promise<void> = Promise.resolve();
      try {
        for await (const line of lines) {
          met(line);
          if (hasErrorLevel(line)) batch.push(line);
          if (batch.length < BATCH) continue;
          await inHand;
          inHand = addBatch(batch);
          batch = [];
        }
      } finally {
        await inHand;
      }
      await addBatch(batch);
    },
    /** The clusters so far, in the order they were first met. */
    clusters: (): Cluster[] => [...clusters.values()],
    /** How many further kinds came when there were enough; their lines are in none of the clusters. */
    kindsLeftOut: (): number => leftOut.size,
  };

  async function addBatch(lines: readonly ErrorLine[]): Promise<void> {
    const told = await fingerprints.fingerprintsOf(lines.map(({ text }) => text));
    const turn = takeTurns();
    for (const [i, line] of lines.entries()) {
      add(line, told[i] as string);
      await turn();
    }
  }

  function add(line: ErrorLine, fingerprint: string): void {
    const key = `${line.namespace}\0${line.service}\0${fingerprint}`;
    const known = clusters.get(key);
    const atMs = Number(line.atNs / 1_000_000n);
    if (known === undefined) {
      const kinds = kindsOf.get(line.service) ?? 0;
      if (clusters.size === MAX_KINDS || kinds === kindsPerService) {
        leftOut.add(key);
        return;
      }
      kindsOf.set(line.service, kinds + 1);
      clusters.set(key, {
        service: line.service,
        namespace: line.namespace,
        fingerprint,
        template: shownTemplate(clusterText(tellLine(line.text)), redaction),
        level: line.level,
        timesMs: [atMs],
        count: 1,
        sample: redaction.sampleOf(line.text, SAMPLE_CHARS),
      });
      return;
    }
    known.timesMs.push(atMs);
    known.count++;
    known.level = worseLevel(known.level, line.level);
  }
}

type ErrorLine = LogLine & { level: ErrorLevel };

function hasErrorLevel(line: LogLine): line is ErrorLine {
  return isErrorLevel(line.level);
}

/** The template of what a line says (`clusterText`), for the people of one tenant. */
export function shownTemplate(said: string, redaction: Redaction): string {
  return sampleOf(templateOf(redaction.redact(said)), TEMPLATE_CHARS);
}

export function worseLevel<L extends Level>(a: L, b: L): L {
  return LEVELS.indexOf(a) <= LEVELS.indexOf(b) ? a : b;
}
