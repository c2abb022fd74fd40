import { randomUUID } from "node:crypto";
import type { ActionHandler } from "./actions/action.ts";
import { explainLog } from "./analysis/explainLog.ts";
import { replyInThread } from "./analysis/replies.ts";
import type { Cache } from "./cache/cache.ts";
import type { Action, Card } from "./chat/card.ts";
import {
  asksForForm,
  findCommand,
  mistakesIn,
  nameCall,
  type OptionKind,
  parseCall,
  type Role,
} from "./chat/command.ts";
import { type Form, formOf } from "./chat/form.ts";
import type { ChatCore, ChatPlatform, FormAct, Inbound, Reply, Suggest } from "./chat/platform.ts";
import type { Call, Command } from "./commands/command.ts";
import { homeCard } from "./commands/home.ts";
import { isDatabaseDown } from "./database.ts";
import { UserError } from "./errors.ts";
import { listFilters } from "./filters/store.ts";
import type { Log } from "./log.ts";
import type { LogSource } from "./logs/source.ts";
import type { TenantDirectory, Workspace } from "./tenancy/directory.ts";
import { mayAct, roleOf } from "./tenancy/members.ts";

export interface RouterParts {
  catalogue: readonly Command[];
  actions: readonly ActionHandler[];
  directory: TenantDirectory;
  logs: LogSource;
  cache: Cache;
  platforms: readonly ChatPlatform[];
  log: Log;
  now: () => number;
}

/** Services that logged within this time are offered while one is typed. */
const SUGGEST_WITHIN_MS = 24 * 60 * 60_000;
const MAX_SUGGESTIONS = 25;
/** More saved filters than anybody picks from. */
const FILTERS_KNOWN = 1_000;

/** One Inbound in, one Reply out: the tenant is found, the role is checked, and errors become cards here and nowhere else. */
export function createRouter(parts: RouterParts): ChatCore {
  const { catalogue, actions, directory, log } = parts;

  return {
    catalogue,

    visibilityOf(call) {
      try {
        return parseCall(catalogue, call).definition.visibility;
      } catch {
        return "caller";
      }
    },

    async handle(inbound) {
      try {
        return await route(inbound);
      } catch (error) {
        return { kind: "message", visibility: "caller", card: errorCard(error, log) };
      }
    },

    opensForm(act) {
      if (act.kind === "press") return actionOf(act)?.opens === "form";
      try {
        return asksForForm(nameCall(catalogue, act.call));
      } catch {
        return false;
      }
    },

    async form(inbound) {
      try {
        return { form: await formFor(inbound) };
      } catch (error) {
        return { card: errorCard(error, log) };
      }
    },

    mistakes(call) {
      try {
        return mistakesIn(nameCall(catalogue, call));
      } catch {
        return {}; // Not of a field: whoever handles the call says what it is.
      }
    },

    async suggest(ask) {
      try {
        return await suggest(ask);
      } catch (err) {
        if (!isDatabaseDown(err)) log.warn({ err }, "could not complete what is typed");
        return [];
      }
    },
  };

  async function route(inbound: Inbound): Promise<Reply> {
    const { workspace, role, base } = await whoActs(inbound);

    switch (inbound.kind) {
      case "command": {
        const { definition, options } = parseCall(catalogue, inbound.call);
        checkRole(role, definition.role, definition.name);
        return findCommand(catalogue, definition.name).run({ ...base, options } satisfies Call);
      }
      case "press": {
        const action = actionOf(inbound);
        if (action?.opens !== "answer") throw new UserError(UNKNOWN_BUTTON);
        checkRole(role, action.role, "This button");
        return action.run({ ...base, subject: inbound.action.subject, message: inbound.message });
      }
      case "explain": {
        checkRole(role, "viewer", "Explaining a log");
        return {
          kind: "message",
          visibility: "channel",
          card: await explainLog(base.workspace().scope, inbound.text),
        };
      }
      case "home":
        return { kind: "message", visibility: "caller", card: await homeCard(workspace, role, parts) };
      case "reply": {
        const card = workspace && (await replyInThread(workspace, inbound, parts));
        if (card !== undefined) return { kind: "message", visibility: "channel", card };
        // For whoever asked only: others may be talking there with each other.
        return inbound.toBot
          ? { kind: "message", visibility: "caller", card: NOTHING_TO_ASK }
          : { kind: "silence" };
      }
    }
  }

  async function formFor(inbound: Inbound & FormAct): Promise<Form> {
    const { role, base } = await whoActs(inbound);
    if (inbound.kind === "command") {
      const { definition, given } = nameCall(catalogue, inbound.call);
      checkRole(role, definition.role, definition.name);
      return formOf(definition, { ...(await definition.prefill?.(base)), ...given });
    }
    const action = actionOf(inbound);
    if (action?.opens !== "form") throw new UserError(UNKNOWN_BUTTON);
    const definition = findCommand(catalogue, action.command);
    checkRole(role, definition.role, "This button");
    const press = { ...base, subject: inbound.action.subject, message: inbound.message };
    return formOf(definition, { ...(await definition.prefill?.(base)), ...(await action.values(press)) });
  }

  async function whoActs(inbound: Inbound) {
    const { id, place, person } = inbound;
    const workspace = await directory.findWorkspace(place.platform, place.workspace);
    const role = await roleIn(workspace, inbound);
    return { workspace, role, base: { id, place, person, workspace: () => connected(workspace) } };
  }

  function actionOf(press: { action: Action }): ActionHandler | undefined {
    return actions.find(({ name }) => name === press.action.name);
  }

  async function suggest({ place, command, option, typed }: Suggest): Promise<string[]> {
    const definition = catalogue.find((candidate) => candidate.name === command);
    const wanted = definition?.options.find((candidate) => candidate.name === option);
    if (wanted === undefined) return [];
    const candidates =
      wanted.choices ?? wanted.usual ?? (await valuesOf(wanted.kind, place.platform, place.workspace));
    if (!wanted.list) return bestMatches(candidates, typed);
    // Of several with commas between the last one is still typed.
    const before = typed.slice(0, typed.lastIndexOf(",") + 1);
    const left = candidates.filter((candidate) => !before.toLowerCase().split(",").includes(candidate));
    return bestMatches(left, typed.slice(before.length)).map((last) => before + last);
  }

  async function valuesOf(
    kind: OptionKind,
    platform: string,
    externalId: string,
  ): Promise<readonly string[]> {
    if (kind === "command") return catalogue.map((command) => command.name);
    if (kind !== "service" && kind !== "namespace" && kind !== "filter") return [];
    const workspace = await directory.findWorkspace(platform, externalId);
    if (workspace === undefined) return [];
    if (kind === "filter") return (await listFilters(workspace.scope, FILTERS_KNOWN)).map(({ name }) => name);
    const toMs = parts.now();
    const range = { fromMs: toMs - SUGGEST_WITHIN_MS, toMs };
    const org = workspace.scope.lokiOrgId;
    if (kind === "namespace") return parts.logs.namespaces(org, range);
    return [...new Set((await parts.logs.services(org, range)).map((ref) => ref.service))];
  }
}

const UNKNOWN_BUTTON = "That button is from another version of LogHunter. Run the command again.";

/** Under a message of the bot's that is no root cause somebody may be waiting for an answer. */
const NOTHING_TO_ASK: Card = {
  title: "Nothing can be asked about this message",
  tone: "neutral",
  body: [
    {
      kind: "text",
      text: [
        "I answer questions in the thread of a root cause: begin one with ",
        { code: "analyze <service>" },
        ", or with the button under a list of errors.",
      ],
    },
  ],
};

async function roleIn(workspace: Workspace | undefined, { person }: Inbound): Promise<Role> {
  if (workspace !== undefined) return roleOf(workspace, person);
  return person.platformAdmin ? "admin" : "viewer";
}

function connected(workspace: Workspace | undefined): Workspace {
  if (workspace !== undefined) return workspace;
  throw new UserError(
    "This workspace sees no logs yet. An admin connects it with: connect <loki org id> code:<code>. Whoever sees those logs already, or has the web console, gets the code with: tenant invite",
  );
}

function checkRole(role: Role, needed: Role, what: string): void {
  if (mayAct(role, needed)) return;
  throw new UserError(
    `${what} is for ${needed === "admin" ? "admins" : `${needed}s and admins`}, and you are a ${role}. Ask an admin.`,
  );
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

/** What the person sees of an error: what happened, what it means, what to do next. */
function errorCard(error: unknown, log: Log): Card {
  if (error instanceof UserError) return warning("That did not work", error.message);
  const reference = randomUUID().slice(0, 8);
  log.error({ err: error, reference }, "a request failed");
  return warning(
    "Something went wrong",
    `This is LogHunter's fault, not yours. Try again; if it stays, its log says more under reference ${reference}.`,
  );
}

function warning(title: string, text: string): Card {
  return { title, tone: "warning", badge: "NOT DONE", body: [{ kind: "text", text }] };
}
