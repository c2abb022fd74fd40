import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { createVllm } from "../../../adapters/openai/index.ts";
import { ask, SILENT } from "../../support/models/harness.ts";
import { openWire } from "../../support/models/wire.ts";

const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

test("a model is reached through an HTTP proxy where there is one", async () => {
  const wire = await openWire();
  const through: string[] = [];
  const proxy = createServer().on("connect", (req, socket) => {
    through.push(req.url ?? "");
    const [host, port] = (req.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    closes.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  closes.push(
    () => wire.close(),
    () => proxy.close(),
  );
  const model = createVllm({
    baseUrl: wire.url,
    models: ["a"],
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    log: SILENT,
  });
  const message = { choices: [{ finish_reason: "stop", message: { content: "Yes." } }] };
  wire.next({
    status: 200,
    headers: { "content-type": "application/json" },
    body: [JSON.stringify(message)],
  });
  const reply = await model.ask(ask("Why?"), new AbortController().signal);
  expect(reply).toMatchObject({ outcome: "answered", text: "Yes." });
  expect(through).toEqual([wire.url.replace("http://", "")]);
});
