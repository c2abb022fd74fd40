/** What the shell is told; docs/cli.md lists them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** No key, or not this one. */
  notAllowed: 3,
  /** There is no such thing, or it cannot be done. */
  refused: 4,
  /** LogHunter, or what it needs, does not answer. */
  unreachable: 5,
  /** Nothing is broken, and something is to be seen to. */
  warnings: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the program with a sentence for people and a code for the shell. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: ExitCode;
  constructor(message: string, code: ExitCode) {
    super(message);
    this.code = code;
  }
}
