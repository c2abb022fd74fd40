/** What a key may do: the words in `api_keys.scopes`, and what people read beside them. */
export const SCOPES = {
  "read:analysis": "read root causes, jobs and error clusters",
  "write:analysis": "ask for root causes, and start them from another system's alert",
  "read:anomalies": "read anomalies, baselines, deploys and what is muted",
  "write:anomalies": "acknowledge, resolve and mute anomalies",
  "read:logs": "read log lines and count errors in them, redacted",
  "read:filters": "read saved filters",
  "write:filters": "save and delete filters",
  "write:deploys": "mark deploys",
  "read:audit": "read who did what",
  "admin:keys": "list, rotate and revoke API keys",
} as const;

export type KeyScope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES) as KeyScope[];

export function isKeyScope(word: string): word is KeyScope {
  return Object.hasOwn(SCOPES, word);
}
