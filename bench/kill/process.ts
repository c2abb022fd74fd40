import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Order, Told } from "./orders.ts";

const INSTANCE = fileURLToPath(new URL("instance.ts", import.meta.url));

/** An instance that has everything loaded, and waits to be started. */
export async function load(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", INSTANCE], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if (!(await says(child, "loaded"))) throw new Error("an instance could not be loaded");
  return child;
}

/** @returns false where it has ended before it said so */
export async function says(child: ChildProcess, what: Told): Promise<boolean> {
  return new Promise((resolve) => {
    const hear = (said: unknown) => {
      if (said === what) settle(true);
    };
    const gone = () => settle(false);
    const settle = (said: boolean) => {
      child.off("message", hear);
      child.off("exit", gone);
      resolve(said);
    };
    child.on("message", hear);
    child.once("exit", gone);
  });
}

export function send(child: ChildProcess | undefined, order: Order): void {
  // It may die while it is told.
  if (child?.connected) child.send(order, () => undefined);
}

export async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
