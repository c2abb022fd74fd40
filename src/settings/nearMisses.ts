import { SETTINGS } from "./settings.ts";

const NAMES = Object.values(SETTINGS).flatMap(({ name }) => [name, `${name}_FILE`]);
/** Of our command line, and of others: near to a setting, and meant. */
const MEANT: ReadonlySet<string> = new Set([
  ...NAMES,
  ...["LOGHUNTER_URL", "LOGHUNTER_KEY", "LOGHUNTER_KEY_FILE", "APP_URL"],
]);
/** Below it any two names are near. */
const SHORTEST = 6;
/** From so many letters on two mistakes still leave no doubt. */
const LONG = 8;

export interface NearMiss {
  name: string;
  meant: string;
}

/** Variables that are no setting and nearly called as one that is not set: without a word they would do nothing. */
export function nearMisses(env: Record<string, string | undefined>): NearMiss[] {
  return Object.keys(env)
    .filter((name) => name.length >= SHORTEST && !MEANT.has(name))
    .flatMap((name) => {
      const [nearest] = NAMES.map((meant) => ({ meant, apart: distance(name, meant) }))
        .filter(({ meant, apart }) => meant.length >= SHORTEST && apart <= (meant.length < LONG ? 1 : 2))
        .toSorted((a, b) => a.apart - b.apart);
      return nearest === undefined || isSet(env, nearest.meant) ? [] : [{ name, meant: nearest.meant }];
    });
}

function isSet(env: Record<string, string | undefined>, name: string): boolean {
  const bare = name.replace(/_FILE$/, "");
  return [name, bare, `${bare}_FILE`].some((each) => (env[each] ?? "") !== "");
}

/** Levenshtein's: how many letters are to be added, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (let to = 1; to <= b.length; to++) {
      const changed = (row[to - 1] as number) + (letter === b[to - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[to] as number) + 1, (next[to - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
