import { type Database, storable } from "../database.ts";
import { databaseTrouble, isDatabaseDown } from "../databaseTrouble.ts";

/** What a query function needs of a connection. */
export interface Queryable {
  query<Row extends object>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/**
 * The right to act for one tenant: the first argument of every query function. Only the tenant
 * directory makes one (`issueScope` is imported there and nowhere else; a test holds that).
 */
class Scope {
  readonly tenantId: string;
  readonly tenantName: string;
  /** The tenant's organisation at the log source: Loki's `X-Scope-OrgID`. */
  readonly lokiOrgId: string;
  readonly #database: ScopeDatabase;

  private constructor(database: ScopeDatabase, tenant: TenantIdentity) {
    this.#database = database;
    this.tenantId = tenant.id;
    this.tenantName = tenant.name;
    this.lokiOrgId = tenant.lokiOrgId;
  }

  static issue(database: ScopeDatabase, tenant: TenantIdentity): Scope {
    return new Scope(database, tenant);
  }

  /**
   * Runs `work` in one transaction that sees and writes this tenant's rows only.
   * @throws UserError where the database is down or its disk full; else what `work` threw.
   */
  async transaction<T>(work: (db: Queryable) => Promise<T>): Promise<T> {
    try {
      return await this.#database.watch("app", () => this.#transaction(work));
    } catch (error) {
      throw databaseTrouble(error) ?? error;
    }
  }

  async #transaction<T>(work: (db: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#database.app.connect();
    let broken: Error | undefined;
    let over = false;
    try {
      // One round trip for both; the id came out of a uuid column, so it can stand in the text.
      await client.query(`begin; set local app.tenant_id = '${this.tenantId}'`);
      const result = await work({
        query: async (text, values = []) => {
          // A branch of `work` that nobody waited for: the connection may act for another tenant by now.
          if (over) throw new Error("the transaction is over");
          return client.query(text, values.map(storable));
        },
      });
      over = true;
      // After a failed statement whose error somebody caught, PostgreSQL answers a commit with a rollback.
      const { command } = await client.query("commit");
      if (command !== "COMMIT") throw new Error("the transaction was rolled back: a statement in it failed");
      return result;
    } catch (error) {
      over = true;
      await client.query("rollback").catch((cause: Error) => {
        broken = cause;
      });
      // It may lead to a server that only reads by now, and would as long as it is kept: the next one leads where the address does.
      if (error instanceof Error && isDatabaseDown(error)) broken ??= error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** One statement in a transaction of its own. */
  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.transaction(async (db) => (await db.query<Row>(text, values)).rows);
  }
}

export type { Scope as TenantScope };

/** The pool whose connections row-level security binds. */
type ScopeDatabase = Pick<Database, "app" | "watch">;

export interface TenantIdentity {
  id: string;
  name: string;
  lokiOrgId: string;
}

/** For src/tenancy/directory.ts alone. */
export function issueScope(database: ScopeDatabase, tenant: TenantIdentity): Scope {
  return Scope.issue(database, tenant);
}
