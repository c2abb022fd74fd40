import type { FaultPoint } from "../../src/faultPoints.ts";

/** What an instance is started with. */
export interface InstanceSettings {
  databaseUrl: string;
  /** Absent: each process has a cache of its own. */
  redisUrl?: string;
  slackUrl: string;
  discordUrl: string;
  /** Given, and not imported from where they are kept: loading the platforms would take longer than all else. */
  tokens: { slackBot: string; slackApp: string; discord: string };
  clock: FastClock;
  /** Of each tenant. */
  services: number;
  calmFromMs: number;
  /** Where its logs are; absent: it makes them up itself. */
  lokiUrl?: string;
  /** Where a language model is that speaks OpenAI's protocol; absent: none. */
  modelUrl?: string;
}

/** A clock that was right at `baseMs` and is faster since: all processes compute the same. */
export interface FastClock {
  baseMs: number;
  speed: number;
}

export function fastNow({ baseMs, speed }: FastClock): number {
  return baseMs + (Date.now() - baseMs) * speed;
}

/** What the harness tells an instance. */
export type Order =
  | { do: "start"; settings: InstanceSettings }
  /** It kills itself when it comes to the point for the nth time; absent: at none. */
  | { do: "die"; at?: { point: FaultPoint; nth: number } }
  /** From that minute on, by its clock, all services are as usual. */
  | { do: "calm"; fromMs: number };

/** What an instance tells the harness. */
export type Told = "loaded" | "up";
