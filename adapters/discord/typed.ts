import type { CommandDefinition } from "../../src/chat/command.ts";
import { createRecent } from "../../src/chat/recent.ts";

/**
 * What people typed into forms and was not right, so that it need not be typed again: Discord closes a form when it is
 * sent off, whatever is answered. In memory, for as long as the answer to it lives.
 */
export interface Typed {
  keep(actId: string, form: TypedForm): void;
  /** Only whoever typed it gets it. */
  find(actId: string, person: string): TypedForm | undefined;
}

export interface TypedForm {
  person: string;
  definition: CommandDefinition;
  values: Record<string, string>;
  /** The message that the form was opened from, seen by all. */
  from?: string | undefined;
}

export function createTyped(now: () => number): Typed {
  const kept = createRecent<TypedForm & { untilMs: number }>(MOST_KEPT);
  return {
    keep: (actId, form) => kept.set(actId, { ...form, untilMs: now() + TOKEN_LIFE_MS }),
    find(actId, person) {
      const found = kept.get(actId);
      return found !== undefined && found.person === person && found.untilMs > now() ? found : undefined;
    },
  };
}

/** Of 20,000 characters at most: five fields of 4,000. */
const MOST_KEPT = 200;
/** https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages */
const TOKEN_LIFE_MS = 15 * 60_000;
