import { setTimeout as pause } from "node:timers/promises";
import type { ChatPlatform } from "../chat/platform.ts";
import { isDatabaseDown } from "../databaseTrouble.ts";
import type { Faults } from "../faultPoints.ts";
import type { Log } from "../log.ts";
import { onceAMinute } from "../onceAMinute.ts";
import { NO_TRACES, type Traces } from "../telemetry/traces.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { askInThread } from "./askInThread.ts";
import { claimDeliveries, type Lease, settleDelivery } from "./claims.ts";
import type { OwedDelivery } from "./deliveries.ts";
import { createSend } from "./send.ts";

export interface DelivererParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  log: Log;
  /** Another clock than the database's for what is due, for leases, and for how long a question was asked ago. */
  clock?: () => number;
  /** A uuid of this process, for the leases it holds. */
  owner: string;
  /** For everything one delivery asks of its platform; what has not answered by then counts as unknown. */
  sendTimeoutMs?: number;
  /** How long an episode's message stands before it is edited again. */
  editsApartMs?: number;
  /** From one message to the next in a channel. */
  channelApartMs?: number;
  /** Longer than `sendTimeoutMs`, so that nobody else sends while this one may still arrive. */
  leaseMs?: number;
  faults?: Faults;
  traces?: Traces;
  /** Begins to look for a root cause that was asked for; what it does not begin is begun later by whoever looks for it. */
  analyse?: (scope: TenantScope) => Promise<void>;
}

export interface Deliverer {
  /** Something may be due now. */
  wake(): void;
  /** Finishes what is being sent, as far as its platform answers soon. */
  stop(): Promise<void>;
}

const SEND_TIMEOUT_MS = 20_000;
/** Platforms slow an app down that edits more often, and nobody reads faster. */
const EDITS_APART_MS = 5_000;
/**
 * Slack asks for one a second: https://docs.slack.dev/apis/web-api/rate-limits. Discord allows five in five. A little more, since
 * one may catch up with another on the way: at one second it was 1.01 a second where they arrive.
 */
const CHANNEL_APART_MS = 1_050;
const LEASE_MS = 30_000;
/** What a platform has not taken by then when the process ends is, as after a kill, looked for once its lease is over. */
const STOP_MS = 1_000;
const POLL_MS = 500;
/** Tenants served at once, beside those that wait for a slow platform. */
const TENANTS = 50;
/** Messages sent at once for one tenant, each to another channel; and for all, but for each tenant's first. */
const SENDS_A_TENANT = 32;
const SENDS = 128;

/** Sends what is owed, from whatever process owes it: a row is claimed, sent, and settled by what came of it. */
export function startDeliverer(parts: DelivererParts): Deliverer {
  const { directory, platforms, log, clock, owner, sendTimeoutMs = SEND_TIMEOUT_MS } = parts;
  const {
    editsApartMs = EDITS_APART_MS,
    channelApartMs = CHANNEL_APART_MS,
    leaseMs = LEASE_MS,
    faults,
    traces = NO_TRACES,
  } = parts;
  // Who is told that a message was refused is told while nobody else may send it.
  const tellTimeoutMs = (leaseMs - sendTimeoutMs) / 2;
  const send = createSend({ directory, platforms, log, sendTimeoutMs, tellTimeoutMs, faults, traces });
  // Twice a second for each tenant it would help to fill the disk that is full.
  const complain = onceAMinute((err) => log.error({ err }, "could not send what is owed"));
  /** By tenant, so that one whose platform does not answer holds up nobody else. */
  const sending = new Map<string, Promise<void>>();
  let sends = 0;
  let stopped = false;
  let sleeper: { timer: NodeJS.Timeout; resolve: () => void } | undefined;
  let awake = false;

  const running = (async () => {
    while (!stopped) {
      awake = false;
      await startSending().catch(report);
      if (!awake && !stopped) await sleep();
    }
    const sent = Promise.all(sending.values());
    await Promise.race([sent, pause(STOP_MS, undefined, { ref: false })]);
  })();

  return {
    wake() {
      awake = true;
      sleeper?.resolve();
    },
    async stop() {
      stopped = true;
      sleeper?.resolve();
      await running;
    },
  };

  function sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      sleeper = {
        timer,
        resolve() {
          clearTimeout(timer);
          resolve();
        },
      };
    });
  }

  function report(err: unknown): void {
    if (!isDatabaseDown(err)) complain(err);
  }

  async function startSending(): Promise<void> {
    for (const scope of await directory.tenantsWithDueDeliveries(clock?.(), TENANTS + sending.size)) {
      if (stopped) return;
      if (sending.has(scope.tenantId)) continue;
      const sent = sendDue(scope)
        .catch(report)
        .finally(() => sending.delete(scope.tenantId));
      sending.set(scope.tenantId, sent);
    }
  }

  /** As many at once as there are channels that may be written to: a lease begins when its sending does, and ends after it. */
  async function sendDue(scope: TenantScope): Promise<void> {
    const inHand = new Set<Promise<void>>();
    try {
      while (!stopped) {
        const room = Math.min(
          SENDS_A_TENANT - inHand.size,
          Math.max(SENDS - sends, inHand.size === 0 ? 1 : 0),
        );
        const owed = room > 0 ? await claimDeliveries(scope, lease(), room) : [];
        for (const each of owed) {
          sends++;
          const sent = sendOne(scope, each).finally(() => {
            sends--;
            inHand.delete(sent);
          });
          inHand.add(sent);
        }
        if (owed.length === 0 && inHand.size === 0) return;
        if (owed.length === 0 || owed.length === room) await Promise.race(inHand);
      }
    } finally {
      await Promise.all(inHand);
    }
  }

  function lease(): Lease {
    return { owner, forMs: leaseMs, channelApartMs, editsApartMs, nowMs: clock?.() };
  }

  /** Never throws: what could not be settled is sent again when its lease is over, and found where it stands. */
  async function sendOne(scope: TenantScope, owed: OwedDelivery): Promise<void> {
    try {
      await faults?.("delivery: claimed");
      const settled = await send(scope, owed);
      await faults?.("delivery: before settling");
      const asked = await scope.transaction(async (db) => {
        await settleDelivery(scope, db, owed.id, lease(), settled);
        const id =
          settled.state === "sent" ? await askInThread(scope, db, owed, settled.messageId) : undefined;
        await faults?.("delivery: before commit");
        return id;
      });
      await faults?.("delivery: settled");
      if (asked !== undefined) await parts.analyse?.(scope);
    } catch (err) {
      report(err);
    }
  }
}
