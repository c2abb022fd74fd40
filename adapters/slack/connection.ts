import type { RequestListener } from "node:http";
import type { App } from "@slack/bolt";
import type { Accounts } from "./accounts.ts";
import type { OwnWorkspace } from "./options.ts";

/** How Slack reaches us: over a socket of ours, or with requests of its own. */
export interface Connection {
  app: App;
  accounts: Accounts;
  readonly ownWorkspace: OwnWorkspace | undefined;
  listener: RequestListener | undefined;
  /** @throws UserError where a setting is wrong. */
  start(): Promise<void>;
  /** In place of a start: what can be found out without receiving anything. */
  look(): Promise<void>;
  /** Nothing is received after that. */
  stop(): Promise<void>;
  /** Whether the socket stands; undefined where Slack makes requests. */
  isConnected(): boolean | undefined;
  /** What is wrong with the connection itself, with what mends it; undefined where nothing is. */
  trouble(): string | undefined;
}
