import { execFile, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let files: string[];
let bin: string;

/** Installed as npm does, but that what it depends on is taken from here. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loghunter-pack-"));
  // The embedded PostgreSQL's own account enters it where root runs this.
  await chmod(folder, 0o755);
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: ROOT,
    maxBuffer: 1e7,
  });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf("[\n"))) as [
    { filename: string; files: { path: string }[] },
  ];
  files = packed.files.map(({ path }) => path);
  await run("tar", ["-xzf", join(folder, packed.filename), "-C", folder]);
  const modules = join(folder, "node_modules");
  await mkdir(modules);
  for (const name of await readdir(join(ROOT, "node_modules")))
    if (!name.startsWith(".")) await symlink(join(ROOT, "node_modules", name), join(modules, name));
  await rename(join(folder, "package"), join(modules, "loghunter"));
  bin = join(modules, "loghunter", "dist/src/cli.js");
  await chmod(bin, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bare = () => ({ PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, "state") });

test("the package holds what runs, and nothing else", () => {
  for (const needed of [
    "dist/src/main.js",
    "dist/adapters/web/page/index.html",
    "assets/fonts/Inter-Medium.otf",
    "samples/disk-full/incident.json",
    "docs/recovery.md",
  ])
    expect(files).toContain(needed);
  expect(files.filter((file) => file.startsWith("migrations/")).length).toBeGreaterThan(20);
  // Manifests and one page are there because pages of documentation lead to them.
  const odd =
    /^(src|adapters(?!\/slack\/manifest)|test(?!\/fixtures\/lines\/README)|bench|scripts|samples\/lab)\/|\.map$|\.ts$|^\.env$|^secrets\//;
  expect(files.filter((file) => odd.test(file))).toEqual([]);
});

test("each link of its pages leads to something in it", async () => {
  const dead: string[] = [];
  for (const page of files.filter((file) => file.endsWith(".md"))) {
    const text = await readFile(join(folder, "node_modules/loghunter", page), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)) {
      const target = join(dirname(page), link);
      if (!files.some((file) => file === target || file.startsWith(`${target}/`)))
        dead.push(`${page}: ${link}`);
    }
  }
  expect(dead).toEqual([]);
});

test("its command line runs, also into a pipe that ends early", async () => {
  expect((await run(bin, ["--version"], { env: bare() })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const { stdout, stderr } = await run("/bin/sh", ["-c", `"${bin}" --help | head -n 1`], { env: bare() });
  expect([stdout, stderr]).toEqual(["Usage: loghunter [options] [command]\n", ""]);
});

test("it starts, keeps what is its own outside of node_modules, and answers", async () => {
  const program = spawn(bin, ["start"], {
    env: { ...bare(), WEB_PORT: "0", HTTP_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    let said = "";
    const api = await new Promise<string>((resolve, reject) => {
      const look = (data: Buffer) => {
        said += data.toString();
        const [, address] = /HTTP +(127\.0\.0\.1:\d+)/.exec(said) ?? [];
        if (address !== undefined && said.includes("Open ")) resolve(address);
      };
      program.stdout.on("data", look);
      program.stderr.on("data", look);
      program.once("close", () => reject(new Error(`it ended:\n${said}`)));
    });
    expect((await fetch(`http://${api}/readyz`)).status).toBe(200);
    expect(said).not.toContain(join("node_modules", "loghunter"));
    expect(await readdir(join(folder, "state", "loghunter"))).toContain("console-token");
  } finally {
    const ended = new Promise((resolve) => program.once("close", resolve));
    program.kill("SIGTERM");
    await ended;
  }
});
