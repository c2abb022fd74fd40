import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { SCOPE_NAMES } from "../../../adapters/slack/scopes.ts";
import type { Card } from "../../../src/chat/card.ts";
import { quiet, sentOf } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { createMemoryInstallations } from "../../support/slack/memory.ts";
import { createPerson, overHttp } from "../../support/slack/person.ts";
import { readBlocks } from "../../support/slack/shown.ts";
import { ACME, ANNA, LOGS, type Team, type User } from "../../support/slack/world.ts";
import { type OpenSlack, openHttpSlack } from "./harness.ts";

const CARD: Card = { title: "Hello", tone: "neutral", body: [] };
const GLOBEX = { id: "T0GLOBEX1", name: "Globex <b>" };

describe("Slack's installation by OAuth", () => {
  let core: ScriptedCore;
  let now = Date.now;
  let installations: ReturnType<typeof createMemoryInstallations>;
  let acts: ReturnType<typeof createMemoryActs>;
  let on: OpenSlack;
  beforeEach(async () => {
    core = createScriptedCore();
    now = Date.now;
    installations = createMemoryInstallations();
    acts = createMemoryActs();
    on = await openHttpSlack(core, { isEmpty: true, installations, acts, now: () => now() });
  });
  afterEach(async () => {
    const { complaints } = on.server;
    await on.close();
    expect(complaints).toEqual([]);
  });

  /** A browser that begins an installation. */
  async function begin() {
    const response = await fetch(`${on.url}/slack/install`, { redirect: "manual" });
    const address = new URL(response.headers.get("location") ?? "");
    const cookie = response.headers.get("set-cookie") ?? "";
    return { status: response.status, address, cookie, state: address.searchParams.get("state") ?? "" };
  }

  async function comeBack(code: string, state: string, cookie: string | undefined) {
    const query = new URLSearchParams({ code, state });
    const headers: Record<string, string> =
      cookie === undefined ? {} : { cookie: cookie.split(";")[0] ?? "" };
    const response = await fetch(`${on.url}/slack/oauth_redirect?${query}`, { headers });
    return { status: response.status, page: await response.text() };
  }

  async function install(
    team: Parameters<typeof on.server.oauth.agree>[0],
    how?: { rotates: { expiresInSeconds: number } },
  ) {
    const { state, cookie } = await begin();
    return comeBack(on.server.oauth.agree(team, how), state, cookie);
  }

  const postTo = (workspace: string, deliveryId = "d1") =>
    on.slack.post({ platform: "slack", workspace, channel: LOGS.id }, CARD, { deliveryId });

  test("sends the browser to Slack with all scopes, as docs/slack.md says, where to come back, and a cookie that scripts cannot read", async () => {
    const { status, address, cookie } = await begin();
    expect(status).toBe(302);
    expect(address.origin + address.pathname).toBe("https://slack.test/oauth/v2/authorize");
    expect(address.searchParams.get("redirect_uri")).toBe(`${on.url}/slack/oauth_redirect`);
    expect(address.searchParams.get("scope")?.split(",")).toEqual(SCOPE_NAMES);
    expect(SCOPE_NAMES).toHaveLength(9);
    expect(cookie).toMatch(/; Secure; HttpOnly/);
  });

  test("keeps what Slack gave, says what to do next, and can post from then on", async () => {
    const { status, page } = await install(GLOBEX);
    expect(status).toBe(200);
    expect(page).toContain("/loghunter connect");
    expect(page).toContain("Globex &#60;b&#62;");
    expect(installations.kept.get(`slack ${GLOBEX.id}`)).toMatchObject({
      workspaceName: GLOBEX.name,
      installedBy: ANNA.id,
    });
    expect(core.reached).toEqual([{ platform: "slack", workspace: GLOBEX.id }]);
    sentOf(await postTo(GLOBEX.id));
  });

  test("of a second workspace leaves the first as it was", async () => {
    await install({ ...ACME, token: "xoxb-first" });
    await install(GLOBEX);
    sentOf(await postTo(ACME.id));
    sentOf(await postTo(GLOBEX.id, "d2"));
    const tokens = on.server.calls
      .filter(({ method }) => method === "chat.postMessage")
      .map(({ token }) => token);
    expect(tokens[0]).toBe("xoxb-first");
    expect(tokens[1]).not.toBe("xoxb-first");
  });

  const NOT_TAKEN: Record<string, () => Promise<{ status: number; page: string }>> = {
    "without the cookie of the browser that began": async () =>
      comeBack(on.server.oauth.agree(GLOBEX), (await begin()).state, undefined),
    "with the cookie of another browser": async () =>
      comeBack(on.server.oauth.agree(GLOBEX), (await begin()).state, (await begin()).cookie),
    "with a state that we did not sign": async () => {
      const state = `${"A".repeat(24)}.${Date.now()}.${"B".repeat(43)}`;
      return comeBack(on.server.oauth.agree(GLOBEX), state, `slack-app-oauth-state=${state}`);
    },
    "with a state whose time was changed": async () => {
      const [nonce, issued, signature] = (await begin()).state.split(".");
      const state = `${nonce}.${Number(issued) + 1}.${signature}`;
      return comeBack(on.server.oauth.agree(GLOBEX), state, `slack-app-oauth-state=${state}`);
    },
    "after more than ten minutes": async () => {
      const { state, cookie } = await begin();
      const later = Date.now() + 601_000;
      now = () => later;
      return comeBack(on.server.oauth.agree(GLOBEX), state, cookie);
    },
    "with a code that is not Slack's": async () => {
      const { state, cookie } = await begin();
      return comeBack("<script>", state, cookie);
    },
  };
  for (const [how, attempt] of Object.entries(NOT_TAKEN)) {
    test(`is not taken ${how}, and says where to begin again`, async () => {
      const { status, page } = await attempt();
      expect(status).toBe(how.startsWith("with a code") ? 500 : 400);
      expect(page).toContain("/slack/install");
      expect(page).not.toContain("<script>");
      expect(installations.kept.size).toBe(0);
    });
  }

  test("is not taken a second time with the same state", async () => {
    const { state, cookie } = await begin();
    expect((await comeBack(on.server.oauth.agree(GLOBEX), state, cookie)).status).toBe(200);
    installations.kept.clear();
    const second = await comeBack(on.server.oauth.agree(GLOBEX), state, cookie);
    expect(second.page).toContain("finished already");
    expect(second.status).toBe(400);
    expect(installations.kept.size).toBe(0);
  });

  test("that the person cancels says so", async () => {
    const response = await fetch(`${on.url}/slack/oauth_redirect?error=access_denied`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("cancelled");
  });

  describe("of a workspace whose tokens rotate", () => {
    test("renews one that ends soon, and keeps the new one", async () => {
      await install(GLOBEX, { rotates: { expiresInSeconds: 60 } });
      sentOf(await postTo(GLOBEX.id));
      expect(on.server.oauth.refreshed()).toBe(1);
      const { token } = on.server.calls.filter(({ method }) => method === "chat.postMessage").at(-1) ?? {};
      expect(token).toMatch(/^xoxe/);
      sentOf(await postTo(GLOBEX.id, "d2"));
      expect(on.server.oauth.refreshed()).toBe(1);
    });

    test("renews it once when many acts arrive at the same time", async () => {
      await install(GLOBEX, { rotates: { expiresInSeconds: 60 } });
      const all = await Promise.all(["a", "b", "c", "d"].map((id) => postTo(GLOBEX.id, id)));
      expect(all.map(({ outcome }) => outcome)).toEqual(["sent", "sent", "sent", "sent"]);
      const asked = on.server.calls.filter(({ args }) => args.grant_type === "refresh_token");
      expect(asked).toHaveLength(1);
    });

    test("takes the token that another process got in the meantime, and loses it not", async () => {
      await install(GLOBEX, { rotates: { expiresInSeconds: 60 } });
      const other = await openHttpSlack(createScriptedCore(), {
        isEmpty: true,
        installations,
        server: on.server,
      });
      const place = { platform: "slack", workspace: GLOBEX.id, channel: LOGS.id };
      const both = await Promise.all([
        postTo(GLOBEX.id, "one"),
        other.slack.post(place, CARD, { deliveryId: "two" }),
      ]);
      await other.close();
      // Whoever was second may have sent the old token once more; what is kept is good.
      expect(both.some(({ outcome }) => outcome === "sent")).toBe(true);
      sentOf(await postTo(GLOBEX.id, "three"));
      expect(on.server.oauth.refreshed()).toBe(1);
    });
  });

  describe("that is undone", () => {
    const acme = () => createPerson(on.server, overHttp(on.url), { user: ANNA });
    const revoke = () => {
      for (const team of on.server.world.teams) team.isRevoked = true;
    };

    test("by removing the app forgets the tokens, and says so to who sends", async () => {
      await install({ ...ACME, token: "xoxb-a" });
      revoke();
      await acme().event({ type: "app_uninstalled" });
      await eventually(async () => (installations.kept.size === 0 ? true : undefined));
      expect(await postTo(ACME.id)).toMatchObject({ outcome: "refused", reason: "not installed" });
      expect((await on.slack.health(ACME.id)).summary).toContain("/slack/install");
      expect(on.slack.isConnected()).toBeUndefined();
    });

    test("by revoking the bot's token forgets it; a person's own is none of ours", async () => {
      await install({ ...ACME, token: "xoxb-a" });
      await acme().event({ type: "tokens_revoked", tokens: { oauth: ["U1"], bot: [] } });
      await quiet();
      expect(installations.kept.size).toBe(1);
      revoke();
      await acme().event({ type: "tokens_revoked", tokens: { oauth: [], bot: ["U0BOT0001"] } });
      await eventually(async () => (installations.kept.size === 0 ? true : undefined));
    });

    test("and done anew is kept, although Slack tells of the first again", async () => {
      await install({ ...ACME, token: "xoxb-a" });
      revoke();
      const told = await acme().event({ type: "app_uninstalled" });
      await eventually(async () => (installations.kept.size === 0 ? true : undefined));
      await install({ ...ACME, token: "xoxb-b" });
      await told.again();
      await quiet();
      expect(installations.kept.size).toBe(1);
      sentOf(await postTo(ACME.id));
    });
  });

  describe("of a whole organisation", () => {
    const ORG: Omit<Team, "token" | "scopes"> = {
      id: "E0ORG0001",
      name: "Org",
      enterpriseId: "E0ORG0001",
      isOrgWide: true,
    };
    const north = { id: "T0NORTH01", enterpriseId: "E0ORG0001", isOrgWide: true };
    const NORA: User = { id: "W0NORA001", team: "T0SOUTH01", name: "nora", enterpriseId: "E0ORG0001" };

    test("is kept under the organisation, and serves people of all its workspaces", async () => {
      await install(ORG);
      expect([...installations.kept.keys()]).toEqual(["slack E0ORG0001"]);
      on.server.world.users.push(NORA);
      await createPerson(on.server, overHttp(on.url), { user: NORA, team: north }).command("status");
      const inbound = await eventually(async () => core.inbounds[0]);
      expect(inbound.place.workspace).toBe(north.id);
      await createPerson(on.server, overHttp(on.url), { user: NORA, team: north }).mention("status");
      await eventually(async () => core.inbounds[1]);
    });

    test("is found for what is owed to one of its workspaces, once that was seen", async () => {
      await install(ORG);
      on.server.world.users.push(NORA);
      await createPerson(on.server, overHttp(on.url), { user: NORA, team: north }).command("status");
      await eventually(async () => (installations.kept.has(`slack ${north.id}`) ? true : undefined));
      sentOf(await postTo(north.id));
      const secret = installations.kept.get(`slack ${north.id}`)?.secret ?? "";
      expect(secret).not.toContain("xoxb");
    });

    test("does not serve people of another organisation", async () => {
      await install(ORG);
      on.server.world.users.push({ ...NORA, id: "W0ELSE001", enterpriseId: "E0OTHER01" });
      const stranger = { ...NORA, id: "W0ELSE001" };
      await createPerson(on.server, overHttp(on.url), { user: stranger, team: north }).mention("status");
      await quiet();
      expect(core.inbounds).toEqual([]);
    });
  });

  test("is used as last known while what is kept cannot be read", async () => {
    await install({ ...ACME, token: "xoxb-a" });
    sentOf(await postTo(ACME.id));
    installations.isAway = true;
    sentOf(await postTo(ACME.id, "d2"));
    expect(await postTo("T0UNKNOWN")).toMatchObject({ outcome: "later" });
  });

  test("that cannot be read, and was not before, has its people told in private, and their acts not noted as done", async () => {
    await install({ ...ACME, token: "xoxb-a" });
    installations.isAway = true;
    await on.anna.command("status");
    const told = await eventually(async () => on.server.world.messages[0]);
    expect(told.onlyFor).toBe(ANNA.id);
    expect(readBlocks(told.blocks).text).toContain(
      "LogHunter's database does not answer. Nothing is lost; try again in a minute.",
    );
    expect(acts.ended).toEqual([]);
    expect(core.inbounds).toEqual([]);
    installations.isAway = false;
    await on.anna.command("status");
    await eventually(async () => core.inbounds[0]);
  });
});
