import type { Handler, Handlers, JobQueue, Task } from "../jobs/queue.ts";
import type { TenantDirectory } from "../tenancy/directory.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { longestWaiting } from "./waiting.ts";

/**
 * Lets no tenant fill the job queue, which is one line for all: of what a tenant waits for only so much stands in it or is in hand, in
 * all processes together, and the rest waits in its own rows. Whatever ends lets the next one in.
 */
export interface InTurn {
  /**
   * Queues what the tenant has waited for longest, as far as it is its turn. What is queued already stays as it is.
   * @param only this one, where all before it are known to be queued
   */
  queueNext(scope: TenantScope, only?: string): Promise<void>;
  /** The same handlers, and each task that ends lets the next one in. */
  thenNext(handlers: Handlers): Handlers;
}

export function createInTurn(
  queue: Pick<JobQueue, "add">,
  directory: Pick<TenantDirectory, "scopeOf">,
  mostOfTenant: number,
): InTurn {
  async function queueNext(scope: TenantScope, only?: string): Promise<void> {
    for (const task of await longestWaiting(scope, mostOfTenant))
      if (only === undefined || task.id === only) await queue.add(task);
  }

  function andNext<T extends Task>({ run, failed }: Handler<T>): Handler<T> {
    const next = async ({ tenantId }: T) => {
      const scope = await directory.scopeOf(tenantId);
      if (scope !== undefined) await queueNext(scope);
    };
    return {
      async run(task) {
        await run(task);
        await next(task);
      },
      async failed(task, error) {
        await failed(task, error);
        await next(task);
      },
    };
  }

  return {
    queueNext,
    thenNext: ({ analyze, reply }) => ({ analyze: andNext(analyze), reply: andNext(reply) }),
  };
}
