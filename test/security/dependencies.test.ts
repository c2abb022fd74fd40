import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSX = join(ROOT, "node_modules/tsx/dist/loader.mjs");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loghunter-dependencies-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a script in the folder, as npm does in a project. */
function run(script: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  return new Promise<{ code: number; said: string }>((resolve) => {
    execFile(
      process.execPath,
      ["--import", TSX, join(ROOT, "scripts", script), ...args],
      { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...env } },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), said: `${stdout}${stderr}` }),
    );
  });
}

async function project(packages: Record<string, object>, sentences = ""): Promise<void> {
  const own = { name: "x", version: "1.0.0", dependencies: { left: "1.0.0" } };
  await mkdir(join(folder, "docs/decisions"), { recursive: true });
  await writeFile(join(folder, "docs/decisions/dependencies.md"), sentences);
  await writeFile(join(folder, "package.json"), JSON.stringify(own));
  const lock = { ...own, lockfileVersion: 3, requires: true, packages: { "": own, ...packages } };
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
}

describe("the check of dependencies", () => {
  test("passes for what the project has", async () => {
    expect(await run("dependencies.ts", [ROOT])).toEqual({
      code: 0,
      said: expect.stringMatching(/^\d{3} packages/),
    });
  });

  test("fails for one without a sentence, or under another licence, whichever of lock and package says so", async () => {
    const packages = {
      "node_modules/left": { version: "1.0.0", license: "MIT" },
      "node_modules/copyleft": { version: "1.0.0", license: "GPL-3.0" },
      "node_modules/left/node_modules/secret": { version: "1.0.0" },
      "node_modules/changed": { version: "1.0.0", license: "MIT" },
      "node_modules/either": { version: "1.0.0", license: "(GPL-2.0 OR MIT)" },
      "node_modules/both": { version: "1.0.0", license: "MIT AND GPL-2.0" },
      "node_modules/tool": { version: "1.0.0", license: "GPL-3.0", dev: true },
    };
    await project(packages);
    await mkdir(join(folder, "node_modules/changed"), { recursive: true });
    await writeFile(join(folder, "node_modules/changed/package.json"), '{"license":{"type":"SSPL-1.0"}}');
    const { code, said } = await run("dependencies.ts");
    expect(code).toBe(1);
    expect(said.trim().split("\n")).toEqual([
      "left has no sentence in docs/decisions/dependencies.md",
      "copyleft is under GPL-3.0",
      "secret is under none",
      "changed is under SSPL-1.0",
      "both is under MIT AND GPL-2.0",
    ]);
  });
});

describe("the audit", () => {
  /** A registry that knows one hole in `left`; without a severity it knows of no advisories at all. */
  async function audited(severity: string | undefined) {
    await project({ "node_modules/left": { version: "1.0.0", license: "MIT" } });
    const server = createServer((request, response) => {
      request.resume();
      const advisory = {
        id: 1,
        url: "https://advisories.test/1",
        title: "a hole",
        severity,
        vulnerable_versions: "<2",
      };
      if (severity !== undefined && request.url?.endsWith("/advisories/bulk"))
        return void response.end(JSON.stringify({ left: [advisory] }));
      if (severity !== undefined && request.url === "/left")
        return void response.end(
          JSON.stringify({ name: "left", versions: { "1.0.0": { name: "left", version: "1.0.0" } } }),
        );
      response.writeHead(405).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const ran = await run("audit.ts", [], { npm_config_registry: registry });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return ran;
  }

  test.each(["high", "critical"])("fails for a hole of %s severity in what is shipped", async (severity) => {
    const { code, said } = await audited(severity);
    expect(said).toContain(`${severity} left: a hole (https://advisories.test/1)`);
    expect(code).toBe(1);
  });

  test("tells of a lesser one, and passes", async () => {
    const { code, said } = await audited("moderate");
    expect(said).toContain("moderate left: a hole");
    expect(code).toBe(0);
  });

  test("says aloud that nothing was checked where the registry knows no advisories, or is not there", async () => {
    const unable = await audited(undefined);
    expect(unable).toEqual({ code: 0, said: expect.stringMatching(/^NOT CHECKED .*405/) });
    const away = await run("audit.ts", [], { npm_config_registry: "http://127.0.0.1:1/" });
    expect(away).toEqual({ code: 0, said: expect.stringMatching(/^NOT CHECKED/) });
  });
});
