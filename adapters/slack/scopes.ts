/** What the bot may do, each with what is lost without it: kept in step with manifest.yml and docs/slack.md. */
export const SCOPES: readonly { scope: string; without: string }[] = [
  { scope: "commands", without: "there is neither /loghunter nor “Explain this log”" },
  { scope: "chat:write", without: "nothing can be posted" },
  { scope: "app_mentions:read", without: "@LogHunter is not heard" },
  {
    scope: "users:read",
    without:
      "nobody is known to be an admin, nor a guest, nor to belong here where Slack does not say so beside the act: /loghunter and the Home tab are refused",
  },
  {
    scope: "channels:history",
    without: "questions in threads are not heard, and a post whose answer was lost may stand twice",
  },
  { scope: "groups:history", without: "the same in private channels" },
  { scope: "im:history", without: "direct messages are not heard" },
  { scope: "im:write", without: "nothing can be said to one person alone" },
  { scope: "files:write", without: "charts are told in words, and long texts are cut" },
];

export const SCOPE_NAMES: readonly string[] = SCOPES.map(({ scope }) => scope);

/** Sentences about what is missing of them. */
export function missingScopes(granted: readonly string[]): string[] {
  return SCOPES.filter(({ scope }) => !granted.includes(scope)).map(
    ({ scope, without }) =>
      `The scope ${scope} is missing: without it ${without}. Add it under OAuth & Permissions and install the app again.`,
  );
}
