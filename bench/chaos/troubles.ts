import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { fillDisk, makeReadOnly } from "./disk.ts";
import { httpAnswer, postgresRefusal, type Way } from "./proxy.ts";
import { type ChaosStage, DEPENDENCIES, type Dependency } from "./stage.ts";

export const MODES = ["slow", "down", "flapping", "full"] as const;
export type Mode = (typeof MODES)[number];

/** One dependency in one state. */
export interface Trouble {
  dependency: Dependency;
  mode: Mode;
}

/** Each piece in each direction: an exchange takes twice as long, a page of several exchanges longer. */
const SLOW_MS: Record<Dependency, number> = {
  postgres: 100,
  redis: 300,
  loki: 1_000,
  model: 2_000,
  slack: 700,
  discord: 700,
};
const FLAP_MS = 700;

/** Everything singly. */
export function allTroubles(only: readonly string[]): Trouble[] {
  return DEPENDENCIES.filter((dependency) => only.length === 0 || only.includes(dependency)).flatMap(
    (dependency) => MODES.map((mode) => ({ dependency, mode })),
  );
}

/** Any two dependencies, the states in turn, so that each state meets each other one. */
export function allPairs(only: readonly string[]): [Trouble, Trouble][] {
  const pairs: [Trouble, Trouble][] = [];
  const among = DEPENDENCIES.filter((dependency) => only.length === 0 || only.includes(dependency));
  among.forEach((first, at) => {
    for (const second of among.slice(at + 1)) {
      const turn = pairs.length;
      pairs.push([
        { dependency: first, mode: MODES[turn % MODES.length] as Mode },
        {
          dependency: second,
          mode: MODES[(turn + Math.floor(turn / MODES.length) + 1) % MODES.length] as Mode,
        },
      ]);
    }
  });
  return pairs;
}

/** Lets it happen for so long, and heals it. */
export async function happen(stage: ChaosStage, { dependency, mode }: Trouble, forMs: number): Promise<void> {
  const way = stage.ways[dependency];
  try {
    switch (mode) {
      case "slow":
        way.set({ kind: "slow", ms: SLOW_MS[dependency] });
        return await pause(forMs);
      case "down":
        // First as a machine that says no, then, for longer than a probe waits, as one that says nothing.
        way.set({ kind: "refuses" });
        await pause(forMs / 3);
        way.set({ kind: "hangs" });
        return await pause((2 * forMs) / 3);
      case "flapping":
        return await flap(stage, dependency, forMs);
      case "full":
        return await FULL[dependency](stage, forMs);
    }
  } finally {
    way.set({ kind: "open" });
  }
}

async function flap({ ways, platforms }: ChaosStage, dependency: Dependency, forMs: number): Promise<void> {
  const untilMs = Date.now() + forMs;
  while (Date.now() < untilMs) {
    ways[dependency].set({ kind: "refuses" });
    if (dependency === "slack") platforms.slack.socket.drop();
    if (dependency === "discord") platforms.discord.gateway.cut();
    await pause(FLAP_MS);
    ways[dependency].set({ kind: "open" });
    await pause(FLAP_MS);
  }
}

/** What each says that has no room for more. */
const FULL: Record<Dependency, (stage: ChaosStage, forMs: number) => Promise<void>> = {
  async postgres({ ways, databaseUrl }, forMs) {
    ways.postgres.cut();
    const bytes = postgresRefusal("53300", "sorry, too many clients already");
    ways.postgres.set({ kind: "answers", bytes });
    await pause(forMs / 3);
    ways.postgres.set({ kind: "open" });
    try {
      await fillDisk(databaseUrl, true);
      await pause(forMs / 3);
    } finally {
      await fillDisk(databaseUrl, false);
    }
    try {
      await makeReadOnly(databaseUrl, true);
      await pause(forMs / 3);
    } finally {
      await makeReadOnly(databaseUrl, false);
    }
  },
  async redis({ redis, ways }, forMs) {
    if (redis === undefined) return answering(ways.redis, "-OOM command not allowed\r\n", forMs);
    await configure(redis.url, { maxmemory: "1", "maxmemory-policy": "noeviction" });
    try {
      await pause(forMs);
    } finally {
      await configure(redis.url, { maxmemory: "0" });
    }
  },
  loki: ({ ways }, forMs) =>
    inTurn(ways.loki, forMs, [
      httpAnswer("429 Too Many Requests", "too many outstanding requests"),
      httpAnswer("503 Service Unavailable", "too many unhealthy instances in the ring\n"),
    ]),
  model: ({ ways }, forMs) =>
    inTurn(ways.model, forMs, [
      httpAnswer("429 Too Many Requests", '{"error":{"message":"Rate limit reached","type":"requests"}}', {
        "retry-after": "1",
      }),
      httpAnswer("529 Overloaded", '{"error":{"message":"Overloaded","type":"overloaded_error"}}'),
    ]),
  slack: ({ ways }, forMs) =>
    inTurn(ways.slack, forMs, [
      httpAnswer("429 Too Many Requests", '{"ok":false,"error":"ratelimited"}', { "retry-after": "2" }),
    ]),
  discord: ({ ways }, forMs) =>
    inTurn(ways.discord, forMs, [
      httpAnswer(
        "429 Too Many Requests",
        '{"message":"You are being rate limited.","retry_after":1.5,"global":true}',
        { "retry-after": "2", "x-ratelimit-global": "true", "x-ratelimit-scope": "global" },
      ),
    ]),
};

async function inTurn(
  way: { set(way: Way): void },
  forMs: number,
  answers: readonly (() => string)[],
): Promise<void> {
  for (const bytes of answers) {
    way.set({ kind: "answers", bytes });
    await pause(forMs / answers.length);
  }
}

const answering = (way: { set(way: Way): void }, text: string, forMs: number) =>
  inTurn(way, forMs, [() => text]);

async function configure(url: string, settings: Record<string, string>): Promise<void> {
  const redis = new Redis(url);
  try {
    for (const [name, value] of Object.entries(settings)) await redis.config("SET", name, value);
  } finally {
    redis.disconnect();
  }
}
