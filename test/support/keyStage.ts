import { rm } from "node:fs/promises";
import type pg from "pg";
import { KEY_PATTERN } from "../../src/keys/apiKey.ts";
import { eventually } from "./eventually.ts";
import {
  databaseDump,
  databaseFiles,
  databaseHeaps,
  fileHeaps,
  type Heap,
  keepAllRows,
  processHeaps,
  redisHeaps,
} from "./heaps.ts";
import { createKeyApi } from "./keyApi.ts";
import { discordDesk, type KeyDesk, slackDesk, webDesk } from "./keyDesks.ts";
import { startTestRedis } from "./redis.ts";
import { openRootCauseStage, type RootCauseStage } from "./rootCauseStage.ts";

/** A key in any text, also right behind an escape: `%22lh_…`. */
export const ANY_KEY = new RegExp(KEY_PATTERN.source.replaceAll("\\b", ""), "g");

/** LogHunter with everything it can have, an admin at each chat platform, and all that it sends and writes down. */
export interface KeyStage extends RootCauseStage {
  api: ReturnType<typeof createKeyApi>;
  desks(): { slack: KeyDesk; discord: KeyDesk; web: ReturnType<typeof webDesk> };
  everywhere<T>(work: (desk: KeyDesk) => Promise<T>): Promise<T[]>;
  /** Keys that went out, by what was done for them. */
  shown: Map<string, string>;
  /** Waits for a key that has not gone out before, to a desk or else from the API. @param holding where it is to stand */
  newKey(what: string, desk?: KeyDesk, holding?: string): Promise<string>;
  /** The process is killed, and everybody goes to another one. */
  killAndMove(): Promise<void>;
  /** All that left the program, as whoever it went to got it. */
  sent(): Heap[];
  /** All that was stored or logged. */
  written(): Promise<Heap[]>;
}

export async function openKeyStage(): Promise<KeyStage> {
  const redis = await startTestRedis();
  const stage = await openRootCauseStage({
    ...{ HTTP_PORT: "0", KEY_HASH_COST: "10", LOG_LEVEL: "debug", API_REQUESTS_PER_MINUTE: "10000" },
    ...(redis !== undefined && { REDIS_URL: redis.url }),
  });
  const { slack, discord, loki, model, programs } = stage;
  const admin: pg.Client = await stage.connect();
  await keepAllRows(admin);
  const apiUrl = () => /HTTP\s+(127\.0\.0\.1:\d+), for the API/.exec(programs.at(-1)?.output() ?? "")?.[1];
  const api = createKeyApi(() => `http://${apiUrl()}`);
  const shown = new Map<string, string>();
  const pages: ReturnType<typeof webDesk>["page"][] = [];
  const processes: Heap[] = [];
  let desks: ReturnType<KeyStage["desks"]>;
  let stopListening: () => Promise<void>;

  /** At the latest process. */
  async function sitDown(): Promise<void> {
    const web = webDesk(stage.seats.web);
    pages.push(web.page);
    stopListening = web.page.listen();
    desks = { slack: slackDesk(slack), discord: discordDesk(discord), web };
    processes.push(...(await processHeaps(programs.at(-1)?.pid ?? 0)));
  }

  function heardAt(desk: KeyDesk | undefined): readonly string[] {
    if (desk === undefined) return api.heard;
    return { slack: slack.heard, discord: discord.heard, web: pages.at(-1)?.heard ?? [] }[desk.name];
  }

  await sitDown();
  return {
    ...stage,
    ...{ api, shown },
    desks: () => desks,
    everywhere: (work) => Promise.all(Object.values(desks).map(work)),
    async newKey(what, desk, holding = "") {
      const key = await eventually(() => {
        for (const text of heardAt(desk))
          if (text.includes(holding))
            for (const [found] of text.matchAll(ANY_KEY)) if (!shown.has(found)) return found;
        return undefined;
      }, what);
      shown.set(key, what);
      return key;
    },
    async killAndMove() {
      await stage.killAndStart();
      await sitDown();
    },
    sent: () => [
      ...numbered("Slack", slack.heard),
      ...numbered("Discord", discord.heard),
      ...pages.flatMap((page, at) => numbered(`page ${at}`, page.heard)),
      ...numbered("API and command line", api.heard),
      ...numbered(
        "Loki",
        loki.requests.map((one) => JSON.stringify([one, [...one.params]])),
      ),
      ...numbered(
        "model",
        model.wire.seen.map((one) => JSON.stringify(one)),
      ),
    ],
    async written() {
      const dump = await databaseDump(stage.databaseUrl);
      return [
        ...(await databaseHeaps(admin)),
        ...(dump === undefined ? [] : [dump]),
        ...(await databaseFiles(admin)),
        ...(redis === undefined ? [] : await redisHeaps(redis.url)),
        ...(await fileHeaps(stage.stateDirectory)),
        ...processes,
        ...programs.map((program, at) => ({ place: `output of process ${at}`, text: program.output() })),
      ];
    },
    async close() {
      await stopListening();
      await stage.close();
      await redis?.stop();
      for (const folder of api.folders) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Each with the line that says what it is. */
function numbered(of: string, texts: readonly string[]): Heap[] {
  return texts.map((text, at) => ({ place: `${of} ${at}: ${text.split("\n", 1)[0]?.slice(0, 200)}`, text }));
}
