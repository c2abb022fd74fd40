import { compare, hash } from "bcrypt";
import { TooMuchAsked } from "../errors.ts";

/** bcrypt off the event loop, a few at a time, by turns. */
export interface Hashing {
  /** @returns bcrypt of the whole key, to keep. @throws TooMuchAsked where too many wait already. */
  hash(raw: string): Promise<string>;
  /**
   * Whether the key is the one of a hash; "busy" where too many wait already.
   * @param lane who takes turns with others: a flood in one lane holds up that lane alone
   */
  matches(raw: string, keyHash: string, lane: string): Promise<boolean | "busy">;
  /** A hash of nobody's key that takes as long to compare with as any other. */
  nobodys(): Promise<string>;
}

/** Each takes a core for as long as it lasts; one core is left for everything else. */
const AT_ONCE = 1;
/** Who waits longer than for these is told to come again. */
const MOST_IN_LANE = 4;
const MOST_LANES = 64;

/** @param cost bcrypt's, as its logarithm: 12 takes about a quarter of a second */
export function createHashing(cost: number): Hashing {
  const lanes = new Map<string, (() => Promise<void>)[]>();
  let working = 0;
  const nobodys = hash("nobody's key", cost);
  // Whoever needs it is told.
  nobodys.catch(() => undefined);

  /** The first of the lane whose turn it is; the lane then goes to the end. */
  function next(): (() => Promise<void>) | undefined {
    const [first] = lanes;
    if (first === undefined) return undefined;
    const [name, waiting] = first;
    lanes.delete(name);
    const work = waiting.shift();
    if (waiting.length > 0) lanes.set(name, waiting);
    return work;
  }

  function goOn(): void {
    while (working < AT_ONCE) {
      const work = next();
      if (work === undefined) return;
      working += 1;
      void work().finally(() => {
        working -= 1;
        goOn();
      });
    }
  }

  function inTurn<T>(lane: string, work: () => Promise<T>): Promise<T> | "busy" {
    const waiting = lanes.get(lane) ?? [];
    if (waiting.length >= MOST_IN_LANE || (waiting.length === 0 && lanes.size >= MOST_LANES)) return "busy";
    return new Promise<T>((resolve, reject) => {
      waiting.push(() => work().then(resolve, reject));
      lanes.set(lane, waiting);
      goOn();
    });
  }

  return {
    nobodys: () => nobodys,
    async hash(raw) {
      const hashed = await inTurn("new keys", () => hash(raw, cost));
      if (hashed !== "busy") return hashed;
      throw new TooMuchAsked("Many keys are being made just now. Try again in a minute.");
    },
    async matches(raw, keyHash, lane) {
      return inTurn(lane, () => compare(raw, keyHash));
    },
  };
}
