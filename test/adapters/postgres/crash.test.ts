import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import pg from "pg";
import { exists } from "../../../adapters/postgres/processes.ts";
import { until } from "../../support/eventually.ts";
import {
  isThere,
  kill,
  postmasterOf,
  query,
  scratchFolder,
  start,
  startInstance,
  usedDirectory,
} from "./scratch.ts";

describe("after an end that nobody planned", () => {
  test("of the bot, the server that lives on is joined", async () => {
    const directory = await usedDirectory();
    const bot = startInstance({ directory });
    const said = await bot.said;
    expect(said.how).toBe("started");
    const postmaster = await postmasterOf(said);
    await bot.kill();
    expect(exists(postmaster)).toBe(true);

    const next = await start({ directory });
    expect(next.how).toBe("adopted");
    expect(next.url).toBe(said.url);
    expect(await postmasterOf(next)).toBe(postmaster);
    await next.stop();
    expect(exists(postmaster)).toBe(false);
  });

  test("of the server, the next start has all that was committed", async () => {
    const directory = await usedDirectory();
    const first = await start({ directory, durable: true });
    await query(first.url, "create table kept_after_server as select 42 as answer");
    await kill(await postmasterOf(first));

    const second = await start({ directory, durable: true });
    expect(second.how).toBe("started");
    expect(second.url).toBe(first.url);
    expect(await query(second.url, "select answer from kept_after_server")).toEqual([{ answer: 42 }]);
    await first.stop();
    expect(await query(second.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await second.stop();
  });

  test("of both, the next start has all that was committed", async () => {
    const directory = await usedDirectory();
    const bot = startInstance({ directory, durable: true });
    const said = await bot.said;
    await query(said.url, "create table kept_after_both as select 42 as answer");
    const postmaster = await postmasterOf(said);
    await Promise.all([bot.kill(), kill(postmaster)]);

    const next = await start({ directory });
    expect(next.how).toBe("started");
    expect(await query(next.url, "select answer from kept_after_both")).toEqual([{ answer: 42 }]);
    await next.stop();
  });

  test("of the server alone, its child that is still busy is waited for", async () => {
    const directory = await usedDirectory();
    const first = await start({ directory });
    const client = new pg.Client({ connectionString: first.url });
    client.on("error", () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    const backend = rows[0]?.pid ?? 0;
    // Counting looks up from its work too seldom to see that its server is gone.
    const busy = client.query("select count(*) from generate_series(1, 8000000)").catch(() => undefined);
    await until(async () => {
      const [row] = await query(first.url, `select state from pg_stat_activity where pid = ${backend}`);
      return row?.state === "active";
    });
    await kill(await postmasterOf(first));
    expect(exists(backend)).toBe(true);

    const second = await start({ directory });
    expect(second.how).toBe("started");
    expect(exists(backend)).toBe(false);
    // Who uses it knows no other address.
    expect(second.url).toBe(first.url);
    await busy;
    await second.stop();
  });

  test("in the middle of making the cluster, the next start makes it anew and leaves no rest", async () => {
    const directory = await scratchFolder();
    const bot = startInstance({ directory });
    const halves = async () => (await readdir(directory)).filter((name) => name.startsWith("unfinished-"));
    await until(async () => {
      const [half] = (await halves()).filter((name) => !name.endsWith(".password"));
      return half !== undefined && (await isThere(path.join(directory, half, "PG_VERSION")));
    });
    await bot.kill();
    expect(await isThere(path.join(directory, "data"))).toBe(false);

    const next = await start({ directory });
    expect(next.how).toBe("created");
    expect(await query(next.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await next.stop();
    const last = await start({ directory });
    await last.stop();
  });
});

describe("a note of a server that is no more", () => {
  const noteOf = (directory: string) => path.join(directory, "data", "postmaster.pid");

  /** The directory of a server that was killed, and what it had noted about itself. */
  async function abandoned() {
    const directory = await usedDirectory();
    const server = await start({ directory });
    const note = await readFile(noteOf(directory), "utf8");
    await kill(await postmasterOf(server));
    return { directory, note };
  }

  test("does not stop the start when its process is gone", async () => {
    const { directory } = await abandoned();
    const next = await start({ directory });
    expect(next.how).toBe("started");
    await next.stop();
  });

  test("does not stop the start when its number now belongs to another program", async () => {
    const { directory, note } = await abandoned();
    await writeFile(noteOf(directory), note.replace(/^\d+/, String(process.pid)));
    const next = await start({ directory });
    expect(next.how).toBe("started");
    await next.stop();
  });

  test("does not stop the start when its number belongs to the server of another directory", async () => {
    const { directory, note } = await abandoned();
    const other = await start({ directory: await scratchFolder() });
    await writeFile(noteOf(directory), note.replace(/^\d+/, String(await postmasterOf(other))));
    const next = await start({ directory });
    expect(next.how).toBe("started");
    expect(await query(other.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await Promise.all([next.stop(), other.stop()]);
  });

  test("does not stop the start when its process is dead but unburied", async () => {
    const { directory, note } = await abandoned();
    // The shell becomes a program that never asks how its child ended.
    const careless = spawn("sh", ["-c", "true & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [pid] = await once(careless.stdout, "data");
    await writeFile(noteOf(directory), note.replace(/^\d+/, String(pid).trim()));
    const next = await start({ directory });
    expect(next.how).toBe("started");
    await next.stop();
    careless.kill();
  });

  test.each([
    ["empty", ""],
    ["zeros", "\0".repeat(64)],
  ])("does not stop the start when a machine that went down left it %s", async (_, note) => {
    const { directory } = await abandoned();
    await writeFile(noteOf(directory), note);
    const next = await start({ directory });
    expect(next.how).toBe("started");
    await next.stop();
  });
});
