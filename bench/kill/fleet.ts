import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Door } from "./door.ts";
import type { InstanceSettings } from "./orders.ts";
import { isFaultPoint, type KillPoint } from "./points.ts";
import { end, type Nursery, says, send } from "./process.ts";

/** Instances of LogHunter, two unless said. One is killed and started again while the others go on. */
export interface Fleet {
  /** Of all phases so far. */
  kills: number;
  /** Instances that ended without being killed: nobody may. */
  ended: number;
  start(): Promise<void>;
  /** Kills one as it is now. Resolves when it is up again. */
  killOne(): Promise<void>;
  /** Has one die where it comes to the point for the nth time. @returns false where none has come to it */
  killAt(point: KillPoint, nth: number): Promise<boolean>;
  /** Everything is as usual from that minute on. */
  calm(fromMs: number): void;
  stop(): Promise<void>;
}

export interface FleetParts {
  settings: Omit<InstanceSettings, "slackUrl" | "discordUrl" | "calmFromMs">;
  /** The ways of one instance to the platforms. */
  openDoors(kill: (point: KillPoint) => boolean): Promise<{ slack: Door; discord: Door }>;
  nursery: Nursery;
  random: () => number;
  /** Two at least: with one nobody would go on. */
  instances: number;
}

interface Slot {
  doors: { slack: Door; discord: Door };
  child?: ChildProcess;
  /** Where it is to die on the wire. */
  armed?: { point: KillPoint; nth: number } | undefined;
  /** It is being killed, and started again by whoever does. */
  isDying: boolean;
}

/** Longer than anything takes that is waited for on the way to a point: a lease, a back-off. */
const COMES_WITHIN_MS = 8_000;
const TURNS = 10;

export function createFleet({ settings, openDoors, nursery, random, instances }: FleetParts): Fleet {
  const slots: Slot[] = [];
  /** Loading takes longer than starting: the next one is loaded before it is needed. */
  let next = nursery.load();
  let last: Slot | undefined;
  let calmFromMs = Number.MAX_SAFE_INTEGER;
  let isOver = false;

  const fleet: Fleet = {
    kills: 0,
    ended: 0,
    async start() {
      for (let at = 0; at < instances; at++) {
        const slot: Slot = {
          isDying: false,
          doors: await openDoors((point) => dieOnWire(slot, point)),
        };
        slots.push(slot);
        await raise(slot);
      }
    },
    async killOne() {
      await strike(pick(), (slot) => slot.child?.kill("SIGKILL"));
    },
    async killAt(point, nth) {
      // The one that is asked may have nothing to do just now: then another one has.
      for (let turn = 0; turn < TURNS; turn++) {
        const slot = turn === 0 ? pick() : (slots[(slots.indexOf(last as Slot) + 1) % slots.length] as Slot);
        if (await strike(slot, (each) => arm(each, { point, nth }))) return true;
      }
      return false;
    },
    calm(fromMs) {
      calmFromMs = fromMs;
      for (const { child } of slots) send(child, { do: "calm", fromMs });
    },
    async stop() {
      isOver = true;
      const children = [...slots.map(({ child }) => child), await next.catch(() => undefined)];
      await Promise.all(children.map(end));
      await Promise.all(slots.flatMap(({ doors }) => [doors.slack.close(), doors.discord.close()]));
    },
  };
  return fleet;

  function pick(): Slot {
    return slots[Math.floor(random() * slots.length)] as Slot;
  }

  /** @returns whether it died, and is up again */
  async function strike(slot: Slot, how: (slot: Slot) => void): Promise<boolean> {
    const { child } = slot;
    if (child === undefined) return false;
    last = slot;
    slot.isDying = true;
    const gone = once(child, "exit");
    how(slot);
    const died = await Promise.race([gone.then(() => true), pause(COMES_WITHIN_MS, false)]);
    if (died) {
      fleet.kills++;
      await raise(slot);
    } else {
      arm(slot, undefined);
    }
    slot.isDying = false;
    return died;
  }

  function arm(slot: Slot, at: { point: KillPoint; nth: number } | undefined): void {
    slot.armed = at === undefined ? undefined : { ...at };
    const inside = at !== undefined && isFaultPoint(at.point) ? { ...at, point: at.point } : undefined;
    send(slot.child, { do: "die", ...(inside !== undefined && { at: inside }) });
  }

  function dieOnWire(slot: Slot, point: KillPoint): boolean {
    if (slot.armed?.point !== point || --slot.armed.nth > 0) return false;
    slot.armed = undefined;
    slot.child?.kill("SIGKILL");
    return true;
  }

  /** Starts an instance, as often as it takes: its database may be away. */
  async function raise(slot: Slot): Promise<void> {
    slot.armed = undefined;
    while (!isOver) {
      const child = await next;
      next = nursery.load();
      next.catch(() => undefined);
      send(child, {
        do: "start",
        settings: {
          ...settings,
          calmFromMs,
          slackUrl: slot.doors.slack.url,
          discordUrl: slot.doors.discord.url,
        },
      });
      if (!(await says(child, "up"))) {
        await pause(200);
        continue;
      }
      slot.child = child;
      send(child, { do: "calm", fromMs: calmFromMs });
      child.once("exit", (_, signal) => {
        if (isOver || slot.isDying) return;
        // It came to its point just when it was told to forget it; anything else is an end that nobody wanted.
        if (signal === "SIGKILL") fleet.kills++;
        else fleet.ended++;
        void raise(slot);
      });
      return;
    }
  }
}
