import type { webApi } from "@slack/bolt";
import type { Person } from "../../src/chat/platform.ts";
import { createRecent } from "../../src/chat/recent.ts";
import type { Account } from "./accounts.ts";
import type { Called, Calls } from "./calls.ts";
import { within } from "./pause.ts";

/** Who somebody is, as Slack vouches for them. */
interface Known {
  person: Person;
  /** The workspaces they are a member of, as far as Slack tells; empty where it does not. */
  teams: readonly string[];
  enterpriseId: string | undefined;
  /** Of another organisation, seen in a shared channel. */
  isStranger: boolean;
}

export type Admission =
  | { isIn: true; person: Person }
  | { isIn: false; because: "another workspace" }
  /** It cannot be known whether they belong here, or what they may do. Lasting: until somebody mends something. */
  | { isIn: false; because: "not told"; why: string; isLasting: boolean };

export interface Actor {
  id: string;
  name: string | undefined;
  /** Their own workspace, where Slack names it beside the act. */
  team: string | undefined;
}

export interface People {
  /**
   * Whether somebody may speak to the LogHunter of this account: in a channel that is shared with another
   * organisation, its people can type and press as well. Bounded, and never throws: where Slack does not tell in time
   * what it told within the last hour goes on to hold, and without that nobody is let in.
   */
  admit(account: Account, actor: Actor): Promise<Admission>;
}

export function createPeople(calls: Calls, now: () => number): People {
  const asked = createRecent<{ answer: Promise<Called<Known>>; untilMs: number }>(KEPT);
  const lastKnown = createRecent<{ known: Known; untilMs: number }>(KEPT);

  async function ask(account: Account, { id, name }: Actor): Promise<Called<Known>> {
    const called = await calls.make(account, (client) => client.users.info({ user: id }));
    if (!called.ok) return called;
    const { user } = called.value;
    return user === undefined ? NOBODY_NAMED : { ok: true, value: knownOf(user, id, name) };
  }

  function askAnew(account: Account, actor: Actor, key: string): Promise<Called<Known>> {
    const asking = { answer: ask(account, actor), untilMs: now() + KEPT_MS };
    asked.set(key, asking);
    const failed = (isLasting: boolean) => {
      asking.untilMs = now() + (isLasting ? MENDED_AFTER_MS : ASK_AGAIN_MS);
    };
    asking.answer.then(
      (told) => {
        if (told.ok) lastKnown.set(key, { known: told.value, untilMs: now() + STILL_GOOD_MS });
        else failed(told.outcome === "refused");
      },
      () => failed(false),
    );
    return asking.answer;
  }

  async function find(account: Account, actor: Actor): Promise<Called<Known>> {
    const key = `${account.workspace} ${actor.id}`;
    const before = asked.get(key);
    const answer =
      before !== undefined && now() < before.untilMs ? before.answer : askAnew(account, actor, key);
    const told = await within(ASK_WITHIN_MS, answer, TOO_SLOW);
    if (told.ok) return told;
    const last = lastKnown.get(key);
    return last !== undefined && now() < last.untilMs ? { ok: true, value: last.known } : told;
  }

  return {
    async admit(account, actor) {
      const told = await find(account, actor);
      if (told.ok) {
        const { person, teams } = told.value;
        if (belongs(account, actor.team, told.value)) return { isIn: true, person };
        if (teams.length === 0 && actor.team === undefined)
          return { isIn: false, because: "not told", why: "it named no workspace", isLasting: true };
        return { isIn: false, because: "another workspace" };
      }
      const isOurs = isOwnTeam(account, actor.team);
      // Left out on purpose, as docs/slack.md allows: then nobody is an admin, and nobody acts with less than is theirs.
      if (isOurs && told.code === "missing_scope") {
        const { id, name } = actor;
        return { isIn: true, person: { id, name: name ?? id, platformAdmin: false } };
      }
      if (actor.team !== undefined && !isOurs && !account.isOrgWide)
        return { isIn: false, because: "another workspace" };
      return { isIn: false, because: "not told", why: told.why, isLasting: told.outcome === "refused" };
    },
  };
}

/** An admin who is made or unmade is one to us after that time. */
const KEPT_MS = 5 * 60_000;
/** Through an outage of Slack's people keep what they are. Longer, and somebody who has left would still be let in. */
const STILL_GOOD_MS = 60 * 60_000;
/** Who was turned away is told to try again in a moment. */
const ASK_AGAIN_MS = 2_000;
const MENDED_AFTER_MS = 30_000;
/** An answer is not held up longer by not knowing who asks. */
const ASK_WITHIN_MS = 2_000;
const KEPT = 5_000;

const TOO_SLOW: Called<Known> = { ok: false, outcome: "unknown", why: "it did not answer in time" };
const NOBODY_NAMED: Called<Known> = { ok: false, outcome: "unknown", why: "it named nobody" };

type SlackUser = NonNullable<webApi.UsersInfoResponse["user"]>;

function knownOf(user: SlackUser, id: string, name: string | undefined): Known {
  const shown = [user.profile?.display_name, user.real_name, user.name, name].find((one) => one?.trim());
  const { tz, enterprise_user: enterprise } = user;
  // Of several channels, and of one alone.
  const isGuest = user.is_restricted === true || user.is_ultra_restricted === true;
  return {
    person: {
      id,
      name: shown ?? id,
      platformAdmin: user.is_admin === true || user.is_owner === true || user.is_primary_owner === true,
      ...(isGuest && { guest: true }),
      ...(tz !== undefined && isZone(tz) && { zone: tz }),
    },
    teams: [...(user.team_id === undefined ? [] : [user.team_id]), ...(enterprise?.teams ?? [])],
    enterpriseId: enterprise?.enterprise_id,
    isStranger: user.is_stranger === true,
  };
}

function belongs(account: Account, team: string | undefined, who: Known): boolean {
  if (who.isStranger) return false;
  if (who.teams.includes(account.workspace)) return true;
  const { isOrgWide, enterpriseId } = account;
  const sameOrganisation =
    isOrgWide &&
    enterpriseId !== undefined &&
    (who.enterpriseId === enterpriseId || (who.enterpriseId === undefined && team === enterpriseId));
  if (sameOrganisation) return true;
  // Slack did not say of what they are a member: what stands beside the act is all there is.
  return who.teams.length === 0 && isOwnTeam(account, team);
}

/** Whether the workspace that Slack named beside the act is the account's own, or its organisation. */
function isOwnTeam({ workspace, isOrgWide, enterpriseId }: Account, team: string | undefined): boolean {
  return team !== undefined && (team === workspace || (isOrgWide && team === enterpriseId));
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
