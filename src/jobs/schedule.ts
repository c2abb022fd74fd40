import { schedule } from "node-cron";

/** Calls again and again, until it is stopped. */
export interface Schedule {
  stop(): Promise<void>;
}

/**
 * Calls every minute at that second, by the clock, also while an earlier call is in hand; one that the process was too busy
 * for comes as soon as it can.
 */
export function everyMinute(second: number, call: () => Promise<void>): Schedule {
  const task = schedule(`${second} * * * * *`, call, { timezone: "UTC" });
  return { stop: async () => void (await task.destroy()) };
}

/** The same at that minute of every hour. */
export function everyHour(minute: number, call: () => Promise<void>): Schedule {
  const task = schedule(`0 ${minute} * * * *`, call, { timezone: "UTC" });
  return { stop: async () => void (await task.destroy()) };
}
