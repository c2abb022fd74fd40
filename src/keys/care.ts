import { listChannels } from "../alerting/channels.ts";
import { oweNotice } from "../alerting/deliveries.ts";
import { isDatabaseDown } from "../databaseTrouble.ts";
import type { Log } from "../log.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { keyEndsCard } from "./auditCards.ts";
import { listEnding, listNeverShown } from "./careStore.ts";
import { actingOutside, keyWasNotShown } from "./issue.ts";

/** Looks after keys while nobody does: says before one ends, and ends what nobody was shown. */
export interface KeyCare {
  /** For all tenants. Never throws. */
  run(): Promise<void>;
}

const TENANTS_A_TIME = 100;
/** So long before it ends a key's channel is told. */
const BEFORE_MS = 7 * 24 * 60 * 60_000;
/** Showing a key takes seconds; then whoever was to show it has died. */
const SHOWN_WITHIN_MS = 10 * 60_000;

export interface KeyCareParts {
  directory: Pick<TenantDirectory, "tenants">;
  wake(): void;
  log: Log;
  now: () => number;
}

export function createKeyCare({ directory, wake, log, now }: KeyCareParts): KeyCare {
  return {
    async run() {
      await forAll().catch(report);
      wake();
    },
  };

  function report(err: unknown): void {
    if (!isDatabaseDown(err)) log.error({ err }, "could not look after API keys");
  }

  async function forAll(): Promise<void> {
    let tenants: TenantScope[];
    let after: string | undefined;
    do {
      tenants = await directory.tenants(after, TENANTS_A_TIME);
      for (const scope of tenants) await careFor(scope).catch(report);
      after = tenants.at(-1)?.tenantId;
    } while (tenants.length === TENANTS_A_TIME);
  }

  async function careFor(scope: TenantScope): Promise<void> {
    await endNeverShown(scope);
    await remind(scope);
  }

  async function endNeverShown(scope: TenantScope): Promise<void> {
    const keys = await listNeverShown(scope, now() - SHOWN_WITHIN_MS);
    if (keys.length === 0) return;
    const acting = await actingOutside(scope, { kind: "loghunter" });
    for (const { id, name } of keys)
      await keyWasNotShown(acting, { id, name }, now(), "not known whether shown");
  }

  async function remind(scope: TenantScope): Promise<void> {
    const nowMs = now();
    const ending = (await listEnding(scope, { fromMs: nowMs, toMs: nowMs + BEFORE_MS })).filter(
      // One that was made for days is known to end.
      ({ createdAtMs, expiresAtMs }) => expiresAtMs - createdAtMs > BEFORE_MS,
    );
    if (ending.length === 0) return;
    const channels = await listChannels(scope, "keys");
    await scope.transaction(async (db) => {
      for (const key of ending)
        for (const { workspaceId, externalId: channel } of channels)
          await oweNotice(scope, db, {
            workspaceId,
            channel,
            notice: `key ends ${key.id}`,
            card: keyEndsCard(key),
          });
    });
  }
}
