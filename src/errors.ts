/**
 * Something the person who asked can put right. The message is written for them: what is wrong and
 * what to do, in one sentence, with no secret and no log line in it.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}
