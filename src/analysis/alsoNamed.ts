import { servicesOfAlertAt } from "../anomalies/store.ts";
import type { Block, Inline } from "../chat/card.ts";
import { shownName } from "../chat/shownName.ts";
import { quoted } from "../chat/words.ts";
import type { Pack } from "../evidence/pack.ts";
import type { Queryable, TenantScope } from "../tenancy/scope.ts";
import type { Conversation } from "./conversations.ts";

/** Named in the sentence; of more there is the number. */
const NAMED = 3;

/** The services of the alert under which it was asked, the worst first; none where it was asked elsewhere. */
export async function alertServicesOf(
  scope: TenantScope,
  db: Queryable,
  { at, thread }: Conversation,
): Promise<string[]> {
  return thread === undefined || at === undefined
    ? []
    : servicesOfAlertAt(scope, db, { ...at, messageId: thread });
}

/**
 * One sentence under the root cause of an alert that lists several services: which of them it says nothing of.
 * @param services of the alert, the worst first
 */
export function alsoNamed({ service, clusters }: Pack, services: readonly string[]): Block[] {
  const covered = new Set([service, ...clusters.map((cluster) => cluster.service)]);
  const others = services.filter((each) => !covered.has(each));
  const [first] = others;
  if (first === undefined) return [];
  const text: Inline[] = [
    `This looks at ${shownName(service)} and what it calls. The alert also names ${listed(others.map(shownName))}: type `,
    { code: `analyze ${quoted(first)}` },
    ".",
  ];
  return [{ kind: "text", text }];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}
