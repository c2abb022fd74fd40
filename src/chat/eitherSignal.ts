/** Signals that one of these was made of, for as long as it is there itself. */
const held = new WeakMap<AbortSignal, readonly AbortSignal[]>();

/**
 * Aborted as soon as one of them is. `AbortSignal.any` alone does not hold what it listens to: a time-out that nobody else holds is
 * collected before its time, and never comes (Node 20).
 */
export function eitherSignal(...signals: AbortSignal[]): AbortSignal {
  const either = AbortSignal.any(signals);
  held.set(either, signals);
  return either;
}
