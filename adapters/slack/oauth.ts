import type { RequestListener } from "node:http";
import { HTTPReceiver, type webApi } from "@slack/bolt";
import type { Log } from "../../src/log.ts";
import type { Authorize } from "./installedAccounts.ts";
import type { Installs } from "./installs.ts";
import { createStateStore } from "./oauthState.ts";
import type { HttpConnection } from "./options.ts";
import { showPage } from "./pages.ts";
import { SCOPE_NAMES } from "./scopes.ts";
import { sdkLog, withoutTokens } from "./sdkLog.ts";

/** Installs the bot in a workspace by OAuth: https://docs.slack.dev/authentication/installing-with-oauth */
export interface Installer {
  /** /slack/install and /slack/oauth_redirect. */
  listener: RequestListener;
  authorize: Authorize;
}

export interface InstallerParts {
  options: HttpConnection;
  installs: Installs;
  clientOptions: webApi.WebClientOptions;
  log: Log;
  now: () => number;
}

export function createInstaller({ options, installs, clientOptions, log, now }: InstallerParts): Installer {
  const { clientId, clientSecret, publicUrl, authorizeUrl, installations } = options;
  const redirectUri = `${publicUrl.replace(/\/+$/, "")}${REDIRECT}`;
  const scopes = [...SCOPE_NAMES];
  let toldMs = Number.NEGATIVE_INFINITY;

  /** Anybody can begin an installation, and come back with anything: that fills no log. */
  function noteFailure({ code, message }: { code: string; message: string }): void {
    const isTold = WHY[code] === undefined && now() - toldMs >= TOLD_EVERY_MS;
    if (isTold) toldMs = now();
    const why = withoutTokens(message).slice(0, 300);
    log[isTold ? "warn" : "debug"]({ code, why }, "slack: an installation came to nothing");
  }

  /** The failure of an installation comes as an error, and is told by noteFailure; that of a renewal in words. */
  function tellUnlessFailure(...said: unknown[]): void {
    const { debug, error } = sdkLog(log);
    (said[0] instanceof Error ? debug : error)(...said);
  }

  const receiver = new HTTPReceiver({
    signingSecret: options.signingSecret,
    endpoints: [],
    clientId,
    clientSecret,
    scopes,
    redirectUri,
    installationStore: installs.store,
    logger: { ...sdkLog(log), error: tellUnlessFailure },
    installerOptions: {
      clientOptions,
      directInstall: true,
      installPath: INSTALL,
      redirectUriPath: REDIRECT,
      stateStore: createStateStore(options.stateSecret, { scopes, redirectUri }, { installations, now }),
      ...(authorizeUrl !== undefined && { authorizationUrl: authorizeUrl }),
      callbackOptions: {
        success({ team, enterprise }, _options, _request, response) {
          const name = team?.name ?? enterprise?.name ?? "the workspace";
          showPage(response, 200, `LogHunter is installed in ${name}.`, CONNECT);
        },
        failure(error, _options, _request, response) {
          noteFailure(error);
          const [status, sentence] = WHY[error.code] ?? [500, "LogHunter could not be installed."];
          showPage(response, status, sentence, `Begin again at ${publicUrl.replace(/\/+$/, "")}${INSTALL}`);
        },
      },
    },
  });
  const { installer } = receiver;
  if (installer === undefined) throw new Error("the SDK made no installer");

  return {
    listener: (request, response) => receiver.requestListener(request, response),
    authorize: (source) => installer.authorize(source),
  };
}

const TOLD_EVERY_MS = 60_000;
const INSTALL = "/slack/install";
const REDIRECT = "/slack/oauth_redirect";
const CONNECT =
  "Next, in Slack: type /loghunter connect <loki org id> code:<code>. Whoever runs LogHunter gets the code in its web console, with /loghunter tenant invite. Then /invite @LogHunter in a channel.";

/** The codes of the SDK's OAuth errors. */
const WHY: Record<string, [number, string] | undefined> = {
  slack_oauth_installer_authorization_error: [400, "The installation was cancelled."],
  slack_oauth_invalid_state: [
    400,
    "This installation was begun elsewhere, is too old, or was finished already.",
  ],
  slack_oauth_missing_state: [400, "This installation was not begun here."],
  slack_oauth_missing_code: [400, "Slack sent no code with this."],
};
