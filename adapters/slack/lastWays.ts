import type { Card } from "../../src/chat/card.ts";
import { fitCard } from "../../src/chat/fit.ts";
import { createRecent } from "../../src/chat/recent.ts";
import { LIMITS } from "./limits.ts";
import { renderCard } from "./render.ts";
import type { ResponseUrl } from "./responseUrl.ts";

/** The newest response_url of each person: it reaches them without a token, so also where the workspace's is dead. */
export interface LastWays {
  note(workspace: string, personId: string, way: ResponseUrl): void;
  /** @returns whether they were told. */
  tell(workspace: string, personId: string, card: Card): Promise<boolean>;
}

export function createLastWays(): LastWays {
  const ways = createRecent<ResponseUrl>(MOST);
  const keyOf = (workspace: string, personId: string) => `${workspace} ${personId}`;
  return {
    note: (workspace, personId, way) => ways.set(keyOf(workspace, personId), way),
    async tell(workspace, personId, card) {
      const way = ways.get(keyOf(workspace, personId));
      if (way === undefined) return false;
      // Neither pictures nor files can be uploaded without a token.
      const fitted = fitCard(card, LIMITS);
      const surface = fitted.files.length === 0 ? "private" : "unshared";
      return (await way.send(renderCard(fitted, new Map(), surface), "new")).ok;
    },
  };
}

/** More people than ask within the half hour that a response_url is good for. */
const MOST = 1_000;
