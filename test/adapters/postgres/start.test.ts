import { once } from "node:events";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { exists } from "../../../adapters/postgres/processes.ts";
import {
  isThere,
  postmasterOf,
  query,
  scratchFolder,
  start,
  startInstance,
  usedDirectory,
} from "./scratch.ts";

describe("the embedded server", () => {
  test("is made at the first start and keeps its data for the next", async () => {
    const directory = path.join(await scratchFolder(), "state", "postgres");
    const begunFirst = performance.now();
    const first = await start({ directory, durable: true });
    const firstMs = performance.now() - begunFirst;
    expect(first.how).toBe("created");
    await query(first.url, "create table kept as select 42 as answer");
    await first.stop();

    const begunSecond = performance.now();
    const second = await start({ directory, durable: true });
    expect(performance.now() - begunSecond).toBeLessThan(firstMs);
    expect(second.how).toBe("started");
    expect(second.dataDirectory).toBe(first.dataDirectory);
    expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  test("is PostgreSQL 15 with the database loghunter, UTF-8, and the extension that the schema needs", async () => {
    const server = await start({ directory: await usedDirectory() });
    const [row] = await query(
      server.url,
      `select current_setting('server_version_num')::int / 10000 as major, current_database() as name,
              current_setting('server_encoding') as encoding, current_setting('timezone') as timezone`,
    );
    expect(row).toEqual({ major: 15, name: "loghunter", encoding: "UTF8", timezone: "UTC" });
    await query(server.url, 'create extension "uuid-ossp"');
    await server.stop();
  });

  test("takes what the caller sets, and is not durable only when told", async () => {
    const directory = await usedDirectory();
    const safe = await start({ directory, durable: true, settings: { work_mem: "7MB" } });
    expect(
      await query(safe.url, "select current_setting('work_mem') as m, current_setting('fsync') as f"),
    ).toEqual([{ m: "7MB", f: "on" }]);
    await safe.stop();
    const quick = await start({ directory, durable: false });
    expect(await query(quick.url, "show fsync")).toEqual([{ fsync: "off" }]);
    await quick.stop();
  });

  test("lets nobody in without the password, which only its owner can read", async () => {
    const directory = await usedDirectory();
    const server = await start({ directory });
    const url = new URL(server.url);
    expect(url.hostname).toBe("127.0.0.1");
    url.password = "guessed";
    await expect(query(url.href, "select 1")).rejects.toThrow("password authentication failed");
    expect(await query(server.url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    expect(await query(server.url, "show unix_socket_directories")).toEqual([
      { unix_socket_directories: "" },
    ]);
    if (os.platform() !== "win32") {
      expect((await stat(path.join(directory, "password"))).mode & 0o777).toBe(0o600);
      expect((await stat(server.dataDirectory)).mode & 0o777).toBe(0o700);
    }
    await server.stop();
  });

  test("keeps its port from one start to the next, so that clients of a server that died find the new one", async () => {
    const directory = await usedDirectory();
    const first = await start({ directory });
    await first.stop();
    const second = await start({ directory });
    expect(second.url).toBe(first.url);
    await second.stop();
  });

  test("takes another port when another program has taken its own", async () => {
    const directory = await usedDirectory();
    const first = await start({ directory });
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.url).port), "127.0.0.1");
    await once(squatter, "listening");
    const second = await start({ directory });
    expect(await query(second.url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(second.url).not.toBe(first.url);
    await second.stop();
    squatter.close();
  });

  test("gets a new password when the file that held it is lost", async () => {
    const directory = await usedDirectory();
    const first = await start({ directory });
    await first.stop();
    await rm(path.join(directory, "password"));
    const second = await start({ directory });
    expect(second.how).toBe("started");
    expect(new URL(second.url).password).not.toBe(new URL(first.url).password);
    await second.stop();
  });

  test("never writes a statement or a value into its log", async () => {
    const directory = await usedDirectory();
    const server = await start({ directory });
    await query(server.url, "create table t (line text primary key); insert into t values ('a-log-line')");
    await expect(query(server.url, "insert into t values ('a-log-line')")).rejects.toThrow("duplicate key");
    await server.stop();
    const log = await readFile(path.join(directory, "server.log"), "utf8");
    expect(log).toContain("duplicate key");
    expect(log).not.toContain("a-log-line");
  });

  test("sets a large log aside when it starts", async () => {
    const directory = await usedDirectory();
    await writeFile(path.join(directory, "server.log"), Buffer.alloc(6 * 1024 * 1024, "x"));
    const server = await start({ directory });
    expect((await stat(path.join(directory, "server.log"))).size).toBeLessThan(100_000);
    expect(await isThere(path.join(directory, "server.log.1"))).toBe(true);
    await server.stop();
  });
});

describe("instances that share a directory", () => {
  test("share one server, which the last of them stops", async () => {
    const directory = await usedDirectory();
    const first = await start({ directory });
    const other = startInstance({ directory });
    expect(await other.said).toMatchObject({ how: "adopted", url: first.url });

    const postmaster = await postmasterOf(first);
    await first.stop();
    await first.stop();
    expect(exists(postmaster)).toBe(true);
    await other.stop();
    expect(exists(postmaster)).toBe(false);
  });

  test("make one cluster between them when they start at the same moment", async () => {
    const directory = await scratchFolder();
    const processes = [startInstance({ directory }), startInstance({ directory })];
    const here = await Promise.all([start({ directory }), start({ directory })]);
    const said = [...here, ...(await Promise.all(processes.map((instance) => instance.said)))];

    expect(said.filter(({ how }) => how === "created")).toHaveLength(1);
    expect(new Set(said.map(({ url }) => url)).size).toBe(1);
    expect(await query(said[3]?.url ?? "", "select 1 as one")).toEqual([{ one: 1 }]);

    const postmaster = await postmasterOf(here[0]);
    await Promise.all([...here, ...processes].map((instance) => instance.stop()));
    expect(exists(postmaster)).toBe(false);
  });

  test("do not keep the server for one that was killed", async () => {
    const directory = await usedDirectory();
    const killed = startInstance({ directory });
    await killed.said;
    await killed.kill();
    const server = await start({ directory });
    const postmaster = await postmasterOf(server);
    await server.stop();
    expect(exists(postmaster)).toBe(false);
  });
});
