import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./program.ts";

export interface Answered {
  status: number;
  text: string;
}

export interface Request {
  key?: string;
  body?: unknown;
  headers?: Record<string, string>;
  method?: string;
}

/** The API and the command line as their users reach them, and all that they answered. */
export function createKeyApi(url: () => string) {
  const heard: string[] = [];
  const folders: string[] = [];

  async function ask(path: string, { key, body, headers = {}, method }: Request = {}): Promise<Answered> {
    const answer = await fetch(`${url()}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    heard.push(
      `API ${answer.status}\n${[...answer.headers].map((pair) => pair.join(": ")).join("\n")}\n\n${text}`,
    );
    return { status: answer.status, text };
  }

  /** Runs the command line with the key in the environment, or in a file that nobody else may read. */
  async function run(
    args: readonly string[],
    key: string,
    where: "environment" | "file",
  ): Promise<{ code: number | null; output: string }> {
    const home = await mkdtemp(join(tmpdir(), "loghunter-cli-"));
    folders.push(home);
    const file = join(home, "key-file");
    if (where === "file") {
      await writeFile(file, `${key}\n`, { mode: 0o600 });
      await chmod(file, 0o600);
    }
    const given = where === "file" ? { LOGHUNTER_KEY_FILE: file } : { LOGHUNTER_KEY: key };
    const ran = await runCommand({ HOME: home, LOGHUNTER_URL: url(), ...given }, args);
    heard.push(`CLI ${ran.code}\n${ran.output}`);
    return ran;
  }

  return { ask, run, heard, folders };
}
