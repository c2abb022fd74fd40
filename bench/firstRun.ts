/**
 * From a fresh clone to the first answered analyze, as a stranger runs it: `npm ci && npm start`, then
 * `/loghunter analyze checkout`. Cold is with an empty npm cache and no database; warm is a second
 * `npm start`. Prints a table and, as its last line, {"coldMs","warmMs"}.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openConsole } from "../test/support/consoleClient.ts";

const source = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "loghunter-first-run-"));
const clone = join(scratch, "loghunter");
execFileSync("git", ["clone", "--quiet", source, clone]);

try {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    WEB_PORT: "0",
    npm_config_cache: join(scratch, "npm-cache"),
  };
  const beganMs = performance.now();
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: clone,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const installedMs = performance.now();
  const cold = await startAndAsk(env);
  const warm = await startAndAsk(env);
  const installMs = Math.round(installedMs - beganMs);
  console.log("                     ms");
  console.log(`npm ci, cold cache   ${installMs}`);
  console.log(`first start to page  ${cold.startedMs}`);
  console.log(`  to first answer    ${cold.answeredMs}`);
  console.log(`second start to page ${warm.startedMs}`);
  console.log(`  to first answer    ${warm.answeredMs}`);
  console.log(JSON.stringify({ coldMs: installMs + cold.answeredMs, warmMs: warm.answeredMs }));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function startAndAsk(env: NodeJS.ProcessEnv): Promise<{ startedMs: number; answeredMs: number }> {
  const beganMs = performance.now();
  const child = spawn("npm", ["start"], {
    cwd: clone,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (data: Buffer) => {
        text += data.toString();
        const found = /http:\/\/\S+token=\S+/.exec(text);
        if (found !== null) resolve(found[0]);
      });
      void ended.then(() => reject(new Error("npm start ended before it was ready")));
    });
    const startedMs = Math.round(performance.now() - beganMs);
    const page = await openConsole(address);
    await page.ask("/loghunter analyze checkout", (message) => message.html.includes("LIKELY CAUSE"));
    return { startedMs, answeredMs: Math.round(performance.now() - beganMs) };
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await ended;
  }
}
