import type { Pack } from "./pack.ts";

export interface RankedService {
  service: string;
  /** 0 to 1, comparable within one pack. */
  score: number;
}

/** The gain at which talk that stopped counts as certain. */
const SURE_DROP = 25;
/** At most as telling as a known error that became more frequent: other services may have stopped asking. */
const DROP_SCORE = 0.6;
const EVENT_SCORE = 0.35;
const QUIETER_SCORE = 0.3;
/** What is done to a service so long before the onset, and so long after it, may be what began it. */
const EVENT_BEFORE_MS = 120_000;
const EVENT_AFTER_MS = 15_000;

/** Services by how likely the cause lies with them, from all that was gathered: errors, what stopped, what was done to them. */
export function rankServices(pack: Pack): RankedService[] {
  const scores = new Map<string, number>();
  const put = (service: string, score: number) =>
    scores.set(service, Math.max(score, scores.get(service) ?? 0));
  const { clusters, drops = [], events = [], quieter, onsetMs = pack.window.fromMs } = pack;
  for (const { service, score } of clusters) put(service, score);
  for (const { service, gain } of drops)
    put(service, DROP_SCORE * Math.min(1, 0.3 + (0.7 * gain) / SURE_DROP));
  for (const { service } of quieter) put(service, QUIETER_SCORE);
  for (const { service, kind, atMs } of events) {
    const lateMs = atMs - onsetMs;
    if (kind !== "anomaly" && lateMs >= -EVENT_BEFORE_MS && lateMs <= EVENT_AFTER_MS)
      put(service, EVENT_SCORE);
  }
  return [...scores]
    .map(([service, score]) => ({ service, score }))
    .sort((a, b) => b.score - a.score || (a.service < b.service ? -1 : 1));
}
