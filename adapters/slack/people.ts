import type { Person } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import type { Account } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import { within } from "./pause.ts";

/** Who somebody is, as Slack vouches for them. */
export interface Known {
  person: Person;
  /** The workspaces they are a member of, as far as Slack tells; empty where it does not. */
  teams: readonly string[];
  enterpriseId: string | undefined;
  /** Of another organisation, seen in a shared channel. */
  isStranger: boolean;
}

export interface People {
  /** Bounded: where Slack does not tell in time they are nobody in particular, and no admin. Never throws. */
  find(account: Account, id: string, name: string | undefined): Promise<Known>;
  /** Without asking. */
  seen(workspace: string, id: string, name: string | undefined): Person;
}

export function createPeople(calls: Calls, now: () => number): People {
  const known = createRecent<{ who: Promise<Known | undefined>; settled?: Known; untilMs: number }>(KEPT);

  async function ask(account: Account, id: string, name: string | undefined): Promise<Known | undefined> {
    const asked = await calls.make(account, (client) => client.users.info({ user: id }));
    if (!asked.ok || asked.value.user === undefined) return undefined;
    const { user } = asked.value;
    const shown = [user.profile?.display_name, user.real_name, user.name, name].find((one) => one?.trim());
    const { tz, enterprise_user: enterprise } = user;
    return {
      person: {
        id,
        name: shown ?? id,
        platformAdmin: user.is_admin === true || user.is_owner === true || user.is_primary_owner === true,
        ...(tz !== undefined && isZone(tz) && { zone: tz }),
      },
      teams: [...(user.team_id === undefined ? [] : [user.team_id]), ...(enterprise?.teams ?? [])],
      enterpriseId: enterprise?.enterprise_id,
      isStranger: user.is_stranger === true,
    };
  }

  return {
    async find(account, id, name) {
      const key = `${account.workspace} ${id}`;
      let entry = known.get(key);
      if (entry === undefined || entry.untilMs <= now()) {
        const fresh: NonNullable<typeof entry> = { who: ask(account, id, name), untilMs: now() + KEPT_MS };
        entry = fresh;
        known.set(key, fresh);
        const settle = (who: Known | undefined) => {
          if (who === undefined) fresh.untilMs = now() + ASK_AGAIN_MS;
          else fresh.settled = who;
        };
        fresh.who.then(settle, () => settle(undefined));
      }
      return (await within(ASK_WITHIN_MS, entry.who, undefined)) ?? nobody(id, name);
    },
    seen: (workspace, id, name) =>
      known.get(`${workspace} ${id}`)?.settled?.person ?? nobody(id, name).person,
  };
}

/** An admin who is made or unmade is one to us after that time. */
const KEPT_MS = 5 * 60_000;
const ASK_AGAIN_MS = 30_000;
/** An answer is not held up longer by not knowing who asks. */
const ASK_WITHIN_MS = 2_000;
const KEPT = 5_000;

function nobody(id: string, name: string | undefined): Known {
  const person = { id, name: name ?? id, platformAdmin: false };
  return { person, teams: [], enterpriseId: undefined, isStranger: false };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether somebody may speak to the LogHunter of this account: in a channel that is shared with another
 * organisation, its people can type and press as well.
 * @param team the workspace that Slack named beside the act, where it did.
 */
export function belongs(
  { workspace, enterpriseId, isOrgWide }: Account,
  team: string | undefined,
  who: Known,
): boolean {
  if (who.isStranger) return false;
  if (who.teams.includes(workspace)) return true;
  const sameOrganisation =
    isOrgWide &&
    enterpriseId !== undefined &&
    (who.enterpriseId === enterpriseId || (who.enterpriseId === undefined && team === enterpriseId));
  if (sameOrganisation) return true;
  // Slack did not say who it is: what stands beside the act is all there is.
  return who.teams.length === 0 && (team === undefined || team === workspace);
}
