/**
 * Something the person who asked can put right. The message is written for them: what is wrong and
 * what to do, in one sentence, with no secret and no log line in it.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** So much is under way that no more is taken on just now: the same may be asked again in a while. */
export class TooMuchAsked extends UserError {
  override readonly name = "TooMuchAsked";
}
