import { randomUUID } from "node:crypto";
import type { ActionHandler } from "./actions/action.ts";
import { reachAgain } from "./alerting/reachAgain.ts";
import type { Discussion } from "./analysis/discussion.ts";
import { explainLog } from "./analysis/explainLog.ts";
import { replyInThread } from "./analysis/replies.ts";
import { createRefusals } from "./audit/refusals.ts";
import type { Cache } from "./cache/cache.ts";
import { asksForForm, mistakesIn, nameCall, parseCall } from "./chat/call.ts";
import type { Action, Card } from "./chat/card.ts";
import { findCommand, type Role } from "./chat/command.ts";
import { type Form, formOf } from "./chat/form.ts";
import type { ChatCore, ChatPlatform, FormAct, Inbound, Reply } from "./chat/platform.ts";
import type { Call, Command } from "./commands/command.ts";
import { homeCard } from "./commands/home.ts";
import { UserError } from "./errors.ts";
import type { Log } from "./log.ts";
import { withoutOwnKeys } from "./logs/redaction/ownKeys.ts";
import type { LogSource } from "./logs/source.ts";
import type { Models } from "./models/tenantModel.ts";
import { keysIn, PASTED, withoutPastedKeys } from "./pastedKeys.ts";
import { createSuggestions } from "./suggestions.ts";
import type { ActWatch } from "./telemetry/acts.ts";
import type { TenantDirectory, Workspace } from "./tenancy/directory.ts";
import { mayAct, roleOf } from "./tenancy/members.ts";

export interface RouterParts {
  catalogue: readonly Command[];
  actions: readonly ActionHandler[];
  directory: TenantDirectory;
  logs: LogSource;
  cache: Cache;
  platforms: readonly ChatPlatform[];
  discussion: Discussion;
  models: Models;
  watch: ActWatch;
  log: Log;
  now: () => number;
}

/** One Inbound in, one Reply out: the tenant is found, the role is checked, and errors become cards here and nowhere else. */
export function createRouter(parts: RouterParts): ChatCore {
  const { catalogue, actions, directory, platforms, watch, log } = parts;
  const suggest = createSuggestions(parts);
  const refusals = createRefusals(parts);

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
        return await watch.answer(inbound, async () => route(withoutPastedKeys(inbound)));
      } catch (error) {
        const mistake = error instanceof UserError ? { mistake: shownMistake(error) } : {};
        return { kind: "message", visibility: "caller", card: errorCard(error, log), ...mistake };
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
        return { form: await watch.form(inbound, async () => formFor(withoutPastedKeys(inbound))) };
      } catch (error) {
        return { card: errorCard(error, log) };
      }
    },

    mistakes(call) {
      const pasted = keysIn(call);
      if (pasted.length > 0) return Object.fromEntries(pasted.map((option) => [option, PASTED]));
      try {
        return mistakesIn(nameCall(catalogue, call));
      } catch {
        return {}; // Not of a field: whoever handles the call says what it is.
      }
    },

    suggest,
    reachAgain: (at) => reachAgain(parts, at),
  };

  async function route(inbound: Inbound): Promise<Reply> {
    const { workspace, role, base } = await whoActs(inbound);

    switch (inbound.kind) {
      case "command": {
        const { definition, options, whole } = parseCall(catalogue, inbound.call);
        mayDo(inbound, workspace, role, definition.role, definition.name);
        return findCommand(catalogue, definition.name).run({ ...base, options, whole } satisfies Call);
      }
      case "press": {
        const action = actionOf(inbound);
        if (action?.opens !== "answer") throw new UserError(UNKNOWN_BUTTON);
        mayDo(inbound, workspace, role, action.role, "This button");
        return action.run({ ...base, subject: inbound.action.subject, message: inbound.message });
      }
      case "explain": {
        checkRole(inbound, role, "viewer", "Explaining a log");
        return explainLog(base.workspace().scope, inbound.text);
      }
      case "home":
        if (workspace !== undefined) checkRole(inbound, role, "viewer", "This page");
        return { kind: "message", visibility: "caller", card: await homeCard(workspace, role, parts) };
      case "reply": {
        if (!mayAct(role, "viewer") && !inbound.toBot) return { kind: "silence" };
        checkRole(inbound, role, "viewer", "Asking");
        const reply = workspace && (await replyInThread(workspace, inbound, parts));
        if (reply !== undefined) return reply;
        // For whoever asked only: others may be talking there with each other.
        return inbound.toBot
          ? { kind: "message", visibility: "caller", card: NOTHING_TO_ASK }
          : { kind: "silence" };
      }
    }
  }

  async function formFor(inbound: Inbound & FormAct): Promise<Form> {
    const { workspace, role, base } = await whoActs(inbound);
    if (inbound.kind === "command") {
      const { definition, given } = nameCall(catalogue, inbound.call);
      mayDo(inbound, workspace, role, definition.role, definition.name);
      // All that is asked for in a form is of an organisation: said before it is filled in, not after.
      base.workspace();
      return formOf(definition, { ...(await definition.prefill?.(base)), ...given });
    }
    const action = actionOf(inbound);
    if (action?.opens !== "form") throw new UserError(UNKNOWN_BUTTON);
    const definition = findCommand(catalogue, action.command);
    mayDo(inbound, workspace, role, definition.role, "This button");
    const press = { ...base, subject: inbound.action.subject, message: inbound.message };
    return formOf(definition, { ...(await definition.prefill?.(base)), ...(await action.values(press)) });
  }

  async function whoActs(inbound: Inbound) {
    const { id, place, person } = inbound;
    const workspace = await directory.findWorkspace(place.platform, place.workspace);
    const role = await roleIn(workspace, inbound);
    return {
      workspace,
      role,
      base: { id, place, person, workspace: () => workspace ?? notConnected(place.platform) },
    };
  }

  /** @throws UserError where the role does not allow it; that it was tried is kept. */
  function mayDo(
    inbound: Inbound,
    workspace: Workspace | undefined,
    role: Role | undefined,
    needed: Role,
    what: string,
  ): void {
    if (workspace !== undefined && !mayAct(role, needed))
      refusals.note(workspace, inbound, nameOf(inbound, what), needed);
    checkRole(inbound, role, needed, what);
  }

  function notConnected(platform: string): never {
    const word = platforms.find(({ name }) => name === platform)?.workspaceWord ?? "workspace";
    throw new UserError(
      `This ${word} sees no logs yet. An admin connects it with: /loghunter connect org:<loki org id> code:<code>. The code is what /loghunter tenant invite answers, in the web console or in a ${word} that sees those logs already.`,
    );
  }

  function actionOf(press: { action: Action }): ActionHandler | undefined {
    return actions.find(({ name }) => name === press.action.name);
  }
}

function nameOf(inbound: Inbound, what: string): string {
  return inbound.kind === "press" ? `button ${inbound.action.name}` : what;
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
        "I answer questions in the thread of a root cause. Under an alert or a list of errors its button begins one, and elsewhere ",
        { code: "analyze <service>" },
        "; then ask again.",
      ],
    },
  ],
};

async function roleIn(workspace: Workspace | undefined, { person }: Inbound): Promise<Role | undefined> {
  if (workspace !== undefined) return roleOf(workspace, person);
  return person.platformAdmin ? "admin" : "viewer";
}

function checkRole({ person }: Inbound, role: Role | undefined, needed: Role, what: string): void {
  if (mayAct(role, needed)) return;
  if (role === undefined) {
    // By the id, which every platform takes as it stands: a mention that is copied is none.
    throw new UserError(
      `Guests of this workspace see no logs. An admin can give you a role, with: members role ${person.id} viewer`,
    );
  }
  throw new UserError(
    `${what} is for ${needed === "admin" ? "admins" : `${needed}s and admins`}, and you are a ${role}. Ask an admin.`,
  );
}

/** What the person sees of an error: what happened, what it means, what to do next. */
function errorCard(error: unknown, log: Log): Card {
  if (error instanceof UserError) return warning("That did not work", shownMistake(error));
  const reference = randomUUID().slice(0, 8);
  log.error({ err: error, reference }, "a request failed");
  return warning(
    "Something went wrong",
    `This is LogHunter's fault, not yours. Try again; if it stays, its log says more under reference ${reference}.`,
  );
}

function shownMistake({ message }: UserError): string {
  return withoutOwnKeys(message);
}

function warning(title: string, text: string): Card {
  return { title, tone: "warning", badge: "NOT DONE", body: [{ kind: "text", text }] };
}
