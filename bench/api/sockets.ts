import { connect } from "node:net";

/**
 * As many reads as come back in a time over so many connections, each with one request under way. Written on bare sockets: a whole HTTP client is
 * slower than the server that it is to measure.
 * @returns how many a second
 * @throws where one is answered other than 200
 */
export async function readRate(url: string, path: string, forMs: number, connections: number, key?: string) {
  const { hostname, port, host } = new URL(url);
  const asked = [
    `GET /v1${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(key === undefined ? [] : [`Authorization: Bearer ${key}`]),
    "\r\n",
  ].join("\r\n");
  const fromMs = performance.now();
  let count = 0;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(asked));
      let come = "";
      socket.setNoDelay(true).setEncoding("latin1");
      socket.on("data", (data) => {
        come += data;
        const bodyAt = come.indexOf("\r\n\r\n") + 4;
        const length = /\r\ncontent-length: (\d+)/i.exec(come)?.[1];
        if (bodyAt < 4 || length === undefined || come.length < bodyAt + Number(length)) return;
        if (!come.startsWith("HTTP/1.1 200 ")) return reject(new Error(`answered ${come.slice(0, 40)}`));
        come = "";
        count++;
        if (performance.now() - fromMs < forMs) return socket.write(asked);
        socket.end(resolve);
      });
      socket.on("error", reject);
    });
  await Promise.all(Array.from({ length: connections }, one));
  return (1_000 * count) / (performance.now() - fromMs);
}
