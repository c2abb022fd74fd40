import type { Installation as SlackInstallation } from "@slack/bolt";
import { createRecent } from "../../src/chat/recent.ts";
import type { Log } from "../../src/log.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import { isTokenRefused } from "./errors.ts";
import type { Installs } from "./installs.ts";

/** What the SDK makes of an installation: it renews a token that is about to end. */
export type Authorize = (source: {
  teamId: string | undefined;
  enterpriseId: string | undefined;
  isEnterpriseInstall: boolean;
}) => Promise<{ botToken?: string; botTokenExpiresAt?: number }>;

export interface InstalledParts {
  installs: Installs;
  authorize: Authorize;
  calls: Calls;
  log: Log;
  now: () => number;
}

/** The accounts of many workspaces, each by its own installation. */
export function createInstalledAccounts({ installs, authorize, calls, log, now }: InstalledParts): Accounts {
  const asking = new Map<string, Promise<Account | undefined>>();
  /** Used while what is kept cannot be read. */
  const lastKnown = createRecent<Account>(KEPT_ACCOUNTS);

  async function read(workspace: string, enterpriseId: string | undefined): Promise<Account | undefined> {
    const organisation = enterpriseId ?? (await installs.organisationOf(workspace));
    const query = { teamId: workspace, enterpriseId: organisation, isEnterpriseInstall: false };
    const before = await fetchOf(query);
    if (before === undefined) return undefined;
    const token = await freshToken(query, before);
    if (token === undefined) return undefined;
    if (before.isEnterpriseInstall && enterpriseId !== undefined) {
      await installs.noteOrganisation(workspace, enterpriseId);
    }
    return {
      workspace,
      name: before.team?.name ?? before.enterprise?.name ?? workspace,
      token,
      botUserId: before.bot?.userId,
      botId: before.bot?.id,
      enterpriseId: before.enterprise?.id,
      isOrgWide: before.isEnterpriseInstall === true,
    };
  }

  type Query = Parameters<Authorize>[0];

  async function fetchOf(query: Query): Promise<SlackInstallation | undefined> {
    try {
      return (await installs.store.fetchInstallation(query)) as SlackInstallation;
    } catch (error) {
      if (error instanceof Error && error.message === "not installed") return undefined;
      throw error;
    }
  }

  /** Renewed two hours before its end. A refresh token can be used once: another process may have been first. */
  async function freshToken(query: Query, before: SlackInstallation): Promise<string | undefined> {
    if (before.bot?.refreshToken === undefined) return before.bot?.token;
    const renewed = await authorize(query);
    if (renewed.botToken !== undefined && renewed.botToken !== before.bot.token) return renewed.botToken;
    const endsSoon = (before.bot.expiresAt ?? 0) * 1000 - now() < ENDS_SOON_MS;
    if (!endsSoon) return before.bot.token;
    const after = await fetchOf(query);
    return after?.bot?.token ?? renewed.botToken;
  }

  return {
    async find(workspace, enterpriseId) {
      if (workspace === "" && enterpriseId === undefined) return undefined;
      const key = `${workspace} ${enterpriseId ?? ""}`;
      // One renewal at a time: acts come in bursts.
      const reading = asking.get(key) ?? read(workspace, enterpriseId);
      asking.set(key, reading);
      try {
        const account = await reading;
        if (account === undefined) lastKnown.delete(workspace);
        else lastKnown.set(workspace, account);
        return account;
      } catch (err) {
        const known = lastKnown.get(workspace);
        if (known === undefined) throw err;
        log.warn({ err, workspace }, "slack: an installation cannot be read, and is used as last known");
        return known;
      } finally {
        asking.delete(key);
      }
    },

    async removed(workspace, enterpriseId, isOrgWide) {
      const id = isOrgWide && enterpriseId !== undefined ? enterpriseId : workspace;
      if (await isStillGood(workspace, enterpriseId)) {
        // Slack delivers again for minutes: since then it may have been installed anew.
        log.info({ workspace: id }, "slack: an installation that was told to be gone is good");
        return;
      }
      await installs.forget(id);
      lastKnown.delete(workspace);
      log.info({ workspace: id }, "slack: the app was removed, and what was kept of it with it");
    },
  };

  async function isStillGood(workspace: string, enterpriseId: string | undefined): Promise<boolean> {
    const account = await read(workspace, enterpriseId);
    if (account === undefined) return false;
    calls.tryTokenAgain(account);
    const tested = await calls.make(account, (client) => client.auth.test({}));
    return tested.ok || !isTokenRefused(tested);
  }
}

/** The SDK renews a token that ends within two hours (`install-provider.ts`, EXPIRY_WINDOW). */
const ENDS_SOON_MS = 2 * 60 * 60_000;
const KEPT_ACCOUNTS = 1_000;
