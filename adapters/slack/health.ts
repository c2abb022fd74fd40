import type { PlatformHealth } from "../../src/chat/platform.ts";
import type { Account } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import { isTokenRefused } from "./errors.ts";
import { missingScopes } from "./scopes.ts";

/** What works in a workspace and what does not, as Slack answers now. */
export async function readHealth(
  calls: Calls,
  account: Account,
  trouble: string | undefined,
): Promise<PlatformHealth> {
  // Whoever asks may have mended it.
  calls.tryTokenAgain(account);
  const tested = await calls.make(account, (client) => client.auth.test({}));
  if (!tested.ok) {
    const summary = isTokenRefused(tested)
      ? `Slack does not accept the token of ${account.name}: ${tested.why}.`
      : `Slack did not answer: ${tested.why}.`;
    return { ok: false, summary, warnings: trouble === undefined ? [] : [trouble] };
  }
  const scopes = tested.value.response_metadata?.scopes;
  const warnings = scopes === undefined ? [] : missingScopes(scopes);
  if (trouble !== undefined) return { ok: false, summary: trouble, warnings };
  return { ok: true, summary: `Connected to ${tested.value.team ?? account.name} on Slack.`, warnings };
}
