/** One thing that had to be so for an episode, with its number, so that a person can be told why it was one or not. */
export interface Condition {
  name: string;
  value: number;
  limit: number;
  /** A minute, what the value is counted from, where that is not what is usual at the time of day. */
  against?: number;
  holds: boolean;
}
