import * as spec from "discord-api-spec/zod";

/** What is wrong with what was sent, by Discord's own schema and by the rules that it leaves out. */
export interface SentFile {
  field: string;
  name: string;
  type: string;
  bytes: Uint8Array;
}

const schemas: Readonly<Record<string, import("zod").ZodType>> = spec;

function schema(name: string): (body: unknown) => string[] {
  const found = schemas[`${name}Schema`];
  if (found === undefined) throw new Error(`Discord's specification has no ${name}`);
  return (body) => {
    const read = found.safeParse(body);
    return read.success
      ? []
      : read.error.issues.map((issue) => `${name}: ${issue.path.join(".")}: ${issue.message}`);
  };
}

const SCHEMAS = {
  create: schema("MessageCreateRequest"),
  edit: schema("MessageEditRequestPartial"),
  hook: schema("IncomingWebhookUpdateRequestPartial"),
  first: schema("IncomingWebhookInteractionRequest"),
  thread: schema("CreateTextThreadWithMessageRequest"),
  modal: schema("ModalInteractionCallbackRequestData"),
  command: schema("ApplicationCommandUpdateRequest"),
  choices: schema("ApplicationCommandAutocompleteCallbackRequest"),
};

export function checkMessage(
  of: "create" | "edit" | "hook" | "first",
  body: unknown,
  files: readonly SentFile[],
): string[] {
  return [...SCHEMAS[of](body), ...messageRules(body as Record<string, unknown>, files)];
}

export const checkThread = (body: unknown) => SCHEMAS.thread(body);
export const checkChoices = (body: unknown) => SCHEMAS.choices(body);

const V2 = 1 << 15;

function messageRules(body: Record<string, unknown>, files: readonly SentFile[]): string[] {
  const wrong: string[] = [];
  const flags = Number(body.flags ?? 0);
  const content = typeof body.content === "string" ? body.content : "";
  if (content.length > 2_000) wrong.push("content is longer than 2,000 characters");
  const embeds = JSON.stringify(body.embeds ?? []).match(/"(?:title|description|name|value|text)":"/g);
  if (embeds !== null && JSON.stringify(body.embeds).length > 6_000)
    wrong.push("embeds are longer than 6,000");
  const mentions = body.allowed_mentions as
    | { parse?: unknown[]; users?: unknown[]; roles?: unknown[] }
    | undefined;
  if (mentions?.parse?.length !== 0) wrong.push("allowed_mentions lets everybody be pinged");
  for (const ids of [mentions?.users ?? [], mentions?.roles ?? []]) {
    if (new Set(ids).size !== ids.length || ids.length > 100) wrong.push("allowed_mentions has one twice");
  }
  if (body.enforce_nonce === true && typeof body.nonce !== "string")
    wrong.push("enforce_nonce without a nonce");
  if ((flags & V2) !== 0 && (content !== "" || body.embeds !== undefined)) {
    wrong.push("content or embeds beside components of the second kind");
  }
  wrong.push(...componentRules(body.components ?? [], (flags & V2) !== 0), ...fileRules(body, files));
  return wrong;
}

interface Component {
  type: number;
  content?: string;
  label?: string;
  custom_id?: string;
  url?: string;
  components?: Component[];
}

function componentRules(given: unknown, isV2: boolean): string[] {
  const wrong: string[] = [];
  const all = flat(given as Component[]);
  const ids = all.flatMap(({ custom_id }) => custom_id ?? []);
  if (new Set(ids).size !== ids.length) wrong.push("two components have one custom_id");
  if (all.length > 40) wrong.push(`${all.length} components, 40 are the most`);
  const texts = all.filter(({ type }) => type === 10).map(({ content = "" }) => content);
  if (texts.some((text) => text.trim() === "")) wrong.push("a text that shows nothing");
  const chars = texts.reduce((sum, text) => sum + text.length, 0);
  if (chars > 4_000) wrong.push(`texts of ${chars} characters, 4,000 are the most`);
  if (!isV2 && all.some(({ type }) => type > 8)) wrong.push("components of the second kind without the flag");
  for (const { type, components = [] } of all) {
    if (type === 1 && components.length > 5) wrong.push("more than five buttons in a row");
  }
  for (const { type, label, url, custom_id } of all) {
    if (type !== 2) continue;
    if (label === undefined || label.trim() === "") wrong.push("a button with nothing on it");
    if ((url === undefined) === (custom_id === undefined)) wrong.push("a button needs an id or an address");
  }
  return wrong;
}

export function flat(components: readonly Component[]): Component[] {
  return components.flatMap((one) => [one, ...flat(one.components ?? [])]);
}

function fileRules(body: Record<string, unknown>, files: readonly SentFile[]): string[] {
  const wrong: string[] = [];
  const declared = (body.attachments ?? []) as { id: string; filename?: string }[];
  const named = new Set(declared.map(({ filename }) => filename));
  for (const { field, name } of files) {
    const id = /^files\[(\d+)\]$/.exec(field)?.[1];
    if (!declared.some((one) => String(one.id) === id && one.filename === name))
      wrong.push(`${name} is not declared`);
  }
  if (files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) > 10 * 1024 * 1024)
    wrong.push("more than 10 MiB");
  const used = [...JSON.stringify(body.components ?? []).matchAll(/"attachment:\/\/([^"]*)"/g)].map(
    ([, name]) => name,
  );
  for (const name of used) if (!named.has(name)) wrong.push(`there is no attachment ${name}`);
  for (const name of named) if (!used.includes(name)) wrong.push(`${name} is attached and shown nowhere`);
  return wrong;
}

export function checkModal(modal: unknown): string[] {
  const wrong = SCHEMAS.modal(modal);
  const { components = [] } = modal as { components?: { component?: { custom_id?: string } }[] };
  if (components.length > 5) wrong.push("more than five fields in a form");
  const ids = components.map(({ component }) => component?.custom_id);
  if (new Set(ids).size !== ids.length) wrong.push("two fields have one custom_id");
  for (const { component } of components) {
    const { value, max_length } = (component ?? {}) as { value?: string; max_length?: number };
    if (value !== undefined && max_length !== undefined && value.length > max_length)
      wrong.push("a value is too long");
  }
  return wrong;
}

interface CommandOption {
  type: number;
  name: string;
  description?: string;
  required?: boolean;
  autocomplete?: boolean;
  choices?: unknown[];
  options?: CommandOption[];
}

export function checkCommands(commands: unknown): string[] {
  if (!Array.isArray(commands)) return ["commands are a list"];
  return commands.flatMap((command) => {
    const wrong = SCHEMAS.command(command);
    const chars = JSON.stringify(command).matchAll(/"(?:name|description|value)":"((?:[^"\\]|\\.)*)"/g);
    const total = [...chars].reduce((sum, [, text]) => sum + JSON.parse(`"${text}"`).length, 0);
    if (total > 8_000) wrong.push(`a command of ${total} characters, 8,000 are the most`);
    const visit = (options: readonly CommandOption[], depth: number): void => {
      const names = options.map(({ name }) => name);
      if (options.length > 25) wrong.push("more than 25 options");
      if (new Set(names).size !== names.length) wrong.push(`two options of one name: ${names.join(", ")}`);
      const firstOptional = options.findIndex(({ type, required }) => type > 2 && required !== true);
      const late = options.findIndex(
        ({ required }, at) => required === true && firstOptional !== -1 && at > firstOptional,
      );
      if (late !== -1) wrong.push(`${options[late]?.name} is required and comes after one that is not`);
      for (const { type, name, choices, autocomplete, options: below = [] } of options) {
        if (!/^[-_\p{Ll}\p{N}]{1,32}$/u.test(name)) wrong.push(`${name} is not a name`);
        if (type === 2 && depth > 0) wrong.push("a group within a group");
        if (autocomplete && choices !== undefined) wrong.push(`${name} has choices and completes`);
        visit(below, depth + 1);
      }
    };
    visit((command as { options?: CommandOption[] }).options ?? [], 0);
    return wrong;
  });
}
