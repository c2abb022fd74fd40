import { basename } from "node:path";
import { UserError } from "../../src/errors.ts";
import type { ServiceRef } from "../../src/logs/source.ts";
import type { LogFile } from "./logFile.ts";

/** Files named in one sentence; of more there is the number. */
const MOST_NAMED = 3;

/** What the reader should know of files that are left out for now; nothing where there are none. */
export function comingNote(coming: readonly LogFile[]): string | undefined {
  const first = coming.filter((file) => file.blocks.length === 0);
  const files = first.length > 0 ? first : coming;
  if (files.length === 0) return undefined;
  const what = first.length > 0 ? "lines" : "newest lines";
  const [are, their] = files.length === 1 ? ["is", "its"] : ["are", "their"];
  return `${namesOf(files)} ${are} still being read: ${their} ${what} are missing here.`;
}

/** "junk.log.gz (11 %) is still being read" */
export function comingWords(coming: readonly LogFile[]): string {
  return `${namesOf(coming)} ${coming.length === 1 ? "is" : "are"} still being read`;
}

/** The services that files hold lines of, as far as that is known yet, of files written since then. */
export function comingServices(coming: readonly LogFile[], fromMs: number): ServiceRef[] {
  return coming
    .filter(({ found }) => Number(found.mtimeNs / 1_000_000n) >= fromMs)
    .flatMap(({ places }) => places)
    .map(({ service, namespace }) => ({ service, namespace }));
}

/**
 * For a question about services of which nothing was found. "There is nothing" would be wrong while files of their
 * own are still being read.
 * @throws UserError
 */
export function refuseIfComing(services: readonly string[] | undefined, coming: readonly LogFile[]): void {
  const own = coming.filter(({ places }) => places.some(({ service }) => services?.includes(service)));
  if (own.length === 0) return;
  throw new UserError(
    `${comingWords(own)}, and nothing was found in what was read so far: ask again in a minute.`,
  );
}

/** Done and to do, all files together. */
export function percentOf(files: readonly LogFile[]): number {
  let [done, total] = [0, 0];
  for (const { progress } of files) {
    done += progress.done;
    total += progress.total;
  }
  return total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total));
}

function namesOf(files: readonly LogFile[]): string {
  const named = files
    .slice(0, MOST_NAMED)
    .map((file) => `${basename(file.found.path)} (${percentOf([file])} %)`);
  const more = files.length - named.length;
  if (more > 0) return `${named.join(", ")} and ${more.toLocaleString("en")} more files`;
  const last = named.pop() ?? "";
  return named.length === 0 ? last : `${named.join(", ")} and ${last}`;
}
