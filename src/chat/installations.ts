/** What workspaces gave when they installed the bot, encrypted at rest. */
export interface Installations {
  /** Keeps an installation in the place of the one before. */
  save(platform: string, externalId: string, installation: Installation): Promise<void>;
  find(platform: string, externalId: string): Promise<Installation | undefined>;
  /** The bot was removed, or its tokens were revoked: they are not kept any longer. */
  forget(platform: string, externalId: string): Promise<void>;
  /** How many of those that are kept cannot be read: the key that sealed them is not there. */
  countClosed(): Promise<{ closed: number; all: number }>;
  /** Whether this is the first use of a word that may be used once, such as an OAuth state. */
  useOnce(word: string, withinMs: number): Promise<boolean>;
}

export interface Installation {
  workspaceName: string;
  /** The platform's id of the person who installed the bot. */
  installedBy: string;
  /** Tokens and what belongs to them, in the adapter's own form. */
  secret: string;
}
