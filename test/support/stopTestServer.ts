/** Run when a process that used the test server is gone: the last one's server ends with it. */
import { joinTestServer } from "./testServer.ts";

async function main(directory: string) {
  const server = await joinTestServer(directory);
  await server.stop();
}

void main(process.argv[2] ?? "");
