import { expires, keyName, scopes } from "../commands/keys/options.ts";
import { openDatabase } from "../database.ts";
import { UserError } from "../errors.ts";
import { createHashing } from "../keys/hashing.ts";
import { actingOutside, endKeys, issueKey, keyWasShown } from "../keys/issue.ts";
import type { ApiKey } from "../keys/keyRow.ts";
import { findKey, listKeys } from "../keys/store.ts";
import { createLog } from "../log.ts";
import { createDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { CliError, EXIT } from "./exit.ts";
import { table } from "./terminal.ts";

/** The keys of an organisation without a chat: for whoever runs LogHunter, at its terminal. */
export interface OperatorKeys {
  /** Prints a new key once. */
  create(asked: { name: string; scopes: string; expires: string }): Promise<void>;
  list(): Promise<void>;
  revoke(name: string): Promise<void>;
}

export interface KeysOf {
  url: string;
  /** The Loki organisation. */
  org: string;
  /** bcrypt's. */
  cost: number;
}

export function keysOf({ url, org, cost }: KeysOf): OperatorKeys {
  async function withScope<T>(work: (scope: TenantScope) => Promise<T>): Promise<T> {
    const database = openDatabase({ url, log: createLog("silent") });
    try {
      const directory = createDirectory(database);
      const tenantId = await directory.tenantIdOf(org);
      const scope = tenantId === undefined ? undefined : await directory.scopeOf(tenantId);
      if (scope === undefined)
        throw new UserError(`There is no organisation "${org.slice(0, 60)}" in this database.`);
      return await work(scope);
    } finally {
      await database.close();
    }
  }

  return {
    async create(asked) {
      const life = typed(expires, asked.expires);
      const request = {
        name: typed(keyName, asked.name),
        scopes: typed(scopes, asked.scopes),
        ...(life !== "never" && { expiresAtMs: Date.now() + life }),
      };
      await withScope(async (scope) => {
        const taken = new UserError(
          `There is a key ${request.name} already. Choose another name, or revoke that one first.`,
        );
        // Looked for first: one that is made and revoked at once is told to the key channels, and stands in the audit.
        if ((await findKey(scope, request.name)) !== undefined) throw taken;
        const acting = await actingOutside(scope, { kind: "operator" });
        const issued = await issueKey(acting, request, createHashing(cost));
        // It is shown in the next line, and nowhere else.
        const end = await keyWasShown(acting, issued, Date.now());
        if (end.outcome === "revoked") throw taken;
        console.log(issued.raw.raw);
        console.error(
          "It is shown this once. The key channels of the organisation are told that it was made.",
        );
      });
    },
    list: () => withScope(async (scope) => console.log(tableOf(await listKeys(scope, Date.now())))),
    revoke: (name) =>
      withScope(async (scope) => {
        const acting = await actingOutside(scope, { kind: "operator" });
        const [revoked] = await endKeys(acting, name, Date.now());
        if (revoked === undefined) throw new UserError(`There is no key ${name.slice(0, 60)}.`);
        console.log(`Revoked ${revoked.name}: it opens nothing any more, from a second after this.`);
      }),
  };
}

/** What the chat's command says of an option, with the shell's code for what was typed wrong. */
function typed<T>({ parse }: { parse(raw: string): T }, raw: string): T {
  try {
    return parse(raw);
  } catch (error) {
    throw error instanceof UserError ? new CliError(error.message, EXIT.usage) : error;
  }
}

function tableOf(keys: readonly ApiKey[]): string {
  if (keys.length === 0) return "No API keys.";
  const day = (ms: number | undefined) =>
    ms === undefined ? "never" : new Date(ms).toISOString().slice(0, 10);
  const rows = keys.map(({ name, lastFour, expiresAtMs, lastUsedAtMs, scopes: may }) => [
    ...[name, lastFour, day(expiresAtMs), day(lastUsedAtMs)],
    may.join(" "),
  ]);
  return table([["NAME", "LAST FOUR", "ENDS", "LAST USED", "MAY"], ...rows], process.stdout.columns ?? 80);
}
