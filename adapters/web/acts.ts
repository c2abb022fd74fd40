import type { SentForm } from "./forms.ts";

export interface Said {
  id: string;
  text: string;
  channel: string;
  thread?: string | undefined;
  zone?: string | undefined;
}

export interface Pressed {
  id: string;
  message: string;
  action: string;
  zone?: string | undefined;
}

export interface Filled {
  id: string;
  command: string;
  values: Record<string, string>;
  channel: string;
  thread?: string | undefined;
  zone?: string | undefined;
}

export interface Asked {
  id: string;
  message: string;
  zone?: string | undefined;
}

export type Handled =
  | { outcome: "done"; thread?: string }
  /** It is not done: this is to be filled in first. */
  | { outcome: "form"; form: SentForm }
  /** What was filled in is wrong, a sentence by field. */
  | { outcome: "mistakes"; mistakes: Record<string, string> }
  /** Not an act that can be done: the sentence says why. */
  | { outcome: "refused"; why: string };

/** Acts of the person at the page, each of them once, however often the page repeats it. */
export interface Acts {
  say(said: Said): Promise<Handled>;
  press(pressed: Pressed): Promise<Handled>;
  /** Sends off a form. */
  fill(filled: Filled): Promise<Handled>;
  /** "Explain this log". */
  explain(asked: Asked): Promise<Handled>;
  /** Resolves when no act is under way. */
  settled(): Promise<void>;
}
