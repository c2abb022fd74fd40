import { connect } from "node:net";
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./index.ts";

const LOOK_EVERY_MS = 2_000;
const ANSWER_WITHIN_MS = 1_500;

/**
 * Starts the server again when it is gone: killed, or out of memory. The port is taken again, so pools
 * find it by themselves.
 */
export function watchPostgres(
  server: EmbeddedPostgres,
  options: EmbeddedPostgresOptions,
): { stop(): Promise<void> } {
  const { log } = options;
  const revived: EmbeddedPostgres[] = [];
  const port = Number(new URL(server.url).port);
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    if (await answers(port)) return;
    log.warn({}, "the embedded PostgreSQL is gone and is started again");
    const again = await startEmbeddedPostgres(options);
    revived.push(again);
    if (again.url !== server.url) {
      log.error({}, "the embedded PostgreSQL could not take its port again: restart LogHunter");
    }
  }

  const timer = setInterval(() => {
    looking ??= look()
      .catch((err: unknown) => log.error({ err }, "the embedded PostgreSQL could not be started again"))
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_EVERY_MS);

  return {
    async stop() {
      clearInterval(timer);
      await looking;
      for (const again of revived) await again.stop();
    },
  };
}

/** Whether somebody listens there. A server too busy to accept in time counts as there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: ANSWER_WITHIN_MS });
    const end = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(true));
    socket.once("error", () => end(false));
  });
}
