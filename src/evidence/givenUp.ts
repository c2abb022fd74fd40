import { failureKindOf } from "./failureKinds.ts";

const GIVEN_UP =
  /\b(?:giv(?:e|es|en|ing)|gave) up\b|\b(?:max(?:imum)?|too many|no more|out of) (?:number of )?(?:retries|attempts|tries)\b|\b(?:retries|attempts) (?:were |are )?exhausted\b|\bretry limit\b|\bafter \d{1,6} (?:failed )?(?:retries|attempts|tries)\b/i;

/** Whether a line says that something was given up after tries, and not why they failed: that stands in the lines before it. */
export function isGivenUp(line: string): boolean {
  return GIVEN_UP.test(line) && failureKindOf(line) === undefined;
}
