import { createHash } from "node:crypto";
import type { DrawChart } from "../../src/charts/chart.ts";
import type { Block, Card } from "../../src/chat/card.ts";
import { createRecent } from "../../src/chat/recent.ts";
import type { Log } from "../../src/log.ts";
import type { Account } from "./accounts.ts";
import type { Calls } from "./calls.ts";
import { uploadFile } from "./files.ts";
import { within } from "./pause.ts";

/** Pictures of charts, uploaded to be named by a card's blocks. */
export interface Pictures {
  /** The ids of the files by the place of their chart in the body. A chart that cannot be had is left out. */
  of(account: Account, card: Card, signal?: AbortSignal): Promise<Map<number, string>>;
  /** Slack does not know them any longer: they are uploaded anew the next time. */
  forget(account: Account, card: Card): void;
}

export function createPictures(calls: Calls, draw: DrawChart, log: Log): Pictures {
  /** The same chart is shown again by each edit of its card. */
  const uploaded = createRecent<Promise<string | undefined>>(KEPT_IDS);

  async function upload(account: Account, { chart }: ChartBlock, signal: AbortSignal | undefined) {
    try {
      const bytes = await draw(chart, "light");
      const name = "chart.png";
      const file = await uploadFile(calls, account, { name, bytes }, undefined, signal);
      if (file.ok) return file.value;
      log.warn({ workspace: account.workspace, why: file.why }, "slack: a chart is shown in words");
    } catch (err) {
      log.error({ err }, "slack: a chart could not be drawn");
    }
    return undefined;
  }

  return {
    async of(account, card, signal) {
      const found = await Promise.all(
        chartsOf(card).map(async ([at, block]) => {
          const key = keyOf(account, block);
          const known = uploaded.get(key);
          const id = known ?? upload(account, block, signal);
          if (known === undefined) uploaded.set(key, id);
          const value = await within(UPLOAD_WITHIN_MS, id, undefined);
          if (value === undefined) uploaded.delete(key);
          return [at, value] as const;
        }),
      );
      return new Map(found.filter((pair): pair is readonly [number, string] => pair[1] !== undefined));
    },
    forget(account, card) {
      for (const [, block] of chartsOf(card)) uploaded.delete(keyOf(account, block));
    },
  };
}

type ChartBlock = Extract<Block, { kind: "chart" }>;

/** A message is not held up longer by its pictures: what sends it gives it 20 s in all. */
const UPLOAD_WITHIN_MS = 6_000;
const KEPT_IDS = 500;

function chartsOf(card: Card): [number, ChartBlock][] {
  return card.body.flatMap((block, at) => (block.kind === "chart" ? [[at, block]] : []));
}

function keyOf(account: Account, { chart, alt }: ChartBlock): string {
  const content = createHash("sha256")
    .update(JSON.stringify([chart, alt]))
    .digest("base64url");
  return `${account.workspace} ${content}`;
}
