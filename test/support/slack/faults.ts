/** What goes wrong with a call. */
export type Fault =
  | { kind: "rate limited"; retryAfterSeconds: number | undefined }
  | { kind: "status"; status: number }
  | { kind: "error"; code: string; extra?: Record<string, unknown> }
  /** Status 200 with this body, and nothing was done. */
  | { kind: "answer"; body: string }
  /** An answer that does not come to its end, and nothing was done. */
  | { kind: "begun"; end: "breaks off" | "hangs" }
  /** No answer, and nothing was done. */
  | { kind: "hang" }
  /** It was done, and the answer is lost. */
  | { kind: "answer lost" }
  /** The connection breaks before anything was done. */
  | { kind: "dropped" };

/** Faults to order, each for one call of a method. */
export interface Faults {
  /** The next call of the method meets this, after those ordered before. */
  next(method: string, ...faults: Fault[]): void;
  /** Every call of the method meets it until it is lifted. */
  always(method: string, fault: Fault | undefined): void;
  take(method: string): Fault | undefined;
}

export function createFaults(): Faults {
  const ordered = new Map<string, Fault[]>();
  const lasting = new Map<string, Fault>();
  return {
    next(method, ...faults) {
      ordered.set(method, [...(ordered.get(method) ?? []), ...faults]);
    },
    always(method, fault) {
      if (fault === undefined) lasting.delete(method);
      else lasting.set(method, fault);
    },
    take: (method) => ordered.get(method)?.shift() ?? lasting.get(method),
  };
}
