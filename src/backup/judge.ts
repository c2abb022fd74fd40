import { UserError } from "../errors.ts";
import { NEWEST_JOBS_SCHEMA } from "../jobs/migrate.ts";
import { migrationChecksums } from "../migrations.ts";
import type { Loaded } from "./load.ts";
import type { Manifest, TableCount } from "./manifest.ts";

/** A table as it was dumped and as it came back; undefined where one side does not have it. */
export interface Compared {
  table: string;
  dumped: TableCount | undefined;
  restored: TableCount | undefined;
  same: boolean;
}

/** Table by table; without a manifest there is nothing to compare with. */
export function compare(manifest: Manifest | undefined, restored: readonly TableCount[]): Compared[] {
  const dumped = manifest?.tables ?? restored;
  const of = (tables: readonly TableCount[]) =>
    new Map(tables.map((table) => [`${table.schema}.${table.name}`, table]));
  const [before, after] = [of(dumped), of(restored)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((table) => {
    const [was, is] = [before.get(table), after.get(table)];
    const same = was?.rows === is?.rows && was?.checksum === is?.checksum;
    return { table, dumped: was, restored: is, same };
  });
}

/** What is wrong with what a dump brought, a sentence each; none where all is as it was. */
export function faultsOf(manifest: Manifest | undefined, loaded: Loaded): string[] {
  const faults = compare(manifest, loaded.tables)
    .filter(({ same }) => !same)
    .map(({ table, dumped, restored }) => {
      if (restored === undefined) return `${table} is missing.`;
      if (dumped === undefined) return `${table} was not in the database that was dumped.`;
      return dumped.rows === restored.rows
        ? `${table} has ${restored.rows} rows, as dumped, but not the same ones.`
        : `${table} has ${restored.rows} rows, and ${dumped.rows} were dumped.`;
    });
  if (manifest !== undefined) {
    const walls = new Set(loaded.walls);
    for (const wall of manifest.walls) if (!walls.has(wall)) faults.push(`Missing: ${wall}.`);
    const known = new Set(manifest.walls);
    for (const wall of loaded.walls) if (!known.has(wall)) faults.push(`Not in the dump: ${wall}.`);
  }
  for (const table of loaded.unprotected) faults.push(`public.${table} is not walled off by organisation.`);
  for (const table of loaded.open)
    faults.push(`The application can read rows of public.${table} without saying for which organisation.`);
  return faults;
}

/** @throws UserError where a newer LogHunter wrote the dump, or another one */
export async function mustBeKnown(
  migrations: readonly string[],
  manifest: Manifest | undefined,
): Promise<void> {
  const known = await migrationChecksums();
  const unknown = migrations.filter((name) => !known.has(name));
  if (unknown.length > 0 || (manifest?.jobs ?? 0) > NEWEST_JOBS_SCHEMA) {
    throw new UserError(
      `The dump is of a newer LogHunter${manifest === undefined ? "" : `, ${manifest.loghunter}`}: this one does not know ${unknown[0] ?? "its job queue"}. Nothing was changed. Restore it with that version or a newer one.`,
    );
  }
  const changed = migrations.find((name) => {
    const sha256 = manifest?.migrations[name];
    return sha256 !== undefined && sha256 !== known.get(name);
  });
  if (changed !== undefined) {
    throw new UserError(
      `The dump is of another LogHunter: its migration ${changed} is not the one of this version. Nothing was changed. Restore it with the version that wrote it.`,
    );
  }
}
