/**
 * The package prints a line of a stream that is no JSON to the console and goes on without it: an answer with a hole, and a
 * piece of it in the log. Here such a line ends the stream.
 */
export function checkLines(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.body === null) return response;
    return new Response(response.body.pipeThrough(linesOfJson()), { headers: response.headers });
  };
}

function linesOfJson(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  const checked = (line: string) => {
    JSON.parse(line);
    return encoder.encode(`${line}\n`);
  };
  return new TransformStream({
    transform(bytes, controller) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") controller.enqueue(checked(line));
    },
    flush(controller) {
      rest += decoder.decode();
      if (rest.trim() !== "") controller.enqueue(checked(rest));
    },
  });
}
