import type { HostileCase } from "./hostile.ts";
import type { Row } from "./run.ts";

/** What a check looks at, and says if it does not hold. */
export interface Looked {
  hostile: HostileCase;
  row: Row;
  where: string;
  /** The part of the row as text; of a message: with that of the answer in its thread. */
  text: string;
  value: unknown;
  flags: string;
}
/** @returns why it does not hold; undefined where it does */
export type Rule = (looked: Looked) => string | undefined;
