import { describe, expect, test } from "@jest/globals";
import { analyseBuiltin } from "../../src/analysis/builtin.ts";
import { inlineText } from "../../src/chat/plainText.ts";
import { failureKindOf } from "../../src/evidence/failureKinds.ts";
import type { Pack, RankedCluster } from "../../src/evidence/pack.ts";
import { HOUR } from "../support/incident.ts";

const onsetMs = HOUR.fromMs + 50 * 60_000;

function cluster(service: string, sample: string, more: Partial<RankedCluster> = {}): RankedCluster {
  return {
    service,
    namespace: "",
    fingerprint: `v1:${service}`,
    template: sample,
    level: "ERROR",
    sample,
    count: 120,
    expected: 0,
    onsetMs,
    isNew: true,
    series: [0, 0, 60, 60],
    score: 0.7,
    link: service === "checkout" ? "own" : "named",
    reasons: ["not seen before in what was read"],
    ...more,
  };
}

function pack(clusters: RankedCluster[], more: Partial<Pack> = {}): Pack {
  return {
    service: "checkout",
    namespace: "",
    window: HOUR,
    lookbackFromMs: HOUR.fromMs - 3_600_000,
    linesRead: 1_000,
    linesThere: 1_000,
    sampled: [],
    unread: [],
    silent: false,
    onsetMs,
    clusters,
    clustersLeftOut: 0,
    deploys: [],
    quieter: [],
    errors: { fromMs: HOUR.fromMs, stepMs: 60_000, counts: [], of: "errors" },
    ...more,
  };
}

describe("the built-in analyzer", () => {
  test("names the cause, cites it first, and says what to look at", () => {
    const answer = analyseBuiltin(
      pack([
        cluster("orders-db", "FATAL: sorry, too many clients already", { level: "FATAL" }),
        cluster("checkout", "connect timed out", { score: 0.5, onsetMs: onsetMs + 4_000 }),
      ]),
    );

    expect(answer.rootCause).toBe(
      "orders-db: the database refuses connections because every slot is in use.",
    );
    expect(answer.cites).toEqual([1, 2]);
    expect(inlineText(answer.summary)).toContain("Also failing: checkout 4 s later [2].");
    expect(answer.suggestedAction).toContain("pg_stat_activity");
    expect(answer.confidence).toBeGreaterThan(0.5);
  });

  test("prefers a cause to the symptom that ranks a little above it", () => {
    const answer = analyseBuiltin(
      pack([
        cluster("gateway", "upstream answered 503", { score: 0.8 }),
        cluster("renderer", "ENOSPC: no space left on device, write", { score: 0.7 }),
      ]),
    );

    expect(answer.rootCause).toMatch(/^renderer: a disk it writes to is full/);
    expect(answer.cites[0]).toBe(2);
  });

  test("connects it with a deploy of that service just before, and suggests to go back", () => {
    const deploys = [{ service: "auth", namespace: "", version: "3.8.0", atMs: onsetMs - 40_000 }];
    const answer = analyseBuiltin(
      pack([cluster("auth", "TypeError: Cannot read properties of undefined")], { deploys }),
    );

    expect(answer.rootCause).toBe(
      "auth: its own code fails on what it is given, 40 s after version 3.8.0 was deployed.",
    );
    expect(answer.suggestedAction).toMatch(/^Consider rolling auth back from 3\.8\.0\./);
  });

  test("does not blame a deploy of another service, of long before, or of afterwards", () => {
    const deploys = [
      { service: "web", namespace: "", version: "1", atMs: onsetMs - 10_000 },
      { service: "auth", namespace: "", version: "2", atMs: onsetMs - 3_600_000 },
      { service: "auth", namespace: "", version: "3", atMs: onsetMs + 10_000 },
    ];
    const answer = analyseBuiltin(pack([cluster("auth", "TypeError: x is undefined")], { deploys }));

    expect(answer.rootCause).toBe("auth: its own code fails on what it is given.");
  });

  test("says so when nothing rose, with little confidence", () => {
    const { onsetMs: _, ...quiet } = cluster("mailer", "SMTP 450", { score: 0.05, isNew: false });
    const answer = analyseBuiltin(pack([quiet]));

    expect(answer.rootCause).toBe("Not visible in these logs.");
    expect(answer.culprit).toBeUndefined();
    expect(answer.confidence).toBeLessThan(0.3);
  });

  test("says so when nothing at all was logged", () => {
    const answer = analyseBuiltin(pack([], { silent: true, namespace: "shop" }));

    expect(inlineText(answer.summary)).toMatch(/^Nothing at all was logged in shop in this time.*since:6h/);
  });

  test("is less sure where another service rose as clearly, and where not all could be read", () => {
    const alone = analyseBuiltin(pack([cluster("a", "strange thing")]));
    const contested = analyseBuiltin(
      pack([cluster("a", "strange thing"), cluster("b", "other thing", { score: 0.69 })]),
    );
    const cut = analyseBuiltin(pack([cluster("a", "strange thing")], { sampled: ["a"] }));

    expect(contested.confidence).toBeLessThan(alone.confidence);
    expect(cut.confidence).toBeLessThan(alone.confidence);
    expect(contested.confidenceReasons).toContain("b rose at the same time and ranks nearly as high");
  });
});

test("one line, however bad, is a cause with little confidence", () => {
  const answer = analyseBuiltin(
    pack([cluster("orders-db", "FATAL: sorry, too many clients already", { level: "FATAL", count: 1 })]),
  );

  expect(answer.confidence).toBeLessThan(0.4);
  expect(answer.confidenceReasons).toContain("it rests on 1 line only");
});

describe("a kind of failure", () => {
  test.each([
    ["FATAL:  sorry, too many clients already", "connection slots used up"],
    ['could not extend file "base/1/2": No space left on device', "disk full"],
    ["Error: timeout exceeded when trying to connect", "connection pool exhausted"],
    ["connect ECONNREFUSED 10.0.0.1:5432", "dependency down"],
    ["getaddrinfo ENOTFOUND redis.internal", "name not resolved"],
    ["TypeError: Cannot read properties of undefined (reading 'issuer')", "error in the code"],
    ["java.lang.OutOfMemoryError: Java heap space", "out of memory"],
    ["context deadline exceeded", "timeout"],
    ["password authentication failed for user", "rights"],
    ["remote error: tls: expired certificate", "certificate"],
    ['[emerg] host not found in upstream "chekout.svc"', "name not resolved"],
    ["InvalidAccessKeyId: The Access Key Id does not exist", "rights"],
    ["token validation failed: Token used before issued", "clock"],
    ["System clock wrong by 217.3 seconds", "clock"],
    ["cannot parse message offset=88123: unexpected character", "message it cannot read"],
    ["RejectedExecutionException: Task rejected from ThreadPoolExecutor", "workers used up"],
    ["link az-a<->az-b: packet loss 42% over 30s", "network"],
    ["peer 7f3a became inactive: i/o timeout", "network"],
    ["memory resource limit alarm set, publishers are blocked", "out of memory"],
    ['config: invalid duration "30" for payment.timeout', "configuration"],
    ["write /data/x: Read-only file system", "file system"],
    ["nf_conntrack: table full, dropping packet", "network"],
    ["engine start refused: license expired", "rights"],
    ["NoLivingConnectionsError: There are no living connections", "dependency down"],
  ])("%s", (text, kind) => {
    expect(failureKindOf(text)?.name).toBe(kind);
  });

  test("is not read into an ordinary line", () => {
    expect(failureKindOf("order 4711 was declined by the bank")).toBeUndefined();
  });
});

describe("what only the time ties to the asked service", () => {
  const unrelated = (more: Partial<RankedCluster> = {}) =>
    cluster("archiver", "ENOSPC: no space left on device, write", { link: "none", score: 0.9, ...more });

  test("is put forward with little confidence, and says why", () => {
    const failing = analyseBuiltin(pack([unrelated(), cluster("checkout", "strange thing", { score: 0.3 })]));
    const quiet = analyseBuiltin(pack([unrelated()]));

    expect(failing.rootCause).toMatch(/^archiver/);
    expect(failing.confidence).toBeLessThanOrEqual(0.45);
    expect(failing.confidenceReasons).toContain("no line ties it to checkout, only the time does");
    expect(quiet.confidence).toBeLessThanOrEqual(0.3);
    expect(quiet.confidenceReasons).toContain(
      "checkout itself logged no more errors than before, and no line ties the two",
    );
  });

  test("is more than the time where the asked service fails in the same known way", () => {
    const answer = analyseBuiltin(
      pack([
        cluster("orders-db", "FATAL: sorry, too many clients already", { link: "none", level: "FATAL" }),
        cluster("checkout", "order failed: sorry, too many clients already", { score: 0.6 }),
      ]),
    );

    expect(answer.rootCause).toMatch(/^orders-db/);
    expect(answer.confidence).toBeGreaterThan(0.5);
  });

  test("gives way to a line of the asked service that ranks nearly as high", () => {
    const answer = analyseBuiltin(pack([unrelated(), cluster("checkout", "strange thing", { score: 0.6 })]));

    expect(answer.cites[0]).toBe(2);
  });

  test("is not the cause of a symptom that was there minutes before", () => {
    const answer = analyseBuiltin(
      pack([
        cluster("checkout", "connect timed out", { score: 0.8 }),
        unrelated({ score: 0.7, onsetMs: onsetMs + 5 * 60_000 }),
      ]),
    );

    expect(answer.rootCause).toMatch(/^checkout: something it waits for takes too long/);
  });
});

describe("a kind of failure is what a program says, not what somebody wrote", () => {
  test.each([
    ['review rejected: "no space left on device!!" is not allowed'],
    ["WARN search for 'too many clients' found nothing"],
    ['{"level":"error","msg":"form not valid","comment":"out of memory"}'],
    ['{"level":"error","msg":"comment \\"disk full\\" is too short"}'],
    ['{"level":"error","upstream":"a","msg":"no such order"}'],
    ["request took 503 ms, order 429"],
  ])("%s", (line) => {
    expect(failureKindOf(line)?.name).toBeUndefined();
  });

  test.each([
    ['level=error msg="write failed" err="write /data/x: no space left on device"', "disk full"],
    ['{"level":"error","err":{"message":"sorry, too many clients already"}}', "connection slots used up"],
    ['{"level":"error","msg":"ENOSPC: no space left on device, open \'/data/a\'"}', "disk full"],
    ['could not write to file "base/1": No space left on device', "disk full"],
    ['{"msg":"GET /pay answered 503","level":"error"}', "dependency down"],
    ["status=429 retry later", "rate limited"],
    ['Error: "connection refused"', "dependency down"],
  ])("%s", (line, kind) => {
    expect(failureKindOf(line)?.name).toBe(kind);
  });
});
