import { OF_A_SAMPLE, readable } from "../logs/readable.ts";

/** What tells a kind of lines from others at a glance: the message as chats show it, not the JSON around it. */
export function firstLine(sample: string): string {
  return readable(sample, OF_A_SAMPLE).split("\n", 1)[0] ?? "";
}
