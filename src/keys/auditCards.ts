import type { Card, Fact, Inline } from "../chat/card.ts";
import type { ApiKey } from "./keyRow.ts";

/** What the key channel is told: who did what to which key, and nothing that opens anything. */
export function keyShownCard(who: string, key: ApiKey): Card {
  return {
    title: `API key ${key.name} made`,
    tone: "good",
    badge: "NEW KEY",
    body: [{ kind: "facts", facts: [{ label: "By", value: who }, ...factsOf(key)] }],
    footnote: ["Not expected? Revoke it: ", { code: `keys revoke ${key.name}` }],
  };
}

export function keyRotatedCard(who: string, key: ApiKey, replacedUntilMs: number, nowMs: number): Card {
  return {
    title: `API key ${key.name} rotated`,
    tone: "good",
    badge: "ROTATED",
    body: [
      {
        kind: "facts",
        facts: [
          { label: "By", value: who },
          ...factsOf(key),
          {
            label: "The key before it",
            value: replacedUntilMs <= nowMs ? "works no longer" : ["works until ", at(replacedUntilMs)],
          },
        ],
      },
    ],
    footnote: ["To end both at once: ", { code: `keys revoke ${key.name}` }],
  };
}

const WHY = {
  "not shown": "it could not be shown to whoever asked for it",
  "not known whether shown": "it is not known whether it was shown to whoever asked for it",
  "name taken": "another key of that name was made in the same moment",
  "nothing to replace": "the key it was to take the place of was revoked or replaced in the same moment",
};

export function keyNotShownCard(who: string, key: ApiKey, why: keyof typeof WHY): Card {
  return {
    title: `API key ${key.name}: revoked at once`,
    tone: "warning",
    badge: "REVOKED",
    body: [
      {
        kind: "text",
        text: `${who} asked for it, and ${WHY[why]}. It never worked. Ask again for another one.`,
      },
      { kind: "facts", facts: [{ label: "Ended in", value: [{ code: `…${key.lastFour}` }] }] },
    ],
  };
}

export function keysRevokedCard(who: string, keys: readonly ApiKey[]): Card {
  const name = keys[0]?.name ?? "";
  return {
    title: `API key ${name} revoked`,
    tone: "warning",
    badge: "REVOKED",
    body: [
      {
        kind: "facts",
        facts: [
          { label: "By", value: who },
          { label: "Ended in", value: keys.map(({ lastFour }): Inline => ({ code: `…${lastFour} ` })) },
        ],
      },
      { kind: "text", text: "It opens nothing any more, from a second after this." },
    ],
  };
}

export function keyEndsCard(key: ApiKey & { expiresAtMs: number }): Card {
  return {
    title: `API key ${key.name} ends in a week`,
    tone: "warning",
    badge: "ENDS SOON",
    body: [{ kind: "facts", facts: factsOf(key) }],
    footnote: ["What uses it stops then. For a new one in its place: ", { code: `keys rotate ${key.name}` }],
  };
}

/** What may be known of a key by all who read the channel. */
export function factsOf(key: Pick<ApiKey, "scopes" | "expiresAtMs" | "lastFour">): Fact[] {
  return [
    { label: "May", value: key.scopes.join(", ") },
    { label: "Ends", value: key.expiresAtMs === undefined ? "never" : [at(key.expiresAtMs)] },
    { label: "Last four", value: [{ code: `…${key.lastFour}` }] },
  ];
}

function at(atMs: number): Inline {
  return { atMs, show: "date and time" };
}
