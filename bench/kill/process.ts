import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import type { Order, Told } from "./orders.ts";

const INSTANCE = fileURLToPath(new URL("instance.ts", import.meta.url));
const WORKER = fileURLToPath(new URL("../../src/clusters/fingerprintWorker.ts", import.meta.url));
/** Where Node finds the packages too. */
const FOLDER = fileURLToPath(new URL(`../../node_modules/.cache/kill-${process.pid}/`, import.meta.url));
const BUILT = `${FOLDER}instance.mjs`;

/** Instances to come. They are built once, into one file: a third of the work of loading each from its sources. */
export interface Nursery {
  /** One that has everything loaded, and waits to be started. */
  load(): Promise<ChildProcess>;
  close(): Promise<void>;
}

export async function openNursery(): Promise<Nursery> {
  const how = { bundle: true, packages: "external", platform: "node", target: "node20" } as const;
  await build({ ...how, entryPoints: [INSTANCE], outfile: BUILT, format: "esm", logLevel: "warning" });
  // Beside it, where what starts it looks for it; by its name Node takes it for CommonJS there.
  const worker = `${FOLDER}fingerprintWorker.js`;
  await build({ ...how, entryPoints: [WORKER], outfile: worker, format: "cjs", logLevel: "warning" });
  await stop();
  return {
    async load() {
      const child = spawn(process.execPath, [BUILT], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      if (!(await says(child, "loaded"))) throw new Error("an instance could not be loaded");
      return child;
    },
    close: () => rm(FOLDER, { recursive: true, force: true }),
  };
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
