import type { Block, Inline, Text } from "../../chat/card.ts";
import { type Pack, rangeOf } from "../../evidence/pack.ts";
import type { Answer } from "../answer.ts";
import { evidenceItem } from "../evidenceCard.ts";
import type { Turn } from "../turns.ts";
import { needsDate } from "../words.ts";

export interface FollowUp {
  pack: Pack;
  answer: Answer;
  /** What was said before, oldest first. */
  turns: readonly Turn[];
  question: string;
  /** Errors of a service in each whole minute since then, read when a question is about now. */
  errorsSince(service: string): Promise<number[]>;
}

/** What a question is about, if it is about one thing: all evidence of one service, or one item. */
export interface Subject {
  name: string;
  /** Evidence numbers. */
  numbers: number[];
}

export interface Topic {
  about: RegExp;
  /** It can be about one thing; the others are about the incident, whatever was spoken of. */
  ofOne?: true;
  /** @param subject absent: the question is about the incident as a whole */
  answer(followUp: FollowUp, subject: Subject | undefined): Block[] | Promise<Block[]>;
}

export function text(text: Text): Block {
  return { kind: "text", text };
}

export function itemsBlock(pack: Pack, numbers: readonly number[], sampleLines?: number): Block {
  return { kind: "items", items: numbers.map((number) => evidenceItem(pack, number, sampleLines)) };
}

/** A moment to the second: what comes first is often a matter of seconds. */
export function exactly(atMs: number, pack: Pack): Inline {
  return { atMs, show: needsDate(rangeOf(pack)) ? "date and time" : "time with seconds" };
}

/** Rows that are shown of a table; the others are counted. */
const MOST_ROWS = 12;

/** A table that leaves out what nobody reads in a chat. */
export function tableOf(columns: string[], rows: Text[][]): Block[] {
  const more = rows.length - MOST_ROWS;
  return [
    { kind: "table", columns, rows: rows.slice(0, MOST_ROWS) },
    ...(more > 0 ? [text(`And ${more} more.`)] : []),
  ];
}

export function numbersText(numbers: readonly number[]): string {
  return numbers.map((number) => `[${number}]`).join("");
}
