/**
 * Where time goes, step by step: a port, so that a process that exports no traces pays nothing for them. `adapters/otlp` implements it.
 * What a span says of its step is words and numbers of ours: never a line of the log, a secret, or who somebody is.
 */
export interface Traces {
  /**
   * Does work within a span, below the one that is open. What is thrown ends it as failed; of an error its name is told alone: its message
   * may quote what it was about.
   */
  span<T>(name: string, attributes: Attributes, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** The same for a small step, which is left out where no span is open: what nobody asked for, as a look for work, is no trace. */
  step<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T>;
  /** The same for what somebody did. Whoever knows its id goes on below it, in any process: nothing is handed over for that. */
  act<T>(id: string, name: string, attributes: Attributes, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** Does work below the span of an act. */
  below<T>(actId: string, work: () => Promise<T>): Promise<T>;
  /** A span that nothing is below, for what ends where it did not begin. */
  begin(name: string, attributes: Attributes): OpenSpan & { end(error?: unknown): void };
  /** Sends what is not sent yet. */
  close(): Promise<void>;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface OpenSpan {
  /** Says more of it, once that is known. */
  say(attributes: Attributes): void;
}

const SILENT = { say: () => undefined, end: () => undefined };

export const NO_TRACES: Traces = {
  span: (_name, _attributes, work) => work(SILENT),
  step: (_name, _attributes, work) => work(),
  act: (_id, _name, _attributes, work) => work(SILENT),
  below: (_actId, work) => work(),
  begin: () => SILENT,
  close: async () => undefined,
};
