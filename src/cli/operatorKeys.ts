import { expires, keyName, scopes } from "../commands/keys/options.ts";
import { openDatabase } from "../database.ts";
import { UserError } from "../errors.ts";
import { createHashing } from "../keys/hashing.ts";
import { actingOutside, endKeys, issueKey, keyWasShown } from "../keys/issue.ts";
import { listKeys } from "../keys/store.ts";
import { createLog } from "../log.ts";
import { createDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { table } from "./terminal.ts";

/** Where the keys of an organisation are run without a chat: by whoever runs LogHunter, at its terminal. */
export interface KeysOf {
  url: string;
  /** The Loki organisation. */
  org: string;
}

async function withScope<T>({ url, org }: KeysOf, work: (scope: TenantScope) => Promise<T>): Promise<T> {
  const database = openDatabase({ url, log: createLog("warn") });
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

/** Prints a key once, to the terminal that asked for it. */
export async function createKey(
  of: KeysOf,
  given: { name: string; scopes: string; expires: string; cost: number },
): Promise<void> {
  const life = expires.parse(given.expires);
  const request = {
    name: keyName.parse(given.name),
    scopes: scopes.parse(given.scopes),
    ...(life !== "never" && { expiresAtMs: Date.now() + life }),
  };
  await withScope(of, async (scope) => {
    const acting = await actingOutside(scope, { kind: "operator" });
    const issued = await issueKey(acting, request, createHashing(given.cost));
    // It is shown in the next line, and nowhere else.
    const end = await keyWasShown(acting, issued, Date.now());
    if (end.outcome === "revoked")
      throw new UserError(
        `There is a key ${request.name} already. Choose another name, or revoke that one first.`,
      );
    console.log(issued.raw.raw);
    console.error("It is shown this once. Key channels of the organisation are told that it was made.");
  });
}

export async function printKeys(of: KeysOf): Promise<void> {
  await withScope(of, async (scope) => {
    const keys = await listKeys(scope);
    if (keys.length === 0) return console.log("No API keys.");
    const day = (ms: number | undefined, none: string) =>
      ms === undefined ? none : new Date(ms).toISOString().slice(0, 10);
    console.log(
      table(
        [
          ["NAME", "LAST FOUR", "ENDS", "LAST USED", "MAY"],
          ...keys.map((key) => [
            ...[key.name, key.lastFour, day(key.expiresAtMs, "never"), day(key.lastUsedAtMs, "never")],
            key.scopes.join(" "),
          ]),
        ],
        process.stdout.columns ?? 80,
      ),
    );
  });
}

export async function revokeKey(of: KeysOf, name: string): Promise<void> {
  await withScope(of, async (scope) => {
    const keys = await endKeys(await actingOutside(scope, { kind: "operator" }), name, Date.now());
    if (keys.length === 0) throw new UserError(`There is no key ${name.slice(0, 60)}.`);
    console.log(`Revoked ${keys[0]?.name}: it opens nothing any more, from a second after this.`);
  });
}
