import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Log } from "./log.ts";
import { onceAMinute } from "./onceAMinute.ts";

/** What PostgreSQL notifies of: https://www.postgresql.org/docs/15/sql-notify.html */
export interface DatabaseNotices {
  /**
   * Until when everything has been heard that was notified and committed since listening began, by `performance.now()`; -Infinity
   * while the connection is gone, or where a pooler keeps notices from coming.
   */
  heardUntilMs(): number;
  /** Whether its connection stands. */
  isListening(): boolean;
  /** That is to be known for the next while: it costs a small question every so often. */
  attend(forMs: number): void;
  stop(): Promise<void>;
}

/** One that is older makes nobody wait: whoever needs to know asks the database. */
const BEAT_MS = 300;
const BEAT_TIMEOUT_MS = 2_000;
const AGAIN_MS = { first: 250, most: 5_000 };

export interface Hearing {
  heard(payload: string): void;
  /** Listening begins, for the first time or again: what was notified before was not heard. */
  began(): void;
}

export interface ListenTo extends Hearing {
  connect(): pg.Client;
  channel: string;
  log: Log;
}

export function listenTo({ connect, channel, heard, began, log }: ListenTo): DatabaseNotices {
  /** What is notified on it says that what was notified before has come through. */
  const beats = `loghunter_beat_${randomUUID().replaceAll("-", "")}`;
  let client: pg.Client | undefined;
  const tellLost = onceAMinute((err) =>
    log.warn({ err: { message: (err as Error).message } }, "the connection for database notices was lost"),
  );
  let heardUntilMs = Number.NEGATIVE_INFINITY;
  let attendUntilMs = Number.NEGATIVE_INFINITY;
  let beatTimer: NodeJS.Timeout | undefined;
  let againTimer: NodeJS.Timeout | undefined;
  let againMs = AGAIN_MS.first;
  let stopped = false;
  let opening: Promise<void> = open();

  async function open(): Promise<void> {
    const opened = connect();
    let isLost = false;
    const lost = (err?: Error) => {
      if (isLost) return;
      isLost = true;
      if (client === opened) client = undefined;
      heardUntilMs = Number.NEGATIVE_INFINITY;
      clearTimeout(beatTimer);
      opened.end().catch(() => undefined);
      if (stopped) return;
      tellLost(err ?? new Error("it was ended"));
      againTimer = setTimeout(() => {
        opening = open();
      }, againMs);
      againTimer.unref();
      againMs = Math.min(AGAIN_MS.most, againMs * 2);
    };
    opened.on("error", lost);
    opened.on("end", () => lost());
    opened.on("notification", (notice) => {
      if (notice.channel === channel) return heard(notice.payload ?? "");
      if (notice.channel !== beats) return;
      heardUntilMs = Number(notice.payload);
      againMs = AGAIN_MS.first;
    });
    try {
      await opened.connect();
      await opened.query(`listen "${channel}"; listen "${beats}"`);
    } catch (err) {
      return lost(err as Error);
    }
    if (stopped) return lost();
    client = opened;
    began();
    beat(opened, lost);
  }

  function beat(on: pg.Client, lost: (err: Error) => void): void {
    if (client !== on) return;
    const giveUp = setTimeout(() => lost(new Error("no answer")), BEAT_TIMEOUT_MS);
    on.query("select pg_notify($1, $2)", [beats, String(performance.now())])
      .then(() => goOn(on, lost), lost)
      .finally(() => clearTimeout(giveUp));
  }

  function goOn(on: pg.Client, lost: (err: Error) => void): void {
    if (client !== on) return;
    beatTimer = setTimeout(() => {
      if (performance.now() < attendUntilMs) beat(on, lost);
      else goOn(on, lost);
    }, BEAT_MS);
    beatTimer.unref();
  }

  return {
    heardUntilMs: () => heardUntilMs,
    isListening: () => client !== undefined,
    attend(forMs) {
      attendUntilMs = Math.max(attendUntilMs, performance.now() + forMs);
    },
    async stop() {
      stopped = true;
      clearTimeout(beatTimer);
      clearTimeout(againTimer);
      await opening;
      await client?.end().catch(() => undefined);
    },
  };
}
