/** What the bot is in one workspace. */
export interface Account {
  /** The team's id: what `Place.workspace` holds. */
  workspace: string;
  name: string;
  token: string;
  botUserId: string | undefined;
  botId: string | undefined;
  enterpriseId: string | undefined;
  /** Installed once for a whole organisation of workspaces: calls name the workspace then. */
  isOrgWide: boolean;
}

/** Where it is installed. */
export interface Accounts {
  /**
   * @param enterpriseId where the workspace belongs to an organisation and that is known.
   * @throws where what is kept cannot be read.
   */
  find(workspace: string, enterpriseId?: string): Promise<Account | undefined>;
  /** The app was removed there, or its token revoked, as Slack told. */
  removed(workspace: string, enterpriseId: string | undefined, isOrgWide: boolean): Promise<void>;
}
