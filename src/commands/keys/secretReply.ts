import type { Card } from "../../chat/card.ts";
import type { Reply } from "../../chat/platform.ts";
import { NO_API, SERVE_IT } from "../../doctor/api.ts";
import { factsOf } from "../../keys/auditCards.ts";
import { type Acting, type IssuedKey, keyWasNotShown, keyWasShown } from "../../keys/issue.ts";
import type { KeyVerifier } from "../../keys/verifier.ts";

export interface SecretReplyParts {
  deliverer: { wake(): void };
  /** What this process remembers of a key. */
  verifier: Pick<KeyVerifier, "forget">;
  /** Where the API is, as its users reach it; undefined where none is served. */
  apiUrl: () => string | undefined;
  now: () => number;
}

/** Shows a key to whoever asked for it. It works once they have seen it; where they have not, it never will. */
export function secretReply(
  acting: Acting,
  issued: IssuedKey,
  { deliverer, verifier, apiUrl, now }: SecretReplyParts,
): Reply {
  return {
    kind: "message",
    visibility: "caller",
    card: secretCard(issued, apiUrl()),
    secret: {
      async ended(outcome) {
        const card = await end(outcome);
        deliverer.wake();
        return card;
      },
    },
  };

  async function end(outcome: "shown" | "not shown" | "not known"): Promise<Card | undefined> {
    if (outcome !== "shown") {
      const why = outcome === "not shown" ? outcome : "not known whether shown";
      await keyWasNotShown(acting, { id: issued.raw.id, name: issued.request.name }, now(), why);
      return revokedCard(issued, "I could not make sure that only you see it");
    }
    const ended = await keyWasShown(acting, issued, now());
    if (ended.outcome === "works") {
      if (ended.replaced !== undefined) verifier.forget(ended.replaced.id);
      return undefined;
    }
    return revokedCard(issued, MEANWHILE[ended.why]);
  }
}

const MEANWHILE = {
  "name taken": "another key of that name was made in the same moment",
  "nothing to replace": "the key before it was revoked or replaced in the same moment",
  "not shown": "it was revoked in the same moment",
};

function secretCard({ raw, request, graceMs }: IssuedKey, apiUrl: string | undefined): Card {
  return {
    title: `API key ${request.name}`,
    tone: "good",
    badge: "SHOWN ONCE",
    body: [
      {
        kind: "text",
        text: "Only you see it, and only now: copy it to where it is used, and nowhere else.",
      },
      { kind: "log", lines: [raw.raw], transient: true, caption: "The key" },
      apiUrl === undefined
        ? { kind: "text", text: `${NO_API} ${SERVE_IT}` }
        : {
            kind: "log",
            lines: [
              "read -rs LOGHUNTER_KEY && export LOGHUNTER_KEY   # paste the key, press Enter",
              `curl -H "Authorization: Bearer $LOGHUNTER_KEY" ${apiUrl}/v1/key`,
            ],
            caption: "To try it, without leaving it in the shell's history",
          },
      {
        kind: "facts",
        facts: factsOf({ ...request, scopes: [...request.scopes], lastFour: raw.raw.slice(-4) }),
      },
    ],
    footnote:
      graceMs === undefined
        ? "Lost it? Rotate it; nobody can show it again."
        : graceMs === 0
          ? "The key before it works no longer; this one works from now on."
          : "The key before it works until its grace is over; this one works from now on.",
  };
}

function revokedCard({ raw, request }: IssuedKey, why: string): Card {
  return {
    title: `API key ${request.name}: revoked at once`,
    tone: "warning",
    badge: "REVOKED",
    body: [
      {
        kind: "text",
        text: [
          `${why}, so the key that ends in `,
          { code: `…${raw.raw.slice(-4)}` },
          " was revoked and never worked. Ask again for another one.",
        ],
      },
    ],
  };
}
