import type { OptionDefinition } from "../../chat/command.ts";
import { UserError } from "../../errors.ts";
import { isKeyScope, type KeyScope, SCOPE_NAMES } from "../../keys/scopes.ts";
import { withoutSecret } from "../options.ts";

const DAY_MS = 24 * 60 * 60_000;
const MOST_DAYS = 3_650;

export const keyName = {
  name: "name",
  kind: "text",
  description: "What the key is for: letters, digits, - _ and .",
  required: true,
  parse(raw: string): string {
    if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u.test(raw))
      throw new UserError("A key's name has 1 to 60 letters, digits, - _ or ., without spaces: ci-deploys.");
    return withoutSecret(raw);
  },
} as const satisfies OptionDefinition<string>;

export const scopes = {
  name: "scopes",
  kind: "text",
  description: "What it may do, with commas between",
  required: true,
  list: true,
  choices: SCOPE_NAMES,
  parse(raw: string): KeyScope[] {
    const words = raw.split(/[\s,]+/).filter((word) => word !== "");
    const wrong = words.find((word) => !isKeyScope(word.toLowerCase()));
    if (wrong !== undefined || words.length === 0)
      throw new UserError(
        `${wrong === undefined ? "A key without scopes may do nothing." : `"${wrong.slice(0, 40)}" is no scope.`} There are ${SCOPE_NAMES.join(", ")}.`,
      );
    return SCOPE_NAMES.filter((name) => words.some((word) => word.toLowerCase() === name));
  },
} as const satisfies OptionDefinition<KeyScope[]>;

/** How long a key works; "never": it does not end. */
export const expires = {
  name: "expires",
  kind: "duration",
  description: "When it ends: 30d, 90d, 365d or never (90d unless said)",
  required: false,
  usual: ["30d", "90d", "365d", "never"],
  parse(raw: string): number | "never" {
    if (raw.toLowerCase() === "never") return "never";
    const days = Number(/^(\d{1,4})d$/i.exec(raw)?.[1]);
    if (days >= 1 && days <= MOST_DAYS) return days * DAY_MS;
    throw new UserError(`"${raw.slice(0, 40)}" is not how long a key works. Try 30d, 90d, 365d or never.`);
  },
} as const satisfies OptionDefinition<number | "never">;

export const DEFAULT_LIFE_MS = 90 * DAY_MS;

export const grace = {
  name: "grace",
  kind: "duration",
  description: "How long the key before it still works: 0h, 1h, 24h, 7d (24h unless said)",
  required: false,
  usual: ["0h", "1h", "24h", "7d"],
  parse(raw: string): number {
    const [, count, unit] = /^(\d{1,3})([hd])$/i.exec(raw) ?? [];
    const ms = Number(count) * (unit?.toLowerCase() === "d" ? DAY_MS : 60 * 60_000);
    if (ms >= 0 && ms <= 30 * DAY_MS) return ms;
    throw new UserError(
      `"${raw.slice(0, 40)}" is not how long both keys work. Try 1h, 24h or 7d; 30d at most.`,
    );
  },
} as const satisfies OptionDefinition<number>;

export const DEFAULT_GRACE_MS = DAY_MS;
