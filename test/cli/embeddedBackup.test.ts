import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { findTestPrograms, newFolder, run } from "../support/backups.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { makeStateDirectory } from "../support/program.ts";

const programs = await findTestPrograms();
let server: TestDatabase | undefined;
let STATE_DIR: string;
beforeAll(async () => {
  STATE_DIR = await makeStateDirectory();
});
afterAll(async () => {
  await server?.drop();
  await rm(STATE_DIR, { recursive: true, force: true });
});

(programs === undefined ? describe.skip : describe)("the embedded database", () => {
  test("is filled from a dump of a server, and dumped by the same command", async () => {
    expect(await run(["backup"], { STATE_DIR })).toMatchObject({
      code: 1,
      err: expect.stringContaining("There is no database"),
    });
    server = await createTestDatabase();
    const dumped = await run(["backup", "--json"], {
      DATABASE_URL: server.url,
      BACKUP_DIR: await newFolder(),
    });
    const { file } = JSON.parse(dumped.out);
    const restored = await run(["restore", file], { STATE_DIR });
    expect(restored).toMatchObject({ code: 0, err: "" });
    expect(restored.out).toContain("they run when LogHunter starts");
    const own = await run(["backup", "--json"], { STATE_DIR });
    expect(own).toMatchObject({ code: 0, err: "" });
    expect(path.dirname(JSON.parse(own.out).file)).toBe(path.join(STATE_DIR, "backups"));
    expect(JSON.parse(own.out)).toMatchObject({ rows: JSON.parse(dumped.out).rows });
    expect(await run(["restore-drill"], { STATE_DIR })).toMatchObject({
      code: 0,
      out: expect.stringContaining("The dump is good."),
    });
  });
});
