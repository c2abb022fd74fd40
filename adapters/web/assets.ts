import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the page, read once at the start. */
export interface Asset {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  etag: string;
}

/** All files of `page/` by name. It lies beside this file, in the source tree and in a build alike. */
export async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  const folder = new URL("./page/", import.meta.url);
  const names = (await readdir(fileURLToPath(folder))).filter((name) => extname(name) in TYPES);
  const assets = await Promise.all(
    names.map(async (name): Promise<[string, Asset]> => {
      const bytes = new Uint8Array(await readFile(new URL(name, folder)));
      const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
      return [name, { bytes, type: TYPES[extname(name) as keyof typeof TYPES], etag }];
    }),
  );
  return new Map(assets);
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
} as const;
