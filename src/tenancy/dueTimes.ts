/** No wait of a message is ever set so long: one that is comes of a clock that was put back. */
export const LONGEST_WAIT_MS = 10 * 60_000;

/** A condition in SQL: whether a time to wait for has come, as of `at`. */
export function hasComeSql(time: string): string {
  return `(${time} <= at or ${time} > at + ${LONGEST_WAIT_MS} * interval '1 millisecond')`;
}
