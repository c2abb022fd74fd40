import type { DrawChart } from "../../src/charts/chart.ts";
import type { Acts } from "../../src/chat/acts.ts";
import type { Installations } from "../../src/chat/installations.ts";
import type { Log } from "../../src/log.ts";
import type { Pause } from "./pause.ts";

export interface SlackOptions {
  draw: DrawChart;
  log: Log;
  now: () => number;
  acts: Acts;
  /** The Web API's address, for proxies and tests; the SDK's own where it is left out. */
  apiUrl?: string;
  connection: SocketConnection | HttpConnection;
  /** How long one call may take; 10 s where it is left out. */
  callTimeoutMs?: number;
  /** How waiting is done between attempts; by timers where it is left out. */
  pause?: Pause;
  /** Without the history scopes: whether what may stand already is sent again; yes where it is left out. */
  resendsUnsure?: boolean;
}

/** One workspace, reached from inside its network: nothing listens. */
export interface SocketConnection {
  mode: "socket";
  /** xoxb-… */
  botToken: string;
  /** xapp-… with connections:write */
  appToken: string;
  /** Called when the workspace of the token is known, before anything of it is received. */
  opened?: (workspace: OwnWorkspace) => Promise<void>;
}

/** Many workspaces, each with an installation of its own; Slack sends requests to us. */
export interface HttpConnection {
  mode: "http";
  signingSecret: string;
  clientId: string;
  clientSecret: string;
  /** Signs the states of installations that are under way. */
  stateSecret: string;
  /** Where Slack and browsers reach us: https://loghunter.example.com */
  publicUrl: string;
  /** Where browsers are sent to agree to an installation; Slack's own where it is left out. */
  authorizeUrl?: string;
  installations: Installations;
}

export interface OwnWorkspace {
  id: string;
  name: string;
  enterpriseId?: string;
}
