import { chmod } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Folder, line, linesOf, ORG, openFolder, textsOf } from "./folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await openFolder();
});
afterEach(() => folder.close());

test("names the service after the file, or after the folder where the file's name says nothing", async () => {
  const names = {
    "checkout.log": "checkout",
    "orders-2026-11-24.log.gz": "orders",
    "stock.log.1": "stock",
    "billing.log-20261124.gz": "billing",
    "search.2026-11-24-03.log": "search",
    "web-api.out": "web-api",
    "mail/error.log": "mail",
    "auth/logs/current": "auth",
    [`cart-7d9f8b6c5d-abcde_shop_cart-app-${"0f".repeat(32)}.log`]: "cart-app",
  };
  for (const [index, name] of Object.keys(names).entries()) {
    const text = `${line(index)}\n`;
    await folder.write(name, name.endsWith(".gz") ? gzipSync(text) : text);
  }
  const found = await linesOf(await folder.open());
  expect(found.map(({ service }) => service)).toEqual(Object.values(names));
  expect(found.at(-1)?.namespace).toBe("shop");
});

test("follows a pattern below a folder that may be entered and not listed, wherever it was started", async () => {
  await folder.write("closed/logs/shop.log", `${line(1)}\n`);
  await folder.write("closed/elsewhere/nothing", "");
  await chmod(folder.path, 0o755);
  await chmod(folder.at("closed"), 0o111);
  const startedIn = process.cwd();
  // Root may list everything.
  const isRoot = process.getuid?.() === 0;
  process.chdir(folder.at("closed/elsewhere"));
  if (isRoot) process.seteuid?.(65_534);
  try {
    const source = await folder.open({ paths: [{ pattern: folder.at("closed/logs/*.log") }] });
    expect(await textsOf(source)).toEqual([line(1)]);
  } finally {
    if (isRoot) process.seteuid?.(0);
    process.chdir(startedIn);
    await chmod(folder.at("closed"), 0o755);
  }
});

test("gives lines the namespace of their path, and none where there is none", async () => {
  await folder.write("a/one.log", `${line(1)}\n`);
  await folder.write("b/two.log", `${line(2)}\n`);
  const paths = [{ pattern: folder.at("a"), namespace: "shop" }, { pattern: folder.at("b/*.log") }];
  const found = await linesOf(await folder.open({ paths }));
  expect(found.map(({ namespace }) => namespace)).toEqual(["shop", ""]);
});

test("reads a file once, however many paths lead to it", async () => {
  await folder.write("app.log", `${line(1)}\n`);
  const paths = [folder.path, folder.at("app.log"), folder.at("*.log")].map((pattern) => ({ pattern }));
  expect(await textsOf(await folder.open({ paths }))).toEqual([line(1)]);
});

test("reads .gz files of one or several members, whatever they are called", async () => {
  await folder.write("a.log.gz", Buffer.concat([gzipSync(`${line(1)}\n`), gzipSync(`${line(2)}\n`)]));
  await folder.write("b.log", gzipSync(`${line(3)}\n${line(4)}`));
  expect(await textsOf(await folder.open())).toEqual([1, 2, 3, 4].map((minute) => line(minute)));
});

test("takes CRLF, a byte order mark and bytes that are not UTF-8 as they come", async () => {
  const bytes = Buffer.from(`\ufeff${line(1, "Zürich")}\r\n${line(2, "caf?")}\r\n`);
  bytes[bytes.indexOf("?")] = 0xe9;
  await folder.write("app.log", bytes);
  expect(await textsOf(await folder.open())).toEqual([line(1, "Zürich"), line(2, "caf\ufffd")]);
});

test("keeps an entry of several lines together", async () => {
  const entry = `${line(1, "failed", "ERROR")}\n    at pay (pay.js:1)\n    at main (main.js:2)`;
  await folder.write("app.log", `${entry}\n${line(2)}\n`);
  const source = await folder.open();
  expect(await linesOf(source)).toMatchObject([{ text: entry, level: "ERROR" }, { text: line(2) }]);
  expect((await source.health(ORG)).summary).toContain("2 lines");
});

test("dates a line without a time by the one before it, and reports what cannot be dated at all", async () => {
  await folder.write("app.log", `no time yet\nnor here\n${line(1)}\nsome words\n${line(2)}\n`);
  const source = await folder.open();
  expect(await textsOf(source)).toEqual([line(1), "some words", line(2)]);
  expect(await textsOf(source, { contains: ["WORDS"] })).toEqual(["some words"]);
  const [first, second] = await linesOf(source);
  expect(second?.atNs).toBe(first?.atNs);
  expect((await source.health(ORG)).warnings).toEqual([
    `2 lines of ${folder.at("app.log")} have no time that can be read and are not shown.`,
    `1 line of ${folder.at("app.log")} has no time and is shown at the time of the line before.`,
  ]);
});

test("passes over a hole of NUL bytes and reports it", async () => {
  const hole = Buffer.alloc(200_000);
  const parts = [
    hole,
    `${line(1)}\n`,
    hole,
    `${line(2)}\n${line(3)}`,
    hole,
    `\n${line(4)}\n`,
    Buffer.alloc(50),
  ];
  await folder.write("app.log", Buffer.concat(parts.map((part) => Buffer.from(part))));
  const source = await folder.open();
  expect(await textsOf(source)).toEqual([1, 2, 3, 4].map((minute) => line(minute)));
  expect((await source.health(ORG)).warnings).toEqual([
    `${folder.at("app.log")} has 4 holes of NUL bytes, as a crash or a truncation leaves them: lines may be missing.`,
  ]);
});

test("cuts a line of 100 MB at 1 MB without holding the rest", async () => {
  const start = `${line(1)} `;
  const rest = Buffer.alloc(100 * 1024 * 1024, "x");
  await folder.write("app.log", Buffer.concat([Buffer.from(start), rest, Buffer.from(`\n${line(2)}\n`)]));
  const held = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const source = await folder.open();
  const before = held();
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, held() - before);
  }, 1);
  await source.indexed();
  const [long, next] = await textsOf(source);
  clearInterval(sampling);
  expect(long?.length).toBe(1024 * 1024);
  expect(long?.startsWith(start)).toBe(true);
  expect(next).toBe(line(2));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(60 * 1024 * 1024);
  expect((await source.health(ORG)).warnings).toEqual([
    `1 line of ${folder.at("app.log")} is longer than 1 MB and cut there.`,
  ]);
});

test("reads times without a zone as UTC, or as the operator says", async () => {
  await folder.write("app.log", "2026-11-24T03:00:00 INFO hello\n");
  const utc = await folder.open();
  const east = await folder.open({ zoneOffsetMinutes: 120 });
  const [[inUtc], [inEast]] = [await linesOf(utc), await linesOf(east)];
  expect((inUtc?.atNs ?? 0n) - (inEast?.atNs ?? 0n)).toBe(7_200_000_000_000n);
});

test("shows a recording as if it happened now, each line when its time has come", async () => {
  await folder.write("app.log", [1, 2, 3, 4].map((minute) => `${line(minute)}\n`).join(""));
  const recordedNowMs = Date.parse(line(2).slice(0, 24));
  const asMs = Date.UTC(2030, 0, 1, 12, 0, 0, 500);
  let nowMs = asMs;
  const paths = [{ pattern: folder.path, replay: { recordedNowMs, asMs } }];
  const source = await folder.open({ paths, now: () => nowMs });
  const found = await linesOf(source);
  expect(found.map(({ text }) => text)).toEqual([line(1), line(2)]);
  expect(found.map(({ atNs }) => Number(atNs / 1_000_000n))).toEqual([asMs - 60_000, asMs]);

  const hour = { fromMs: asMs - 60_000, toMs: asMs + 240_000 };
  const counted = async () => (await source.counts(ORG, { ...hour, stepMs: 60_000 }))[0]?.counts;
  expect(await counted()).toEqual([1, 1, 0, 0, 0]);
  expect((await source.health(ORG)).summary).toMatch(/2 lines from 11:59 to 12:00 UTC/);
  nowMs = asMs + 119_999;
  expect(await counted()).toEqual([1, 1, 1, 0, 0]);
  nowMs = asMs + 120_000;
  expect(await counted()).toEqual([1, 1, 1, 1, 0]);
  expect(await textsOf(source, { order: "newest first", limit: 1 })).toEqual([line(4)]);
});

test("says what it reads, and where from when", async () => {
  await folder.write("a/one.log", `${line(31)}\n${line(32)}\n`);
  await folder.write("b/two.log", `${line(72)}\n`);
  const source = await folder.open();
  await source.indexed();
  expect(await source.health(ORG)).toEqual({
    ok: true,
    summary: "Reading 2 files in 2 folders, 3 lines from 03:31 to 04:12 UTC.",
    warnings: [],
  });
});
