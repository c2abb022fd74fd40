import { readFile } from "node:fs/promises";
import path from "node:path";
import { DATABASE, SUPERUSER } from "./connection.ts";
import { NOTE } from "./home.ts";

/**
 * The address of the embedded server as its last start left it, for who only looks: nothing is made, started or put right.
 * @param directory as for `startEmbeddedPostgres`
 * @returns undefined where there is none, or this account may not read where it is
 */
export async function findEmbeddedPostgres(directory: string): Promise<string | undefined> {
  const elsewhere = await readFile(path.join(directory, NOTE), "utf8").catch(() => undefined);
  const folder = elsewhere?.trim() ?? directory;
  const read = (name: string) => readFile(path.join(folder, name), "utf8").catch(() => undefined);
  const [password, port] = await Promise.all([read("password"), read("port")]);
  if (password === undefined || port === undefined) return undefined;
  return `postgres://${SUPERUSER}:${password.trim()}@127.0.0.1:${port.trim()}/${DATABASE}?sslmode=disable`;
}
