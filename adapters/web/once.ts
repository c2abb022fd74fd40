import type { Handled } from "./acts.ts";

/** How many finished acts are remembered, so that a late repeat need not reach the core again. */
const REMEMBERED = 500;

/** Runs an act once per id: a repeat joins the one under way or gets its outcome. A failed act may be repeated. */
export function rememberActs() {
  const known = new Map<string, Promise<Handled>>();
  const underWay = new Set<Promise<Handled>>();

  function once(id: string, act: () => Promise<Handled>): Promise<Handled> {
    const earlier = known.get(id);
    if (earlier !== undefined) return earlier;
    const running = act();
    known.set(id, running);
    underWay.add(running);
    const done = () => {
      underWay.delete(running);
      const oldest = known.keys().next();
      if (known.size > REMEMBERED && oldest.value !== undefined) known.delete(oldest.value);
    };
    running.then(done, () => {
      done();
      known.delete(id);
    });
    return running;
  }
  once.settled = async () => {
    await Promise.allSettled(underWay);
  };
  return once;
}
