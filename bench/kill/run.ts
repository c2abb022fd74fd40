import { setTimeout as pause } from "node:timers/promises";
import { check, NOTHING, type Phase, type Verdict } from "./check.ts";
import { KILL_POINTS } from "./points.ts";
import { openStage, type Stage } from "./stage.ts";
import { randomFrom } from "./weather.ts";

export interface KillTest {
  /** At random moments. */
  kills: number;
  seed: number;
  /** Of LogHunter, at least two. */
  instances?: number;
  /** Whether Slack's bot may read what stands in a channel. */
  history: boolean;
  /** How long answers are lost, and how often PostgreSQL and Redis are disturbed: by so much. */
  scale: "short" | "long";
  say?: (what: string) => void;
  /** Rejects when somebody wants it to end: what was started is stopped then. */
  interrupted?: Promise<never>;
}

export interface PhaseResult extends Verdict {
  name: string;
  kills: number;
}

export interface KillTestResult {
  phases: PhaseResult[];
  /** Points at which nobody was killed, because nobody came to them. */
  missed: string[];
  /** Instances that ended without being killed. */
  ended: number;
  /** Of either platform's rules. */
  complaints: string[];
}

/** Now and then a request is lost, its answer is, or it has to wait: as on any day. */
const ORDINARY = 0.06;
/** Hardly anything gets through at the first try. */
const BAD = 0.25;
const BETWEEN_KILLS_MS = 1_000;
const SETTLES_WITHIN_MS = 300_000;

/** Kills instances at every named point and at random moments, disturbs all that they use, and says what came of it. */
export async function runKillTest({
  kills,
  seed,
  instances = 2,
  history,
  scale,
  say = () => undefined,
  interrupted,
}: KillTest): Promise<KillTestResult> {
  const random = randomFrom(seed);
  const stage = await openStage({ history, services: scale === "long" ? 24 : 12, random, instances });
  const phases: (Phase & { kills: number })[] = [];
  const { fleet, weather } = stage;

  async function phase(name: string, work: () => Promise<unknown>): Promise<void> {
    const before = { kills: fleet.kills, fromMs: Date.now() };
    await work();
    phases.push({ name, fromMs: before.fromMs, toMs: Date.now(), kills: fleet.kills - before.kills });
    say(
      `${name}: ${fleet.kills - before.kills} kills in ${Math.round((Date.now() - before.fromMs) / 1_000)} s`,
    );
  }

  async function killAtRandom(times: number): Promise<void> {
    for (let at = 0; at < times; at++) {
      await pause(random() * BETWEEN_KILLS_MS);
      await fleet.killOne();
    }
  }

  async function work(): Promise<KillTestResult> {
    for (const point of KILL_POINTS) {
      // Nobody looks for a message before something has gone wrong with it.
      weather.chance = point === "wire: looked for, not answered" ? BAD : ORDINARY;
      await phase(point, () => fleet.killAt(point, 1 + Math.floor(random() * 2)));
    }
    weather.chance = ORDINARY;
    await phase(AT_RANDOM, () => killAtRandom(Math.ceil(kills / 2)));
    weather.chance = BAD;
    await phase("answers lost, sockets cut", () => disturbSockets(stage, scale));
    weather.chance = ORDINARY;
    await phase("Redis flushed", () => disturbRedis(stage, scale));
    await phase("PostgreSQL restarted", () => disturbPostgres(stage, scale));
    await phase(AT_RANDOM, () => killAtRandom(Math.floor(kills / 2)));
    await phase("coming to rest", () => stage.settle(SETTLES_WITHIN_MS));
    const { platforms, databaseUrl } = stage;
    const verdicts = await check(databaseUrl, platforms.standing(), phases);
    return {
      phases: inRows(phases, verdicts),
      missed: KILL_POINTS.filter((point) => phases.some(({ name, kills }) => name === point && kills === 0)),
      ended: fleet.ended,
      complaints: [...platforms.slack.complaints, ...platforms.discord.complaints],
    };
  }

  const working = work();
  try {
    return await Promise.race([working, ...(interrupted === undefined ? [] : [interrupted])]);
  } finally {
    working.catch(() => undefined);
    await stage.close();
  }
}

const AT_RANDOM = "random moments";

async function disturbSockets({ platforms }: Stage, scale: KillTest["scale"]): Promise<void> {
  for (let at = 0; at < (scale === "long" ? 15 : 2); at++) {
    await pause(2_000);
    platforms.slack.socket.drop();
    platforms.discord.gateway.cut();
  }
}

async function disturbRedis({ flushRedis, fleet }: Stage, scale: KillTest["scale"]): Promise<void> {
  for (let at = 0; at < (scale === "long" ? 5 : 1); at++) {
    await flushRedis?.();
    await pause(1_000);
    await fleet.killOne();
    await flushRedis?.();
  }
}

async function disturbPostgres({ restartPostgres, fleet }: Stage, scale: KillTest["scale"]): Promise<void> {
  for (let at = 0; at < (scale === "long" ? 3 : 1); at++) {
    await restartPostgres("stopped");
    await pause(1_500);
    // One more thing at the worst moment: who is killed starts while its database does.
    await Promise.all([fleet.killOne(), restartPostgres("killed")]);
    await pause(1_500);
  }
}

/** A row for each name, as they came first; those of the verdicts that are in no phase at the end. */
function inRows(
  phases: readonly (Phase & { kills: number })[],
  verdicts: ReadonlyMap<string, Verdict>,
): PhaseResult[] {
  const names = [...new Set([...phases.map(({ name }) => name), ...verdicts.keys()])];
  return names.map((name) => ({
    ...(verdicts.get(name) ?? NOTHING),
    name,
    kills: phases.filter((each) => each.name === name).reduce((sum, each) => sum + each.kills, 0),
  }));
}
