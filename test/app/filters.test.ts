import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Card } from "../../src/chat/card.ts";
import { isSuggested } from "../../src/chat/command.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { LineQuery, LogSource } from "../../src/logs/source.ts";
import { openWebHarness } from "../adapters/web/harness.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { createRecordingPlatform } from "../support/recordingPlatform.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const ago = (minutes: number) => NOW_MS - minutes * 60_000;

const lines = [
  lineAt(ago(5), "order 1: Connection Refused by orders-db"),
  lineAt(ago(4), "order 2: connection reset by orders-db", { level: "WARN" }),
  lineAt(ago(3), "order 3: connection refused by cache", { namespace: "shop", service: "cart" }),
  lineAt(ago(2), "order 4 placed", { level: "INFO" }),
  lineAt(ago(2), "nobody knows whose", { level: "WARN", service: " " }),
  lineAt(ago(2), "out of paper", { level: "WARN", service: 'the "new" printer' }),
  lineAt(ago(90), "order 0: connection refused, refused by orders-db"),
  // Twice what a card of the console has room for, with a secret at the end of each.
  ...Array.from({ length: 200 }, (_, n) =>
    lineAt(ago(1) + n, `request ${n} ${"left ".repeat(180)}password=hunter${n}`, {
      service: "bulk",
      level: "DEBUG",
    }),
  ),
];

/** The logs, and what was asked of them: they do not know LogQL, and nothing here is about it. */
const asked: LineQuery[] = [];
const logs = createLinesSource(lines);
const watched: LogSource = {
  ...logs,
  lines(org, query) {
    asked.push(query);
    return logs.lines(org, query);
  },
  linkTo: async (_, query) => `https://grafana.example/explore?${String(query.contains).slice(0, 60)}`,
};

const chat = createRecordingPlatform("T1");
const stranger = createRecordingPlatform("T2", "elsewhere");
let opened: TestApp;
let app: TestApp["app"];

beforeAll(async () => {
  opened = await openTestApp({
    logs: watched,
    chat,
    platforms: () => [chat, stranger],
    allowedOrgs: ["acme", "other"],
    now: () => NOW_MS,
  });
  app = opened.app;
  await stranger.type("connect other", { platformAdmin: true, operator: true });
});
afterAll(() => opened.close());

async function say(text: string, by = {}, on = chat): Promise<Card> {
  const { reply } = await on.type(text, by);
  if (reply.kind !== "message") throw new Error(`a ${reply.kind} has no card`);
  return reply.card;
}
const textOf = async (...said: Parameters<typeof say>) => plainText(await say(...said));
const linesOf = (card: Card) => {
  const log = card.body.find((block) => block.kind === "log");
  return log?.kind === "log" ? log.lines.map((line) => /order \d/.exec(line)?.[0]) : [];
};

describe("filters save", () => {
  test("keeps conditions under a name, and says what they mean", async () => {
    const card = await say(
      'filters save Refused service:CHECKOUT levels:err, fatal "connection refused" orders-db',
    );
    expect(card.title).toBe("Filter Refused saved");
    expect(plainText(card)).toContain(
      'FATAL or ERROR lines of checkout that hold "connection refused" and "orders-db".',
    );
    expect(plainText(card)).toContain("filters run Refused");
  });

  test("again under the same name replaces it, and says what it was", async () => {
    await say("filters save mine service:checkout", { name: "Ben" });
    const card = await say("filters save MINE namespace:shop", { name: "Ann" });
    expect(card.title).toBe("Filter MINE replaced");
    expect(plainText(card)).toContain(
      "Lines of all services in shop.\n\nIt was until now: Lines of checkout.",
    );
    expect((await say("filters save MINE namespace:shop")).title).toBe("Filter MINE saved");
  });

  test("in its form asks for a name that is made up, and says of what is missing together that it can be mended", async () => {
    const definition = app.core.catalogue.find(({ name }) => name === "filters save");
    const name = definition?.options.find((option) => option.name === "name");
    expect(name && isSuggested(name)).toBe(false);
    expect(await chat.fill("filters save", { name: "mine" })).toMatchObject({
      visibility: "caller",
      mistake: "A filter needs at least one of service, namespace, levels and keywords.",
    });
    expect(await chat.fill("status", {})).not.toHaveProperty("mistake");
  });

  test("of a service that is not known keeps it as typed, with the doubt", async () => {
    const card = await say("filters save typo service:chekout");
    expect(card).toMatchObject({ title: "Filter typo saved", tone: "warning" });
    expect(plainText(card)).toContain("Saved as typed, but: No service");
    expect(plainText(card)).toContain("Did you mean checkout?");
    await say("filters delete typo");
  });

  test.each([
    [
      "filters save",
      "filters save needs a name. Usage: filters save <name> [service:…] [namespace:…] [levels:…] [keywords]",
    ],
    [
      "filters save a.b service:x",
      '"a.b" cannot be a filter\'s name: 1 to 50 letters, digits, - and _, without spaces.',
    ],
    ["filters save empty", "A filter needs at least one of service, namespace, levels and keywords."],
    ["filters save one x", "One letter stands in nearly every line"],
    ["filters save loud levels:error,loud", '"loud" is not a level. Use fatal, critical, error'],
    ["filters save loud levels:error, loud", '"loud" is not a level. Use fatal, critical, error'],
    ["filters", "filters goes on with save, list, run, delete. Type help filters to see what each does."],
  ])("%s is refused with a sentence", async (typed, why) => {
    expect(await textOf(typed)).toContain(why);
  });
});

test("a service whose name holds quotes can be typed, saved, and typed again as it is given back", async () => {
  const name = 'service:`the "new" printer`';
  expect(await textOf(`search paper ${name} level:error, warn`)).toContain("out of paper");
  expect(await textOf(`errors ${name}`)).toContain("out of paper");
  await say(`filters save paper ${name} \`say "hi"\``);
  const deleted = await textOf("filters delete paper");
  expect(deleted).toContain(`filters save paper ${name} \`say "hi"\``);
});

test("a service whose name shows nothing is seen in lists, lines and sentences", async () => {
  expect(await textOf("status")).toMatch(/Services in the last hour: .*" "/);
  expect(await textOf("search nobody knows whose")).toContain('" "  nobody knows whose');
  expect(await textOf("errors zebra")).toMatch(/There are .*" "/);
  expect((await say("errors \u200b")).body).toMatchObject([
    { kind: "text", text: expect.stringContaining('No service "') },
  ]);
});

describe("filters list", () => {
  test("shows what each means, who saved it and when, to who asks", async () => {
    expect(app.core.visibilityOf({ text: "filters list" })).toBe("caller");
    const text = await textOf("filters list");
    expect(text).toContain("2 saved filters");
    expect(text).toMatch(/- MINE\n {4}Lines of all services in shop\. Saved by Ann, 20\d\d-.* UTC\./);
    expect(text).toContain('Refused\n    FATAL or ERROR lines of checkout that hold "connection refused"');
  });

  test("of another tenant is empty, and says how to begin", async () => {
    expect(await textOf("filters list", {}, stranger)).toMatch(/No saved filters.*filters save slow/s);
  });
});

describe("filters run", () => {
  test("shows the lines that fit, in whatever case the name is typed", async () => {
    const card = await say("filters run refused");
    expect(linesOf(card)).toEqual(["order 1"]);
    expect(card.title).toBe("1 line in checkout");
    expect(plainText(card)).toContain("With the saved filter Refused: FATAL or ERROR lines of checkout");
    expect(linesOf(await say("filters run REFUSED 2h"))).toEqual(["order 0", "order 1"]);
  });

  test.each([
    ["filters run refussed", 'There is no saved filter "refussed". Did you mean Refused?'],
    ["filters run other", 'There is no saved filter "other". There are MINE, Refused.'],
    [
      "filters run refused since:1s",
      "No FATAL or ERROR line of checkout holds connection refused and orders-db from",
    ],
  ])("%s says what is there", async (typed, expected) => {
    expect(await textOf(typed)).toContain(expected);
  });

  test("does not reach another tenant's", async () => {
    expect(await textOf("filters run refused", {}, stranger)).toContain(
      'There is no saved filter "refused". Nobody has saved one yet',
    );
  });
});

describe("search", () => {
  test.each([
    ["search connection refused", ["order 1", "order 3"]],
    // As it is copied out of a chat that parts what could be a mention.
    ["search connection\u200b refu\u200bsed", ["order 1", "order 3"]],
    ["search connection level:warn,info", ["order 2"]],
    ["search service:checkout level:info", ["order 4"]],
    ["search namespace:shop", ["order 3"]],
    ["search filter:refused since:2h", ["order 0", "order 1"]],
    ['search "order 1" filter:refused since:2h', ["order 1"]],
    ["search filter:mine service:cart", ["order 3"]],
  ])("%s", async (typed, expected) => {
    expect(linesOf(await say(typed))).toEqual(expected);
  });

  test.each([
    ["search", "Say what to search for: a text, service:…, level:…, namespace:… or filter:…."],
    [
      "search filter:refused service:cart",
      "The filter Refused is about checkout, so with service:cart nothing is left.",
    ],
    ["search filter:none", 'There is no saved filter "none".'],
    ["search level:fatal service:checkout", "There is no FATAL line of checkout from"],
    ["search a", "Search for at least two."],
    [`search ${"x ".repeat(2_600)}`, "text is longer than 5000 characters."],
  ])("is answered with a sentence where that is all there is (%#)", async (typed, why) => {
    expect(await textOf(typed)).toContain(why);
  });

  test("takes a long text", async () => {
    const text = await textOf(`search ${"x ".repeat(2_400)}`);
    expect(text).toContain("Nothing found");
    expect(text.length).toBeLessThan(1_000);
  });

  test("hands a log query of one's own to the logs as it was typed, beside the time", async () => {
    const logql = '{service_name="check out"} |= `order since:1h`\n  |~ "re(fused|set)"';
    const card = await say(`search ${logql} since:30m`);

    expect(asked.at(-1)).toEqual({
      fromMs: ago(30),
      toMs: NOW_MS,
      order: "newest first",
      limit: 200,
      logql: expect.objectContaining({ text: logql }),
      onNote: expect.any(Function),
      signal: expect.anything(),
    });
    expect(card.title).toMatch(/^\d+ lines for your log query$/);
    expect(plainText(card)).toContain(`Lines that fit ${logql} from`);
  });

  test("takes what is no log query, though it begins like one, for a text", async () => {
    expect(await textOf('search {"orderId": 4711}')).toContain(
      'No line of all services holds {"orderId": 4711}',
    );
    expect(await textOf('search "{a}" service:checkout')).toContain("No line of checkout holds {a}");
  });

  test.each([
    [
      'search {app="x"} level:error',
      "A log query of your own says itself which lines it wants: leave out level:, or",
    ],
    ['search {app="x"} |= "y" filter:refused service:cart', "leave out service: and filter:, or"],
    ["search {app=x}", "That query cannot be read at line 1, column 6"],
  ])("%s is refused with a sentence", async (typed, why) => {
    expect(await textOf(typed)).toContain(why);
  });

  test("links to the same lines where they live", async () => {
    expect(await textOf("search filter:refused")).toContain(
      "https://grafana.example/explore?connection refused,orders-db",
    );
  });

  test("of more than the console has room for comes whole as a file, redacted there too", async () => {
    const web = await openWebHarness(app.core);
    try {
      await web.command("connect acme");
      await web.command("search service:bulk");
      const found = (await web.standing()).find((message) => message.text.includes("200 lines in bulk"));
      const shown = found?.text.match(/request \d+/g) ?? [];
      expect(shown.length).toBeGreaterThan(20);
      expect(shown.length).toBeLessThan(200);

      const [file, ...others] = found?.files ?? [];
      expect(others).toEqual([]);
      expect(file?.name).toBe("details.txt");
      const whole = file?.text.match(/request \d+ (left ){180}password=<redacted:password#\d+>$/gm);
      expect(new Set(whole).size).toBe(200);
      expect(`${found?.text} ${file?.text}`).not.toContain("hunter");
      expect(web.complaints()).toEqual([]);
    } finally {
      await web.close();
    }
  });
});

describe("filters delete", () => {
  test("deletes softly, and gives the command that makes it again", async () => {
    const saving =
      'filters save again service:checkout namespace:- levels:error,warn "service:db x" say="no" two';
    await say(saving.replace("service:checkout", "service:checkout levels:trace"));
    await say(saving);
    const card = await say("filters delete AGAIN");

    expect(card.title).toBe("Filter again deleted");
    expect(plainText(card)).toContain(`Make it again with ${saving}.`);
    expect(await textOf("filters run again")).toContain('There is no saved filter "again".');
    expect(await textOf("filters delete again")).toContain('There is no saved filter "again".');
    await say(saving);
    expect((await say("filters list")).title).toBe("3 saved filters");
  });
});

describe("who may do what", () => {
  test("viewers list and run, and neither save nor delete", async () => {
    const scope = (await app.directory.findWorkspace("recording", "T1"))?.scope;
    await scope?.query(
      `insert into members (tenant_id, workspace_id, external_id, role)
       select tenant_id, id, 'looker', 'viewer' from workspaces where external_id = 'T1'`,
    );
    const looker = { id: "looker" };
    expect(await textOf("filters save a service:checkout", looker)).toContain(
      "filters save is for responders and admins, and you are a viewer. Ask an admin.",
    );
    expect(await textOf("filters delete refused", looker)).toContain("filters delete is for responders");
    expect(linesOf(await say("filters run refused", looker))).toEqual(["order 1"]);
    expect((await say("filters list", looker)).title).toBe("3 saved filters");
  });
});

describe("help and suggestions", () => {
  test("help filters lists them, and help filters save explains one", async () => {
    const all = await textOf("help filters");
    for (const name of ["save", "list", "run", "delete"]) expect(all).toContain(`filters ${name}`);
    expect(all).not.toContain("analyze");
    expect(await textOf("help Filters Save")).toContain("help: filters save");
    expect(await textOf("help filters fly")).toContain('There is no command "filters fly".');
  });

  test("are the tenant's filters, and levels one after the other", async () => {
    const ask = (command: string, option: string, typed: string) =>
      app.core.suggest({
        place: { platform: "recording", workspace: "T1", channel: "general" },
        person: { id: "u1", name: "Ann", platformAdmin: false },
        command,
        option,
        typed,
      });
    expect(await ask("filters run", "name", "")).toEqual(["again", "MINE", "Refused"]);
    expect(await ask("search", "filter", "ref")).toEqual(["Refused"]);
    expect(await ask("search", "level", "fa")).toEqual(["fatal"]);
    expect(await ask("filters save", "levels", "error,fatal,")).toEqual(
      ["critical", "warn", "info", "debug", "trace"].map((level) => `error,fatal,${level}`),
    );
    expect(await ask("filters save", "levels", "error,e")).toEqual(["error,debug", "error,trace"]);
  });
});
