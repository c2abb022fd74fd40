import type { Args } from "./methods.ts";
import { ALL_SCOPES, ANNA, BOT_USER, type Team, type World } from "./world.ts";

/** Slack's end of OAuth v2: https://docs.slack.dev/reference/methods/oauth.v2.access */
export interface OAuth {
  /** Somebody agrees to an installation. @returns the code that their browser carries back */
  agree(
    team: Omit<Team, "token" | "scopes"> & Partial<Team>,
    how?: { rotates?: { expiresInSeconds: number } },
  ): string;
  access(args: Args): Record<string, unknown>;
  /** How often a refresh token was taken. */
  refreshed(): number;
}

export const CLIENT = { id: "111.222", secret: "client-secret" };

export function createOAuth(world: World): OAuth {
  const codes = new Map<string, { team: Team; expiresIn: number | undefined }>();
  const refreshTokens = new Map<string, Team>();
  let serial = 0;
  let refreshed = 0;

  function granted(team: Team, expiresIn: number | undefined): Record<string, unknown> {
    const enterprise =
      team.enterpriseId === undefined ? null : { id: team.enterpriseId, name: `${team.name} organisation` };
    const refresh = expiresIn === undefined ? undefined : `xoxe-1-refresh-${++serial}`;
    if (refresh !== undefined) refreshTokens.set(refresh, team);
    return {
      ok: true,
      app_id: "A0LOGHNT1",
      access_token: team.token,
      token_type: "bot",
      scope: team.scopes.join(","),
      bot_user_id: BOT_USER,
      team: team.isOrgWide ? null : { id: team.id, name: team.name },
      enterprise,
      is_enterprise_install: team.isOrgWide === true,
      authed_user: { id: ANNA.id },
      ...(refresh !== undefined && { refresh_token: refresh, expires_in: expiresIn }),
    };
  }

  return {
    agree(team, how = {}) {
      const installed: Team = { token: `xoxb-${team.id}-${++serial}`, scopes: ALL_SCOPES, ...team };
      world.teams.push(installed);
      const code = `code-${++serial}`;
      codes.set(code, { team: installed, expiresIn: how.rotates?.expiresInSeconds });
      return code;
    },
    access(args) {
      if (args.client_id !== CLIENT.id || args.client_secret !== CLIENT.secret)
        return { ok: false, error: "bad_client_secret" };
      if (args.grant_type === "refresh_token") {
        const team = refreshTokens.get(args.refresh_token ?? "");
        if (team === undefined) return { ok: false, error: "invalid_refresh_token" };
        refreshTokens.delete(args.refresh_token ?? "");
        refreshed++;
        team.token = `xoxe.xoxb-${team.id}-${++serial}`;
        return granted(team, 43_200);
      }
      const agreed = codes.get(args.code ?? "");
      if (agreed === undefined) return { ok: false, error: "invalid_code" };
      codes.delete(args.code ?? "");
      return granted(agreed.team, agreed.expiresIn);
    },
    refreshed: () => refreshed,
  };
}
