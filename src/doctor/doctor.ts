import type { Cache } from "../cache/cache.ts";
import type { Database } from "../database.ts";
import type { LogSource } from "../logs/source.ts";
import type { Models } from "../models/tenantModel.ts";
import type { Keyring } from "../secrets/keyring.ts";
import type { Workspace } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { apiCheck } from "./api.ts";
import { archiveCheck } from "./archive.ts";
import { cacheCheck } from "./cache.ts";
import { type ChatParts, chatChecks } from "./chats.ts";
import { type Check, type Finding, runChecks } from "./check.ts";
import { databaseChecks } from "./database.ts";
import { logsCheck } from "./logs.ts";
import { diskCheck, sealedCheck } from "./machine.ts";
import { modelChecks, modelUseCheck } from "./models.ts";
import { workChecks } from "./work.ts";

export interface DoctorParts extends StoredParts, ServiceParts, TenantParts {
  /** Where the API is; undefined where none is served. */
  apiUrl: () => string | undefined;
  /** How long one check may take. */
  withinMs?: number;
}

export interface StoredParts {
  databaseUrl: string;
  database: Pick<Database, "directory">;
  keyring?: Keyring;
}

export interface ServiceParts {
  cache: Pick<Cache, "health">;
  models: Models;
  /** Where LogHunter keeps its files. */
  stateDirectory?: string;
  /** LogHunter may never have been started, which makes that folder. */
  mayBeUnstarted?: boolean;
}

export interface TenantParts extends ChatParts {
  /** Absent where only the running LogHunter reads them. */
  logs?: LogSource;
  models: Models;
  now: () => number;
}

/** Looks at everything that LogHunter needs. */
export interface Doctor {
  /** As somebody of a workspace may see it: the installation, and what is of their organisation. */
  examine(workspace: Workspace): Promise<Finding[]>;
}

/** Longer than one answer of Loki or Slack should take; a person waits. */
export const WITHIN_MS = 10_000;

export function createDoctor(parts: DoctorParts): Doctor {
  return {
    async examine(workspace) {
      const checks = [
        ...storedChecks(parts),
        ...serviceChecks(parts),
        apiCheck(parts.apiUrl),
        ...(await tenantChecks(workspace.scope, parts, workspace)),
      ];
      return runChecks(checks, parts.withinMs ?? WITHIN_MS);
    },
  };
}

/** What is in the database, whoever's it is. */
export function storedChecks({ databaseUrl, database, keyring }: StoredParts): Check[] {
  return [...databaseChecks(databaseUrl), archiveCheck(databaseUrl), sealedCheck(database, keyring)];
}

/** What all organisations share beside it. */
export function serviceChecks({ cache, models, stateDirectory, mayBeUnstarted }: ServiceParts): Check[] {
  return [
    cacheCheck(cache),
    ...modelChecks(models),
    ...(stateDirectory === undefined
      ? []
      : [diskCheck(stateDirectory, { mayBeMissing: mayBeUnstarted === true })]),
  ];
}

/** What is one organisation's. */
export async function tenantChecks(
  scope: TenantScope,
  parts: TenantParts,
  own?: Workspace,
): Promise<Check[]> {
  const { logs, models, now } = parts;
  return [
    ...(logs === undefined ? [] : [logsCheck(scope.lokiOrgId, { logs, now })]),
    ...(await chatChecks(scope, parts, own)),
    ...workChecks(scope, parts),
    ...(models.all.length === 0 ? [] : [modelUseCheck(scope, models)]),
  ];
}
