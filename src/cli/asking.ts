import type { Client } from "./client.ts";
import type { Terminal } from "./terminal.ts";

/** What a command that asks the API is given. */
export interface Asking {
  client(): Promise<Client>;
  terminal: Terminal;
  /** Programs read what is printed. */
  json: boolean;
  pause(ms: number): Promise<void>;
  now(): number;
}

/** Prints an answer: as it is for programs, or in words. */
export function show<T>({ terminal, json }: Asking, answer: T, inWords: (answer: T) => string): void {
  terminal.print(json ? JSON.stringify(answer, null, 2) : inWords(answer));
}

export interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

/** `5 min ago`. */
export function ago(iso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1_000));
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3_600) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}
