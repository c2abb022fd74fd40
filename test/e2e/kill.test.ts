import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ConsoleClient, openConsole } from "../support/consoleClient.ts";
import {
  endPrograms,
  makeStateDirectory,
  type Origin,
  type Program,
  startProgram,
} from "../support/program.ts";

/** Killed without warning and started again, on the embedded default, as a user would. */
describe("kill -9", () => {
  let stateDirectory: string;
  let program: Program;
  let page: ConsoleClient;

  beforeAll(async () => {
    stateDirectory = await makeStateDirectory();
    await start("sources");
  });

  afterAll(async () => {
    await endPrograms();
    await rm(stateDirectory, { recursive: true, force: true });
  });

  /** The first time as `npm start` does, and then as a build, which goes on with what that one left. */
  async function start(origin: Origin = "build"): Promise<void> {
    program = await startProgram({ STATE_DIR: stateDirectory }, [], { origin });
    page = await openConsole(program.address);
  }

  /** The postmaster's process id stands on the first line of its pid file. */
  async function postmasterPid(): Promise<number> {
    const dataDirectory = /(?:in|from) (\S+\/data)\b/.exec(program.output())?.[1] as string;
    return Number((await readFile(join(dataDirectory, "postmaster.pid"), "utf8")).split("\n", 1)[0]);
  }

  const kills: [string, () => Promise<void>][] = [
    [
      "of the bot",
      async () => {
        await program.end("SIGKILL");
      },
    ],
    [
      "of PostgreSQL",
      async () => {
        process.kill(await postmasterPid(), "SIGKILL");
        await program.end("SIGKILL");
      },
    ],
    [
      "of both, the bot first",
      async () => {
        const pid = await postmasterPid();
        await program.end("SIGKILL");
        process.kill(pid, "SIGKILL");
      },
    ],
  ];

  test.each(kills)("%s, in the middle of an analysis, loses nothing", async (_, kill) => {
    const before = await page.ask("/loghunter deploy checkout 9.9.9", (message) =>
      message.html.includes("deploy marked"),
    );
    const asked = randomUUID();
    await page.say("/loghunter analyze checkout", { id: asked });

    await kill();
    await start();

    const answered = await page.waitFor(
      "root cause",
      (message) => message.once === `answer:${asked}` && message.html.includes("LIKELY CAUSE"),
      90_000,
    );
    const after = await page.messages();
    expect(after.map((message) => message.id)).toContain(before.id);
    expect(after.filter((message) => message.once === answered.once)).toHaveLength(1);
    expect(after.filter((message) => message.html.includes("looking for the cause"))).toHaveLength(0);
  });

  test("of PostgreSQL alone leaves the bot up, and it answers again by itself", async () => {
    process.kill(await postmasterPid(), "SIGKILL");

    const id = randomUUID();
    let answered = false;
    for (let tries = 0; tries < 60 && !answered; tries++) {
      // The page does the same: it sends an act again, with the same id, until it has been taken.
      answered = await page.say("/loghunter status", { id }).then(
        () => true,
        () => false,
      );
      if (!answered) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await page.waitFor("status", (message) => message.once === `answer:${id}`);
    const said = (await page.messages()).filter((message) => message.html.includes("/loghunter status"));
    expect(said).toHaveLength(1);
  });
});
