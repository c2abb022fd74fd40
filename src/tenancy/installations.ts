import { createHash } from "node:crypto";
import type { Cache } from "../cache/cache.ts";
import { cacheForAll } from "../cache/keys.ts";
import type { Installations } from "../chat/installations.ts";
import type { Database } from "../database.ts";
import type { Keyring } from "../secrets/keyring.ts";

/** Begins the organisation of a workspace that is not connected: no log source can have it, since / is in no org id. */
const UNCONNECTED = "unconnected/";

export interface InstallationParts {
  database: Pick<Database, "directory">;
  keyring: Keyring;
  cache: Cache;
}

/** What workspaces gave at their installation, sealed, in their row. One that nobody connected yet waits in a tenant of its own. */
export function createInstallations({ database, keyring, cache }: InstallationParts): Installations {
  const { directory } = database;
  return {
    async save(platform, externalId, { workspaceName, installedBy, secret }) {
      const sealed = keyring.seal(secret, aboutOf(platform, externalId));
      const { rowCount } = await directory.query(
        `\
update workspaces set installation = $3, told_person = coalesce(told_person, $4)
where platform = $1 and external_id = $2`,
        [platform, externalId, sealed, installedBy],
      );
      if (rowCount === 1) return;
      const waiting = unconnectedOrg(platform, externalId);
      await directory.query(
        "insert into tenants (name, loki_org_id) values ($1, $2) on conflict (loki_org_id) do nothing",
        [workspaceName || externalId, waiting],
      );
      await directory.query(
        `\
insert into workspaces (tenant_id, platform, external_id, name, installation, told_person)
select id, $1, $2, $3, $4, $5 from tenants where loki_org_id = $6
on conflict (platform, external_id) do update set installation = excluded.installation`,
        [platform, externalId, workspaceName || externalId, sealed, installedBy, waiting],
      );
    },

    async find(platform, externalId) {
      const { rows } = await directory.query<{
        name: string;
        installation: string;
        told_person: string | null;
      }>(
        `\
select name, installation, told_person from workspaces
where platform = $1 and external_id = $2 and installation is not null`,
        [platform, externalId],
      );
      const row = rows[0];
      if (row === undefined) return undefined;
      return {
        workspaceName: row.name,
        installedBy: row.told_person ?? "",
        secret: keyring.open(row.installation, aboutOf(platform, externalId)),
      };
    },

    async forget(platform, externalId) {
      await directory.query(
        "update workspaces set installation = null where platform = $1 and external_id = $2",
        [platform, externalId],
      );
    },

    countClosed: () => inspectSealed({ directory }, keyring),

    async useOnce(word, withinMs) {
      // Whatever the adapter's word is made of, the key is not.
      const key = createHash("sha256").update(word).digest("hex");
      return (await cacheForAll(cache).take({ kind: "once", word: key }, 1, withinMs)).allowed;
    },
  };
}

/** The organisation of the tenant in which a workspace waits to be connected. */
export function unconnectedOrg(platform: string, externalId: string): string {
  return `${UNCONNECTED}${platform}/${externalId}`;
}

/** Whether an organisation is that of a workspace which waits to be connected. */
export function isUnconnected(lokiOrgId: string): boolean {
  return lokiOrgId.startsWith(UNCONNECTED);
}

/**
 * Seals with the newest key what was sealed with an older one, so that the older can be taken out of the ring.
 * @returns how many were sealed anew, and how many are sealed with the newest key now.
 */
export async function sealAnew(
  { directory }: Pick<Database, "directory">,
  keyring: Keyring,
): Promise<{ sealedAnew: number; all: number }> {
  let sealedAnew = 0;
  for (;;) {
    const { rows } = await directory.query<{ platform: string; external_id: string; installation: string }>(
      "select platform, external_id, installation from workspaces where installation is not null",
    );
    const old = rows.filter(({ installation }) => !keyring.isCurrent(installation));
    if (old.length === 0) return { sealedAnew, all: rows.length };
    for (const { platform, external_id, installation } of old) {
      const about = aboutOf(platform, external_id);
      const sealed = keyring.seal(keyring.open(installation, about), about);
      // Only in the place of what was read: where the workspace got new tokens meanwhile, those are read next, and may be sealed as before.
      const { rowCount } = await directory.query(
        `\
update workspaces set installation = $4
where platform = $1 and external_id = $2 and installation = $3`,
        [platform, external_id, installation, sealed],
      );
      sealedAnew += rowCount ?? 0;
    }
  }
}

/** What can be done with the tokens that are kept: with the keys there are, none of them where there is no keyring. */
export async function inspectSealed(
  { directory }: Pick<Database, "directory">,
  keyring: Keyring | undefined,
): Promise<{ all: number; closed: number; old: number }> {
  const { rows } = await directory.query<{ platform: string; external_id: string; installation: string }>(
    "select platform, external_id, installation from workspaces where installation is not null limit 500",
  );
  const opens = ({ platform, external_id, installation }: (typeof rows)[number]) => {
    try {
      return keyring?.open(installation, aboutOf(platform, external_id)) !== undefined;
    } catch {
      return false;
    }
  };
  return {
    all: rows.length,
    closed: rows.filter((row) => !opens(row)).length,
    old: rows.filter((row) => opens(row) && keyring?.isCurrent(row.installation) === false).length,
  };
}

function aboutOf(platform: string, externalId: string): string {
  return `${platform}/${externalId}`;
}
