import { expect, test } from "@jest/globals";
import { createDiscord } from "../../../adapters/discord/index.ts";
import { openLoopback } from "../../support/discord/loopback.ts";
import { botRole, TYPES } from "../../support/discord/world.ts";
import { discordOptions } from "./harness.ts";
import { eachOpens } from "./open.ts";

const open = eachOpens();
const SEND = 0x800n;
const { signal } = new AbortController();

test("what a channel denies everybody, and allows a role or LogHunter itself, is counted as Discord does", async () => {
  const { platform, channel, loopback } = await open();
  const { world } = loopback;
  const at = world.channels.get(world.channel);
  const reach = async (...overwrites: [string, 0 | 1, bigint, bigint][]) => {
    if (at !== undefined)
      at.permission_overwrites = overwrites.map(([id, type, allow, deny]) => ({
        ...{ id, type, allow: String(allow), deny: String(deny) },
      }));
    return platform.reach(channel, signal);
  };
  const denied = {
    ...{ outcome: "refused", reason: "not permitted", why: "LogHunter lacks Send Messages" },
  };
  const everyone = [world.guild, 0, 0n, SEND] as [string, 0, bigint, bigint];
  expect(await reach(everyone)).toEqual(denied);
  expect(await reach(everyone, [botRole(world.guild), 0, SEND, 0n])).toEqual({ outcome: "open" });
  expect(await reach([botRole(world.guild), 0, SEND, 0n], [world.bot.id, 1, 0n, SEND])).toEqual(denied);
  const lossy = 0x8000n | 0x4000n | (1n << 35n) | (1n << 38n) | 0x10000n;
  expect(await reach([world.guild, 0, 0n, lossy])).toEqual({
    outcome: "open",
    without: expect.stringContaining("Attach Files (charts are told in words)"),
  });
  expect(await reach([world.newId(), 0, 0n, SEND])).toEqual({ outcome: "open" });
  world.permissions = 0x8n; // An administrator may do everything everywhere.
  expect(await reach(everyone)).toEqual({ outcome: "open" });
});

test("a thread takes what its channel takes; a channel that is hidden, none", async () => {
  const { platform, channel, loopback } = await open();
  const { world, forbidden } = loopback;
  const thread = world.newId();
  const parent = { parent_id: world.channel, guild_id: world.guild };
  const thread_metadata = {
    archived: false,
    locked: false,
    auto_archive_duration: 60,
    archive_timestamp: "",
  };
  world.channels.set(thread, { id: thread, name: "t", type: TYPES.publicThread, ...parent, thread_metadata });
  const at = world.channels.get(world.channel);
  if (at !== undefined)
    at.permission_overwrites = [{ id: world.guild, type: 0, allow: "0", deny: String(SEND) }];
  expect(await platform.reach({ ...channel, channel: thread }, signal)).toMatchObject({
    why: "LogHunter lacks Send Messages",
  });
  forbidden.set(world.channel, 50001);
  expect(await platform.reach(channel, signal)).toMatchObject({
    outcome: "refused",
    reason: "not permitted",
  });
  expect(await platform.reach({ ...channel, workspace: "42" }, signal)).toMatchObject({
    reason: "not installed",
  });
});

test("a role has a name as people have, and what is no id of Discord's is not asked for", async () => {
  const { platform, channel, loopback } = await open();
  const { world, requests } = loopback;
  const role = `&${botRole(world.guild)}`;
  world.permissions &= ~(0x8n | 0x20000n);
  expect(await platform.whoIs(channel.workspace, role)).toEqual({
    name: "LogHunter",
    uncalled: expect.stringMatching(/^Tick Allow anyone to @mention this role in .*, or give LogHunter /),
  });
  world.permissions |= 0x20000n; // Mention @everyone, @here, and All Roles.
  expect(await platform.whoIs(channel.workspace, role)).toEqual({ name: "LogHunter" });
  expect(await platform.whoIs(channel.workspace, "&999000111222333444")).toBe("nobody");
  const before = requests.length;
  expect(await platform.whoIs(channel.workspace, "nobody")).toBe("nobody");
  expect(requests.length).toBe(before);
});

test("health says that Discord has other commands than there are", async () => {
  const { platform, channel, loopback } = await open();
  expect((await platform.health(channel.workspace)).warnings).toEqual([]);
  loopback.commands.splice(1);
  expect((await platform.health(channel.workspace)).warnings).toEqual([
    expect.stringMatching(/^Discord has other commands than this LogHunter\. Restart it/),
  ]);
});

test("who only looks begins no session, and finds an intent that is off, a token that is wrong and a server it is not in", async () => {
  const loopback = await openLoopback({ contentGranted: false });
  const looking = (token?: string) => {
    const own = { messageContent: true, ...(token !== undefined && { token }) };
    const discord = createDiscord(discordOptions(loopback, own));
    discord.look();
    return discord;
  };
  const { guild } = loopback.world;
  const discord = looking();
  expect((await discord.health(guild)).warnings).toEqual([
    expect.stringMatching(/Switch on Message Content Intent for it in Discord's developer portal, under Bot/),
    expect.stringMatching(/^Discord has no commands of LogHunter's\./),
  ]);
  loopback.world.permissions &= ~SEND;
  expect((await discord.health(guild)).warnings).toContain(
    "LogHunter's role in this server lacks Send Messages. Add it in Server Settings, Roles.",
  );
  expect(await discord.health("42")).toMatchObject({
    ok: false,
    summary: expect.stringContaining("Invite it"),
  });
  expect(await looking("canary").health(guild)).toMatchObject({
    ok: false,
    summary: expect.stringMatching(/^Discord does not accept the bot's token/),
  });
  expect(loopback.gateway.identifies).toEqual([]);
  await discord.stop();
  await loopback.close();
});
