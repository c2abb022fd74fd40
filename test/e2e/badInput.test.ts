import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openConsole } from "../support/consoleClient.ts";
import { endPrograms, makeStateDirectory, runToEnd, startProgram } from "../support/program.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await makeStateDirectory();
});
afterAll(async () => {
  await endPrograms();
  await rm(scratch, { recursive: true, force: true });
});

describe("a start that cannot work says what to do, and ends", () => {
  test.each<[string, Record<string, string>, string[], RegExp]>([
    [
      "a wrong setting",
      { WEB_PORT: "eighty", DATABASE_URL: "mysql://u:hunter2@h/db" },
      [],
      /DATABASE_URL\s+must begin with postgres:\/\/[\s\S]*WEB_PORT/,
    ],
    [
      "a state folder that cannot be made",
      { STATE_DIR: "/dev/null/state" },
      [],
      /\/dev\/null is a file where a folder is needed: .* STATE_DIR/,
    ],
    ["an unknown option", {}, ["--bogus"], /bogus/],
    ["a path without --logs", {}, ["/var/log"], /loghunter start --logs \/var\/log/],
    ["no such log", {}, ["--logs", "/nowhere/at/all.log"], /\/nowhere\/at\/all\.log/],
    [
      "no database there",
      { DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/db" },
      [],
      /database[\s\S]*DATABASE_URL/i,
    ],
    [
      "a password that holds a sign of addresses",
      { DATABASE_URL: "postgres://u:1#hunter2@127.0.0.1:1/db" },
      [],
      /DATABASE_URL does not answer.* Signs such as @, \/ and # in a password are written %40, %2F and %23\./,
    ],
    [
      "an empty file of a secret",
      { DATABASE_URL_FILE: "/dev/null" },
      [],
      /the file of DATABASE_URL_FILE is empty/,
    ],
  ])("%s", async (_, env, args, expected) => {
    const { code, output } = await runToEnd({ STATE_DIR: join(scratch, "state"), ...env }, args);

    expect(output).toMatch(expected);
    expect(output).not.toContain("hunter2");
    expect(output).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });

  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const port = String((other.address() as AddressInfo).port);

    const { code, output } = await runToEnd({ STATE_DIR: join(scratch, "state"), WEB_PORT: port });

    expect(output).toContain(`Port ${port} is already in use`);
    expect(code).toBe(1);
    other.close();
  });
});

test("production without a database of one's own starts all the same: the embedded one is migrated by itself", async () => {
  const program = await startProgram({ STATE_DIR: join(scratch, "state"), NODE_ENV: "production" });
  const page = await openConsole(program.address);
  await page.ask("/loghunter status", (message) => message.html.includes("Organisation"));
  expect(await program.end("SIGTERM")).toBe(0);
});

describe("logs that are no good are said, and the process stays up", () => {
  test("a binary file beside a good one, and a log that vanishes", async () => {
    const now = new Date().toISOString();
    await writeFile(join(scratch, "good.log"), `${now} ERROR cannot reach the bank\n`);
    await writeFile(join(scratch, "gone.log"), `${now} ERROR here today\n`);
    await writeFile(join(scratch, "picture.log"), Buffer.from([0x89, 0x50, 0, 0, 0, 1, 2, 0, 0xff, 0]));
    const program = await startProgram({ STATE_DIR: join(scratch, "state") }, [
      "--logs",
      join(scratch, "*.log"),
    ]);
    const page = await openConsole(program.address);

    await page.ask("/loghunter errors gone", (message) => message.html.includes("here today"));
    await rm(join(scratch, "gone.log"));
    const status = await page.ask("/loghunter status", (message) => message.html.includes("To mend"));
    expect(status.html).toContain("picture.log");
    expect(status.html).toMatch(/1 file read before is gone/);
    await page.ask("/loghunter errors good", (message) => message.html.includes("cannot reach the bank"));

    expect(await program.end("SIGTERM")).toBe(0);
  });
});

describe("a full disk", () => {
  const canMount = process.getuid?.() === 0 && mountWorks();
  if (!canMount) console.warn("skipped: a full disk is made by mounting a small one, which needs root");

  (canMount ? test : test.skip)(
    "under the embedded database is said in the channel, and the process stays up",
    async () => {
      const disk = await mkdtemp(join(tmpdir(), "loghunter-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=160m,mode=0755", "tmpfs", disk]);
      try {
        const program = await startProgram({ STATE_DIR: disk });
        const page = await openConsole(program.address);
        const filler = join(disk, "filler");
        execFileSync("sh", ["-c", `cat /dev/zero > ${filler} 2>/dev/null || true`]);

        // What is typed cannot be kept now, and the page is told so; it keeps its text and can send it again.
        let refused = "";
        for (let i = 0; i < 400 && refused === ""; i++) {
          await page.say(`/loghunter search ${"x".repeat(400)}`).catch((error: Error) => {
            refused = error.message;
          });
        }
        expect(refused).toMatch(/disk/i);
        await rm(filler);
        await page.ask("/loghunter status", (message) => message.html.includes("Organisation"));
        expect(await program.end("SIGTERM")).toBe(0);
      } finally {
        execFileSync("umount", ["-l", disk]);
        await rm(disk, { recursive: true, force: true });
      }
    },
  );
});

function mountWorks(): boolean {
  const at = execFileSync("mktemp", ["-d"]).toString().trim();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", at], { stdio: "ignore" });
    execFileSync("umount", [at]);
    return true;
  } catch {
    return false;
  } finally {
    execFileSync("rmdir", [at]);
  }
}
