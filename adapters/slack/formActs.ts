import type { App, types } from "@slack/bolt";
import type { Card } from "../../src/chat/card.ts";
import { type CommandDefinition, findCommand } from "../../src/chat/command.ts";
import { formCall } from "../../src/chat/form.ts";
import type { ChatCore, FormAct, Inbound } from "../../src/chat/platform.ts";
import { holdsOwnKey } from "../../src/logs/redaction/ownKeys.ts";
import type { Answers, Asker } from "./answers.ts";
import type { Calls } from "./calls.ts";
import type { Failure } from "./errors.ts";
import { choice, FORM, type FormOrigin, formView, readForm, valuesOf } from "./forms.ts";
import { answerAtHome } from "./home.ts";
import { acknowledge, type Hearing, vouched } from "./inbound.ts";
import { MAX_OPTIONS, MISTAKE_WITHIN_MS, OPEN_FORM_WITHIN_MS, SUGGEST_WITHIN_MS } from "./limits.ts";
import { within } from "./pause.ts";
import { blockSuggestion, viewSubmission } from "./payloads.ts";
import { type Arrival, PLATFORM } from "./reception.ts";

/** Opens the forms of the core as modals. */
export interface Forms {
  open(inbound: Inbound & FormAct, asker: Asker, triggerId: string, origin: FormOrigin): Promise<void>;
}

export function createForms(core: ChatCore, calls: Calls, answers: Answers): Forms {
  return {
    async open(inbound, asker, triggerId, origin) {
      const asked = await within(OPEN_FORM_WITHIN_MS, core.form(inbound), undefined);
      if (asked === undefined) return answers.whisper(asker, TOO_LATE);
      if ("card" in asked) return answers.whisper(asker, asked.card);
      const { form } = asked;
      const definition = findCommand(core.catalogue, form.command);
      const view = formView(definition, form, origin);
      const opened = await calls.make(asker.account, (client) =>
        client.views.open({ trigger_id: triggerId, view }),
      );
      if (!opened.ok) await answers.whisper(asker, notOpened(opened, definition));
    },
  };
}

/** Forms that are sent off, and the values that are offered while one is filled in. */
export function hearForms(
  app: App,
  { core, reception, answers, home, people, accounts, log }: Hearing,
): void {
  app.view(
    { callback_id: new RegExp(`^${FORM}`), type: "view_submission" },
    async ({ ack, body, context }) => {
      const parsed = viewSubmission.safeParse(body);
      const opened = parsed.success ? readForm(parsed.data.view) : undefined;
      if (!parsed.success || opened === undefined) return acknowledge(log, () => ack());
      const { view, user, trigger_id: trigger } = parsed.data;
      const { command, origin } = opened;
      const call = formCall(command, { ...origin.given, ...valuesOf(view.state) });
      const errors = besideFields(core.mistakes(call), Object.keys(view.state.values));
      if (errors !== undefined) return acknowledge(log, () => ack({ response_action: "errors", errors }));

      const { channel, thread, message, isEphemeral } = origin;
      const at = { channel, ...(thread !== undefined && { thread }) };
      const arrival = {
        ...vouched(context),
        // One that stays open is sent off again.
        actId: `form:${user.id}:${view.id}:${trigger ?? view.hash ?? ""}`,
        userId: user.id,
        userName: user.username ?? user.name ?? undefined,
        userTeam: user.team_id ?? undefined,
        responseUrl: undefined,
        at,
        ...(message !== undefined && { pressed: { message, isEphemeral: isEphemeral === true } }),
      };
      let say: (mistake: string | undefined) => void = () => undefined;
      const said = new Promise<string | undefined>((resolve) => {
        say = resolve;
      });
      const shown = within(MISTAKE_WITHIN_MS, said, undefined);
      const received = reception.receive(arrival, async ({ person, asker, placeOf }) => {
        const reply = await core.handle({
          kind: "command",
          id: arrival.actId,
          place: placeOf(at),
          person,
          call,
        });
        say(reply.kind === "message" ? reply.mistake : undefined);
        // It stands in the form, which is still open.
        if ((await shown) !== undefined) return;
        // Only the Home tab is in no channel.
        if (channel === "") return answerAtHome({ home, answers }, { asker, person }, reply, arrival.actId);
        await answers.give(asker, reply);
      });
      // Whoever was turned away has been told why: nothing of that is a field's.
      void received.then(() => say(undefined));
      const mistake = await shown;
      await acknowledge(log, () =>
        mistake === undefined
          ? ack()
          : ack({ response_action: "errors", errors: besideField(mistake, Object.keys(view.state.values)) }),
      );
    },
  );
  app.view({ callback_id: /.*/, type: "view_closed" }, ({ ack }) => acknowledge(log, () => ack()));

  app.options(/.*/, async ({ ack, body, context }) => {
    const options = await within(SUGGEST_WITHIN_MS, offered(body, vouched(context)), []);
    await acknowledge(log, () => ack({ options }));
  });

  async function offered(
    body: unknown,
    { workspace, enterpriseId }: Pick<Arrival, "workspace" | "enterpriseId">,
  ): Promise<types.PlainTextOption[]> {
    const parsed = blockSuggestion.safeParse(body);
    const opened = parsed.success ? readForm(parsed.data.view) : undefined;
    if (!parsed.success || opened === undefined) return [];
    const { user, action_id: option, value: typed } = parsed.data;
    const account = await accounts.find(workspace, enterpriseId);
    if (account === undefined) return [];
    const name = user.username ?? user.name ?? undefined;
    const admission = await people.admit(account, { id: user.id, name, team: user.team_id ?? undefined });
    // What services there are is for those who belong here as well.
    if (!admission.isIn) return [];
    const { channel, thread } = opened.origin;
    const values = await core.suggest({
      place: {
        platform: PLATFORM,
        workspace: account.workspace,
        channel,
        ...(thread !== undefined && { thread }),
      },
      person: admission.person,
      command: opened.command,
      option,
      typed,
    });
    // A menu takes only what it offers, and what nobody has heard of yet may be meant.
    const meant = typed.trim();
    const all = values.includes(meant) || holdsOwnKey(meant) ? values : [...values, meant];
    return all.flatMap((value) => choice(value) ?? []).slice(0, MAX_OPTIONS);
  }
}

/** A sentence stands beside its field; one of no field beside the first. */
function besideFields(
  mistakes: Record<string, string>,
  fields: readonly string[],
): Record<string, string> | undefined {
  const errors: Record<string, string> = {};
  for (const [option, sentence] of Object.entries(mistakes)) {
    const field = fields.includes(option) ? option : fields[0];
    if (field !== undefined) errors[field] = sentence;
  }
  return Object.keys(errors).length === 0 ? undefined : errors;
}

/** One that only the fields together show stands beside the first that it names. */
function besideField(mistake: string, fields: readonly string[]): Record<string, string> {
  const words = mistake.toLowerCase().split(/[^\w-]+/);
  const field = fields.find((name) => words.includes(name.toLowerCase())) ?? fields[0];
  return field === undefined ? {} : { [field]: mistake };
}

function notOpened(failed: Failure, { formOnly }: CommandDefinition): Card {
  const { outcome, why, code = "" } = failed;
  if (TRIGGER_IS_OLD.has(code)) return TOO_LATE;
  if (TRIGGER_IS_USED.has(code))
    return notDone("Slack takes one form for each time you ask, and has opened one. Ask again for another.");
  if (outcome === "refused" && failed.reason === "not acceptable")
    return notDone(
      `Slack found something wrong in it: ${why}. That is a mistake of LogHunter's, and trying again will not help${formOnly ? "" : ": type the options after the command, as /loghunter help tells"}.`,
    );
  if (outcome === "refused") return notDone(`Slack did not take it: ${why}. Try again once that is mended.`);
  return notDone(`Slack did not take it: ${why}. Try again.`);
}

/** https://docs.slack.dev/reference/methods/views.open#errors */
const TRIGGER_IS_OLD: ReadonlySet<string> = new Set(["expired_trigger_id", "trigger_expired"]);
const TRIGGER_IS_USED: ReadonlySet<string> = new Set(["exchanged_trigger_id", "trigger_exchanged"]);

function notDone(text: string): Card {
  return {
    title: "The form did not open",
    tone: "warning",
    badge: "NOT DONE",
    body: [{ kind: "text", text }],
  };
}

const TOO_LATE = notDone("Slack gives three seconds for that, and it took longer. Try again.");
