import { describe, expect, test } from "@jest/globals";
import type { Answer } from "../../src/analysis/answer.ts";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { analysisCard } from "../../src/analysis/card.ts";
import { plainText } from "../../src/chat/plainText.ts";
import type { Cluster } from "../../src/clusters/cluster.ts";
import { gatherEvidence, NOTHING_KEPT } from "../../src/evidence/gather.ts";
import type { Deploy, Pack } from "../../src/evidence/pack.ts";
import { createRedaction } from "../../src/logs/redaction.ts";
import type { LogLine } from "../../src/logs/source.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";

/**
 * Small incidents with a known cause, most of which an attack got a wrong answer out of: what must not be claimed with
 * any confidence matters as much as what must be found.
 */
const NOW_MS = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;

/** Random and the same each time. */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

class Story {
  readonly lines: LogLine[] = [];
  readonly #random = randomness(11);

  /** Lines by chance, so many a minute, from so many minutes ago until so many minutes ago. */
  says(
    service: string,
    from: number,
    to: number,
    perMinute: number,
    text: string | (() => string),
    level?: LogLine["level"],
  ): this {
    let atMs = NOW_MS - from * MINUTE;
    for (;;) {
      atMs += (-Math.log(1 - this.#random()) / perMinute) * MINUTE;
      if (atMs >= NOW_MS - to * MINUTE) return this;
      const said = typeof text === "string" ? `${text} ${Math.floor(this.#random() * 999)}` : text();
      this.lines.push(lineAt(atMs, said, { service, level: level ?? levelOf(said) }));
    }
  }

  async ask(
    service: string,
    {
      minutes = 60,
      deploys = [],
      seen,
    }: { minutes?: number; deploys?: Deploy[]; seen?: (cluster: Cluster) => number } = {},
  ): Promise<{ pack: Pack; answer: Answer; card: string }> {
    const window = { fromMs: NOW_MS - minutes * MINUTE, toMs: NOW_MS };
    const { pack } = await gatherEvidence(
      { org: "acme", redaction: createRedaction({}), service, namespace: "", window },
      createLinesSource(this.lines),
      {
        ...NOTHING_KEPT,
        deploys: async () => deploys,
        firstSeen: async (clusters) =>
          new Map(seen === undefined ? [] : clusters.map((cluster) => [cluster, seen(cluster)] as const)),
      },
    );
    const answer = analyseBuiltin(pack);
    return { pack, answer, card: plainText(analysisCard(pack, answer, { conversationId: "c" })) };
  }
}

function levelOf(said: string): LogLine["level"] {
  const word = said.split(" ", 1)[0];
  return word === "ERROR" || word === "WARN" || word === "FATAL" ? word : "INFO";
}

describe("is not claimed", () => {
  test("what went on since the log began, though the log begins in the middle", async () => {
    const story = new Story()
      .says("app", 50, 0, 300, "INFO ok")
      .says("app", 50, 0, 30, "ERROR call to ads timed out after");

    for (const minutes of [60, 24 * 60, 7 * 24 * 60]) {
      const { answer, pack } = await story.ask("app", { minutes });
      expect(answer.confidence).toBeLessThan(0.3);
      expect(pack.clusters.every(({ isNew }) => !isNew)).toBe(true);
    }
  });

  test("what went on since one service's log began, beside another with more history", async () => {
    const story = new Story()
      .says("calm", 120, 0, 5, "INFO ok")
      .says("app", 50, 0, 300, "INFO ok")
      .says("app", 50, 0, 30, "ERROR call to ads timed out after");

    expect((await story.ask("app")).answer.confidence).toBeLessThan(0.3);
  });

  test("more errors where there is only more to do", async () => {
    const story = new Story()
      .says("app", 120, 60, 400, "INFO ok")
      .says("app", 120, 60, 40, "ERROR call to ads timed out after")
      .says("app", 60, 0, 1_000, "INFO ok")
      .says("app", 60, 0, 100, "ERROR call to ads timed out after");

    expect((await story.ask("app")).answer.confidence).toBeLessThan(0.3);
  });

  test("a rise of a quarter", async () => {
    const story = new Story()
      .says("app", 120, 60, 400, "INFO ok")
      .says("app", 120, 60, 40, "ERROR call to ads timed out after")
      .says("app", 60, 0, 400, "INFO ok")
      .says("app", 60, 0, 50, "ERROR call to ads timed out after");

    expect((await story.ask("app")).answer.confidence).toBeLessThan(0.3);
  });

  test.each([
    [
      "a quota of an interface as a full disk",
      "ERROR googleapi: Error 403: Quota exceeded for requests per minute",
      /disk/,
    ],
    ["a field called timeout as a timeout", "ERROR tariff has no row for zone, timeout=30s", /too long/],
    ["a check that passed as what it checks", "WARN health: disk full check passed, 41 % used", /a disk it/],
    [
      "certificates that are fine as bad ones",
      "WARN x509 check enabled, all certificates are fine",
      /TLS certificate/,
    ],
    ["an address as what it is about", "WARN 404 GET /posts/deadlock-explained-part-3 from", /lock/],
    [
      "a client that went away as a dependency",
      "WARN client closed connection while writing: broken pipe",
      /something it calls/,
    ],
    [
      "wrong passwords of users as the service's",
      "WARN login of user refused: invalid credentials",
      /credentials are wrong/,
    ],
    [
      "a scan for pages as a missing file",
      'ERROR open() "/srv/wp-login.php" failed (2: No such file or directory), client: 10.0.0.9, request: "GET /wp-login.php"',
      /migration|not there/,
    ],
  ])("%s", async (_, text, wrong) => {
    const story = new Story().says("app", 150, 0, 30, "INFO ok").says("app", 9, 0, 15, text);
    const { answer } = await story.ask("app");

    expect(answer.culprit).toBe(0);
    expect(`${answer.rootCause} ${answer.suggestedAction ?? ""}`).not.toMatch(wrong);
  });

  test.each([
    ["in a sentence", "ERROR coupon rule has no percentage, order 1 of user 2 refused"],
    ["as a field of JSON", 'ERROR {"msg":"coupon rule has no percentage","user":{"id":2}}'],
  ])("a service whose name is a common word that stands %s", async (_, text) => {
    const story = new Story()
      .says("api", 150, 0, 20, "INFO ok")
      .says("user", 150, 0, 20, "INFO ok")
      .says("api", 18, 0, 12, text)
      .says("user", 18.6, 0, 10, "ERROR nightly export: permission denied: /mnt/e/");

    const { answer, pack } = await story.ask("api");

    expect(pack.clusters[answer.culprit ?? -1]?.service).toBe("api");
  });

  test("a deploy of the caller, where its callee stopped answering", async () => {
    const story = new Story()
      .says("pays", 150, 12, 30, "INFO charged")
      .says("chk", 150, 0, 30, "INFO ok")
      .says("chk", 11.5, 0, 12, "ERROR call to pays timed out after");
    const deploys = [{ service: "chk", namespace: "", version: "5.0.0-docs", atMs: NOW_MS - 14 * MINUTE }];

    const { answer, card } = await story.ask("chk", { deploys });

    expect(answer.rootCause).not.toContain("5.0.0");
    expect(answer.suggestedAction).not.toMatch(/roll/i);
    expect(card).toMatch(/pays fell from \d+ to 0 lines a minute/);
  });

  test("three lines as a likely cause", async () => {
    const story = new Story()
      .says("app", 150, 0, 30, "INFO ok")
      .says("app", 3, 0, 1, "ERROR call to ads timed out after");

    const { answer, card } = await story.ask("app");

    expect(answer.confidence).toBeLessThan(0.5);
    expect(card).not.toContain("LIKELY CAUSE");
  });

  test("as new what is known from days ago", async () => {
    const story = new Story()
      .says("db", 150, 0, 30, "INFO ok")
      .says("db", 10, 0, 15, "ERROR backup target is not mounted");

    const known = await story.ask("db", { seen: () => NOW_MS - 3 * 24 * 60 * MINUTE });
    const fresh = await story.ask("db");

    expect(fresh.pack.clusters[0]?.isNew).toBe(true);
    expect(known.pack.clusters[0]?.isNew).toBe(false);
    expect(known.card).toContain("known from earlier");
    expect(known.answer.confidence).toBeLessThan(fresh.answer.confidence);
  });
});

describe("is found", () => {
  test("what runs now, before what is over", async () => {
    const story = new Story()
      .says("app", 150, 0, 60, "INFO ok")
      .says("app", 55, 50, 60, "ERROR write /data/x: no space left on device")
      .says("app", 4, 0, 20, "ERROR unknown header X-Tier in request");

    const { answer, pack } = await story.ask("app");

    expect(pack.clusters[answer.culprit ?? -1]?.sample).toContain("unknown header");
  });

  test("what is over, and that it is, with the rate it had", async () => {
    const story = new Story()
      .says("app", 150, 0, 60, "INFO ok")
      .says("app", 45, 38, 30, "ERROR write /data/x: no space left on device");

    const { answer, card } = await story.ask("app");

    expect(answer.rootCause).toContain("a disk it writes to is full");
    expect(answer.confidence).toBeLessThanOrEqual(0.6);
    expect(card).toMatch(/From .* to .* app logged it .* and not since/);
    expect(Number(/Errors per minute: (\d+)/.exec(card)?.[1])).toBeGreaterThan(22);
    expect(card).toMatch(/Errors per minute: \d+ until /);
  });

  test("a service that died without a word", async () => {
    const story = new Story()
      .says("web", 150, 0, 30, "INFO ok")
      .says("payments", 150, 20, 40, "INFO charged");

    const { answer } = await story.ask("payments");

    expect(answer.rootCause).toMatch(/^payments fell from (3|4)\d to 0 lines a minute\.$/);
    expect(answer.confidence).toBeLessThan(0.3);
  });

  test("the rate of warnings, where there are no errors", async () => {
    const story = new Story()
      .says("app", 150, 0, 30, "INFO ok")
      .says("app", 12, 0, 20, "WARN cache of prices is stale");

    const { card, pack } = await story.ask("app");

    expect(card).toMatch(/Warnings per minute: (1|2)\d/);
    expect(pack.errors.of).toBe("warnings");
  });

  test("the callee that is named and fails first", async () => {
    const story = new Story()
      .says("web", 150, 0, 60, "INFO ok")
      .says("auth", 150, 0, 60, "INFO ok")
      .says("auth", 15, 0, 20, "FATAL cannot open keys.db: disk quota exceeded")
      .says("web", 14.8, 0, 30, "ERROR auth answered 500");

    const { answer } = await story.ask("web");

    expect(answer.rootCause).toMatch(/^auth: a disk/);
    expect(answer.confidence).toBeGreaterThan(0.5);
  });
});
