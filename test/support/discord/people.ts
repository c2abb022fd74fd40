import { ApplicationCommandOptionType as OptionType } from "discord.js";
import { type Asked, INTERACTION, type ModalField } from "./interactions.ts";
import type { Loopback } from "./loopback.ts";
import { keepMessage } from "./messages.ts";
import { openThread } from "./rest.ts";
import { flat } from "./rules.ts";
import { type Kept, MEMBER, TYPES } from "./world.ts";

/** What a person does on the loopback's Discord. Each act can be delivered again. */
export interface Ana {
  /** Chooses a command, as it is registered, with values for its options. */
  slash(path: string, values: Record<string, string>, where?: string): Delivered;
  /** Types into one option of a command. */
  type(path: string, values: Record<string, string>, option: string): Delivered;
  press(message: string, customId: string): Delivered;
  pressLabelled(message: string, label: string): Delivered;
  explain(message: string): Delivered;
  /** Sends off the form that an act has opened, with these values over what it holds. */
  submit(opened: Asked, values: Record<string, string>): Delivered;
  /** Writes into a channel or a thread, perhaps as a reply, which names whose message it replies to. */
  write(channel: string, text: string, replyTo?: string): { message: Kept; again(): void };
  /** Opens the thread under a message, if there is none. */
  thread(message: string): string;
}

export interface Delivered {
  asked: Asked;
  again(): void;
}

interface NativeOption {
  type: number;
  name: string;
  required?: boolean;
  autocomplete?: boolean;
  max_length?: number;
  choices?: { value: string }[];
  options?: NativeOption[];
}

export function createAna(
  { world, gateway, interactions, commands }: Loopback,
  bot: { readsContent: boolean },
): Ana {
  const member = () => ({
    ...{ ...MEMBER, user: world.ana, roles: world.anaRoles, joined_at: new Date().toISOString() },
    permissions: world.anaPermissions.toString(),
  });

  function deliver(asked: Asked, data: unknown, message?: Kept): Delivered {
    const channel = world.channels.get(asked.channel);
    // Outside of any server a person is a user and no more.
    const who =
      channel?.type === TYPES.dm
        ? { user: world.ana }
        : {
            guild_id: channel?.guild_id,
            guild: { id: channel?.guild_id, locale: "en-US", features: [] },
            member: member(),
          };
    const payload = {
      ...{
        id: asked.id,
        token: asked.token,
        type: asked.type,
        version: 1,
        application_id: world.bot.id,
        data,
      },
      ...who,
      ...{ channel_id: asked.channel, channel: { ...channel, permissions: "0" } },
      ...{ locale: "en-US", guild_locale: "en-US", app_permissions: world.permissions.toString() },
      ...{ entitlements: [], authorizing_integration_owners: { 0: channel?.guild_id }, context: 0 },
      ...{ attachment_size_limit: 10 * 1024 * 1024 },
      ...(message !== undefined && { message: structuredClone(message.api) }),
    };
    const again = () => gateway.dispatch("INTERACTION_CREATE", structuredClone(payload));
    again();
    return { asked, again };
  }

  function slashOptions(path: string, values: Record<string, string>, focused?: string) {
    const words = path.split(" ");
    const command = commands.find(({ name }) => name === "loghunter") as unknown as NativeOption | undefined;
    const [first, second] = words;
    const top = command?.options?.find(({ name }) => name === first);
    const found = second === undefined ? top : top?.options?.find(({ name }) => name === second);
    if (found?.type !== OptionType.Subcommand) throw new Error(`Discord knows no command ${path}`);
    const given = Object.entries(values).map(([name, value]) => {
      const option = found.options?.find((one) => one.name === name);
      if (option === undefined) throw new Error(`${path} has no option ${name} on Discord`);
      if (focused === undefined) checkValue(option, value);
      return { type: option.type, name, value, ...(name === focused && { focused: true }) };
    });
    const missing = found.options?.find(({ name, required }) => required && values[name] === undefined);
    if (missing !== undefined && focused === undefined)
      throw new Error(`Discord lets nobody leave out ${missing.name}`);
    const leaf = { type: OptionType.Subcommand, name: found.name, options: given };
    return second === undefined
      ? [leaf]
      : [{ type: OptionType.SubcommandGroup, name: first, options: [leaf] }];
  }

  function slashData(path: string, values: Record<string, string>, focused?: string) {
    const options = slashOptions(path, values, focused);
    return { id: commandId("loghunter"), name: "loghunter", type: 1, options };
  }

  const commandId = (wanted: string) => commands.find(({ name }) => name === wanted)?.id;

  function kept(id: string): Kept {
    const found = world.messages.get(id);
    if (found === undefined) throw new Error(`there is no message ${id}`);
    return found;
  }

  function press(message: string, customId: string): Delivered {
    const source = kept(message);
    const asked = interactions.begin({ type: INTERACTION.component, channel: source.api.channel_id, source });
    return deliver(asked, { custom_id: customId, component_type: 2 }, source);
  }

  return {
    slash(path, values, where = world.channel) {
      const data = slashData(path, values);
      return deliver(interactions.begin({ type: INTERACTION.command, channel: where }), data);
    },
    type(path, values, option) {
      const data = slashData(path, values, option);
      return deliver(interactions.begin({ type: INTERACTION.autocomplete, channel: world.channel }), data);
    },
    press,
    pressLabelled(message, label) {
      const all = flat((kept(message).api.components ?? []) as never);
      const found = all.find((one) => one.label === label && one.custom_id !== undefined);
      if (found?.custom_id === undefined) throw new Error(`there is no button ${label}`);
      return press(message, found.custom_id);
    },
    explain(message) {
      const { api } = kept(message);
      const asked = interactions.begin({ type: INTERACTION.command, channel: api.channel_id });
      const resolved = { messages: { [message]: structuredClone(api) } };
      const name = "Explain this log";
      return deliver(asked, { id: commandId(name), name, type: 3, target_id: message, resolved });
    },
    submit(opened, values) {
      const { modal, source } = opened;
      if (modal === undefined) throw new Error("no form is open");
      const components = modal.components.map(({ component }) => ({
        type: 18,
        id: 1,
        component: { ...filled(component, values[component.custom_id]), id: 2 },
      }));
      const asked = interactions.begin({
        type: INTERACTION.submit,
        channel: opened.channel,
        ...(source !== undefined && { source }),
      });
      return deliver(asked, { custom_id: modal.custom_id, components }, source);
    },
    write(channel, text, replyTo) {
      const message = keepMessage(world, { channel, author: world.ana, body: { content: text } });
      const replied = replyTo === undefined ? undefined : kept(replyTo);
      const named = text.includes(`<@${world.bot.id}>`) || replied?.api.author.id === world.bot.id;
      // Without the intent a message has its text only where it names the bot.
      const shown = bot.readsContent || named ? text : "";
      const { user: _, permissions: __, ...author } = member();
      const payload = {
        ...structuredClone(message.api),
        ...{ content: shown, guild_id: world.channels.get(channel)?.guild_id, member: author },
        mentions: named ? [world.bot] : [],
        mention_roles: [...text.matchAll(/<@&(\d+)>/g)].map(([, role]) => role),
        ...(replied !== undefined && { type: 19, referenced_message: structuredClone(replied.api) }),
      };
      const again = () => gateway.dispatch("MESSAGE_CREATE", structuredClone(payload));
      again();
      return { message, again };
    },
    thread(message) {
      if (world.channels.has(message)) return message;
      const thread = openThread(world, kept(message).api.channel_id, message, "A thread");
      gateway.dispatch("THREAD_CREATE", { ...thread, newly_created: true });
      return message;
    },
  };
}

function checkValue({ name, choices, max_length }: NativeOption, value: string): void {
  if (choices !== undefined && !choices.some((choice) => choice.value === value)) {
    throw new Error(`Discord lets nobody choose ${value} for ${name}`);
  }
  if (max_length !== undefined && value.length > max_length)
    throw new Error(`${name} is too long for Discord`);
}

function filled(field: ModalField, value: string | undefined) {
  const { type, custom_id, options } = field;
  if (options === undefined) return { type, custom_id, value: value ?? field.value ?? "" };
  const chosen = options.filter((option) => option.default).map((option) => option.value);
  const values = value === undefined ? chosen : value === "" ? [] : value.split(",");
  const unknown = values.find((one) => !options.some((option) => option.value === one));
  if (unknown !== undefined) throw new Error(`Discord lets nobody choose ${unknown}`);
  return { type, custom_id, values };
}
