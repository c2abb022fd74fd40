import type { types } from "@slack/bolt";

/** A workspace that the server knows, and the bot in it. */
export interface Team {
  id: string;
  name: string;
  enterpriseId?: string;
  /** The token is one of the whole organisation's. */
  isOrgWide?: boolean;
  token: string;
  isRevoked?: boolean;
  scopes: string[];
}

export interface User {
  id: string;
  team: string;
  name: string;
  isAdmin?: boolean;
  /** Of several channels, or of one alone. */
  guestOf?: "channels" | "one channel";
  tz?: string;
  enterpriseId?: string;
  isStranger?: boolean;
}

export interface Channel {
  id: string;
  isArchived?: boolean;
  hasBot: boolean;
  /** Of a direct message. */
  of?: string;
}

export interface StoredMessage {
  channel: string;
  ts: string;
  thread?: string;
  by: "bot" | string;
  text: string;
  blocks: types.KnownBlock[];
  metadata?: unknown;
  onlyFor?: string;
  files: string[];
}

export interface StoredFile {
  id: string;
  name: string;
  bytes: Uint8Array;
  /** When blocks may name it: Slack goes on processing a file after it was completed. */
  readyAtMs: number;
}

export interface OpenView {
  id: string;
  hash: string;
  user: string;
  view: types.ModalView;
}

export const BOT_USER = "U0BOT0001";
export const BOT_ID = "B0BOT0001";
export const ALL_SCOPES = [
  "commands",
  "chat:write",
  "app_mentions:read",
  "users:read",
  "channels:history",
  "groups:history",
  "im:history",
  "im:write",
  "files:write",
];

export const ACME: Team = { id: "T0ACME001", name: "Acme", token: "xoxb-acme-1", scopes: ALL_SCOPES };
export const ANNA: User = {
  id: "U0ANNA001",
  team: ACME.id,
  name: "anna",
  isAdmin: true,
  tz: "Europe/Berlin",
};
export const BEN: User = { id: "U0BEN0001", team: ACME.id, name: "ben" };
export const LOGS: Channel = { id: "C0LOGS001", hasBot: true };
export const ELSEWHERE: Channel = { id: "C0ELSE001", hasBot: false };

/** All that stands on the server. */
export class World {
  readonly teams: Team[] = [{ ...ACME, scopes: [...ACME.scopes] }];
  readonly users: User[] = [ANNA, BEN];
  readonly channels: Channel[] = [{ ...LOGS }, { ...ELSEWHERE }];
  readonly messages: StoredMessage[] = [];
  /** What is to be posted later, by its id. */
  readonly planned = new Map<string, { channel: string; atSeconds: number }>();
  readonly files = new Map<string, StoredFile>();
  readonly homes = new Map<string, types.HomeView>();
  /** The modals that stand open, the newest last. */
  readonly views: OpenView[] = [];
  private clock = 1_764_000_000_000_000;
  private serial = 0;

  /** A time stamp that no other message has. */
  nextTs(): string {
    this.clock += 1_000_100;
    return `${Math.floor(this.clock / 1_000_000)}.${String(this.clock % 1_000_000).padStart(6, "0")}`;
  }

  nextId(letter: string): string {
    this.serial += 1;
    return `${letter}0${String(this.serial).padStart(8, "0")}`;
  }

  message(channel: string, ts: string): StoredMessage | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts);
  }
}
