import type { Pack } from "../evidence/pack.ts";
import { ERROR_LEVELS, type LineQuery } from "../logs/source.ts";
import type { Answer } from "./answer.ts";

/** The error lines of the asked service and of the one to blame, in the asked window. */
export function linesBehind({ service, namespace, window, clusters }: Pack, { culprit }: Answer): LineQuery {
  const other = culprit === undefined ? undefined : clusters[culprit]?.service;
  const services = other === undefined || other === service ? [service] : [service, other];
  return { ...window, services, namespace, levels: ERROR_LEVELS, order: "newest first", limit: 1_000 };
}

/** Lines shown of the time before it began: what was so already. */
const BEFORE_LINES = 10;
const BEFORE_MS = 5 * 60_000;

/** Lines of one service around a moment, the oldest first. */
export interface AroundOnset {
  service: string;
  /** When what is to blame began. */
  onsetMs: number;
  /** The newest of them are the last before it began. */
  before: LineQuery;
  since: LineQuery;
}

/** Where the lines are that show how it began: those of the service to blame; undefined where none is, or it was always so. */
export function linesAtOnset(
  { namespace, window, clusters }: Pack,
  { culprit }: Answer,
  limit: number,
): AroundOnset | undefined {
  const blamed = culprit === undefined ? undefined : clusters[culprit];
  if (blamed?.onsetMs === undefined) return undefined;
  const { service, onsetMs } = blamed;
  const of = { services: [service], namespace, levels: ERROR_LEVELS };
  const fromMs = Math.max(window.fromMs, onsetMs - BEFORE_MS);
  return {
    service,
    onsetMs,
    before: { ...of, fromMs, toMs: onsetMs, order: "newest first", limit: BEFORE_LINES },
    since: { ...of, fromMs: onsetMs, toMs: window.toMs, order: "oldest first", limit: limit - BEFORE_LINES },
  };
}
