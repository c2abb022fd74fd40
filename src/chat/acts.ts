import type { Place } from "./platform.ts";

/**
 * Which acts of people are in hand or done, kept where every process sees it. A platform delivers an act again when
 * it has not heard of it, and the second time may be the only copy that arrives: it is not dropped for being one.
 */
export interface Acts {
  /**
   * Takes an act in hand.
   * @returns false where it was done, or is in hand elsewhere: nothing is to be done then.
   */
  begin(at: Pick<Place, "platform" | "workspace">, actId: string): Promise<boolean>;
  /** It has been answered. An act that is never ended can be taken up again after a minute. */
  end(at: Pick<Place, "platform" | "workspace">, actId: string): Promise<void>;
}
