import type { CommandDefinition, OptionKind } from "./chat/command.ts";
import type { ChatCore, Person, Place, Suggest } from "./chat/platform.ts";
import { isDatabaseDown } from "./databaseTrouble.ts";
import { listFilters } from "./filters/store.ts";
import type { Log } from "./log.ts";
import type { LogSource } from "./logs/source.ts";
import type { TenantDirectory } from "./tenancy/directory.ts";
import { mayAct, roleOf } from "./tenancy/members.ts";

export interface SuggestionParts {
  catalogue: readonly CommandDefinition[];
  directory: TenantDirectory;
  logs: LogSource;
  log: Log;
  now: () => number;
}

/** Services that logged within this time are offered while one is typed. */
const SUGGEST_WITHIN_MS = 24 * 60 * 60_000;
const MAX_SUGGESTIONS = 25;
/** More saved filters than anybody picks from. */
const FILTERS_KNOWN = 1_000;

/** Values for an option while it is typed. */
export function createSuggestions(parts: SuggestionParts): ChatCore["suggest"] {
  const { catalogue, directory, log } = parts;

  return async (ask) => {
    try {
      return await suggest(ask);
    } catch (err) {
      if (!isDatabaseDown(err)) log.warn({ err }, "could not complete what is typed");
      return [];
    }
  };

  async function suggest({ place, person, command, option, typed }: Suggest): Promise<string[]> {
    const definition = catalogue.find((candidate) => candidate.name === command);
    const wanted = definition?.options.find((candidate) => candidate.name === option);
    if (wanted === undefined) return [];
    const candidates = wanted.choices ?? wanted.usual ?? (await valuesOf(wanted.kind, place, person));
    if (!wanted.list) return bestMatches(candidates, typed);
    // Of several with commas between the last one is still typed.
    const before = typed.slice(0, typed.lastIndexOf(",") + 1);
    const left = candidates.filter((candidate) => !before.toLowerCase().split(",").includes(candidate));
    return bestMatches(left, typed.slice(before.length)).map((last) => before + last);
  }

  async function valuesOf(kind: OptionKind, place: Place, person: Person): Promise<readonly string[]> {
    if (kind === "command") return catalogue.map((command) => command.name);
    if (kind !== "service" && kind !== "namespace" && kind !== "filter") return [];
    const workspace = await directory.findWorkspace(place.platform, place.workspace);
    if (workspace === undefined || !mayAct(await roleOf(workspace, person), "viewer")) return [];
    if (kind === "filter") return (await listFilters(workspace.scope, FILTERS_KNOWN)).map(({ name }) => name);
    const toMs = parts.now();
    const range = { fromMs: toMs - SUGGEST_WITHIN_MS, toMs };
    const org = workspace.scope.lokiOrgId;
    if (kind === "namespace") return parts.logs.namespaces(org, range);
    return [...new Set((await parts.logs.services(org, range)).map((ref) => ref.service))];
  }
}

/** Those that begin with what is typed, then those that hold it. */
function bestMatches(candidates: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const begin = candidates.filter((candidate) => candidate.toLowerCase().startsWith(wanted));
  const hold = candidates.filter(
    (candidate) => !begin.includes(candidate) && candidate.toLowerCase().includes(wanted),
  );
  return [...begin, ...hold].slice(0, MAX_SUGGESTIONS);
}
