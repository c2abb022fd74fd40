import type { StandInRequest } from "./standIn.ts";

export type FaultKind =
  | { kind: "status"; status: number; body: string; headers?: Record<string, string> }
  /** The socket is destroyed without an answer. */
  | { kind: "cut" }
  /** The answer comes late. */
  | { kind: "slow"; ms: number }
  /** The answer comes once this has. */
  | { kind: "held"; until: Promise<unknown> }
  /** Half of the answer, then the socket ends. */
  | { kind: "truncated" }
  /** 200 with this body. */
  | { kind: "body"; body: string };

export type Fault = {
  /** 1 */
  times?: number;
  matches?: (request: Pick<StandInRequest, "path" | "params">) => boolean;
} & FaultKind;

/** What is to go wrong, first come first served. */
export class Faults {
  #waiting: { left: number; fault: Fault }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ left: fault.times ?? 1, fault });
  }

  take(request: StandInRequest): FaultKind | undefined {
    const due = this.#waiting.find(({ fault }) => fault.matches?.(request) ?? true);
    if (due === undefined) return undefined;
    due.left -= 1;
    if (due.left <= 0) this.#waiting = this.#waiting.filter((one) => one !== due);
    return due.fault;
  }
}
