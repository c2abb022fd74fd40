import type { Card } from "../chat/card.ts";
import { sumOf } from "../evidence/numbers.ts";
import type { Pack } from "../evidence/pack.ts";
import { ERROR_LEVELS, type LogSource } from "../logs/source.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import type { Answer } from "./answer.ts";
import { linesLink } from "./card.ts";
import { linesBehind } from "./linesBehind.ts";
import { MOST_NOW_MINUTES } from "./topics/now.ts";

/** Errors of a service in each whole minute since the pack was gathered, or of the last six hours. */
export function errorsSince(
  { logs, now }: { logs: LogSource; now: () => number },
  scope: TenantScope,
  { window, namespace }: Pack,
): (service: string) => Promise<number[]> {
  return async (service) => {
    const stepMs = 60_000;
    const fromMs = Math.max(window.toMs, now() - MOST_NOW_MINUTES * stepMs);
    const minutes = Math.floor((now() - fromMs) / stepMs);
    if (minutes <= 0) return [];
    const query = { fromMs, toMs: fromMs + minutes * stepMs, stepMs, services: [service] };
    const levels = ERROR_LEVELS.filter((level) => level !== "WARN");
    const series = await logs.counts(scope.lokiOrgId, { ...query, namespace, levels });
    // A service that logged nothing has no series, which is zero and not unknown.
    return Array.from({ length: minutes }, (_, i) => sumOf(series.map(({ counts }) => counts[i] ?? 0)));
  };
}

/** An answer with a link to the lines where it shows some. @param why it is the built-in analyzer that answers */
export async function replyCard(
  card: Card,
  {
    logs,
    scope,
    pack,
    answer,
  }: { logs: Pick<LogSource, "linkTo">; scope: TenantScope; pack: Pack; answer: Answer },
  why?: string,
): Promise<Card> {
  const url = showsLines(card) ? await logs.linkTo(scope.lokiOrgId, linesBehind(pack, answer)) : undefined;
  return { ...card, body: [...card.body, ...linesLink(url)], ...(why !== undefined && { footnote: why }) };
}

function showsLines({ body }: Card): boolean {
  return body.some((block) => block.kind === "items" && block.items.some(({ log }) => log !== undefined));
}
