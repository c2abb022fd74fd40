/** Whether an address that Slack has named, in a payload or an answer, is one of Slack's. */
export type IsSlacks = (url: string) => boolean;

/**
 * What a payload names is sent messages, and what an answer names files: to Slack and nobody else, so that whoever can forge a
 * payload reaches nothing inside the network. With an address of the operator's own for the Web API, that one counts as well.
 */
export function slackAddresses(apiUrl: string | undefined): IsSlacks {
  const own = apiUrl === undefined ? undefined : new URL(apiUrl).origin;
  return (text) => {
    if (!URL.canParse(text)) return false;
    const { origin, protocol, hostname, port, username, password } = new URL(text);
    if (origin === own) return true;
    return protocol === "https:" && port === "" && `${username}${password}` === "" && HOSTS.test(hostname);
  };
}

/** hooks.slack.com, files.slack.com, and GovSlack's: https://docs.slack.dev/govslack */
const HOSTS = /^(?:[a-z0-9-]+\.)*slack(?:-gov)?\.com$/;
