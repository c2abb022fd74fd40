import { type RESTPostAPIApplicationCommandsJSONBody, Routes } from "discord.js";
import type { Log } from "../../src/log.ts";
import { type Api, tried } from "./api.ts";
import { type Patience, retrying } from "./retrying.ts";

/**
 * Makes Discord know the commands. What it has is compared first: a start that changes nothing writes nothing, since
 * Discord counts what is created in a day (https://discord.com/developers/docs/interactions/application-commands).
 */
export async function registerCommands(
  commands: readonly RESTPostAPIApplicationCommandsJSONBody[],
  application: string,
  { api, log, patience }: { api: Api; log: Log; patience: Patience },
): Promise<void> {
  const route = Routes.applicationCommands(application);
  const outcome = await retrying(async () => {
    const had = await tried(() => api.call<unknown[]>("GET", route));
    if (had.kind !== "done" || sameCommands(had.value, commands)) return had;
    return await tried(() => api.call<unknown[]>("PUT", route, { body: commands }));
  }, patience);
  if (outcome.kind !== "done")
    log.error({ why: outcome.why }, "discord: the commands could not be registered");
}

/** Whether Discord has these and no others, whatever it adds to what it is given. */
export function sameCommands(had: readonly unknown[], wanted: readonly unknown[]): boolean {
  const all = (commands: readonly unknown[]) => commands.map((one) => JSON.stringify(essence(one))).sort();
  return JSON.stringify(all(had)) === JSON.stringify(all(wanted));
}

/** Only what LogHunter sets, in one order, and not where it says what holds anyway. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (typeof value !== "object" || value === null) return value;
  const given = value as Record<string, unknown>;
  const type = given.type ?? 1;
  const kept = KEPT.flatMap((key) => {
    const one = key === "type" ? type : given[key];
    const isNothing = one === undefined || one === null || one === false || one === "";
    return isNothing || (Array.isArray(one) && one.length === 0) ? [] : [[key, essence(one)]];
  });
  return Object.fromEntries(kept);
}

const KEPT = [
  "type",
  "name",
  "description",
  "required",
  "autocomplete",
  "choices",
  "value",
  "max_length",
  "min_length",
  "contexts",
  "integration_types",
  "default_member_permissions",
  "options",
];
