import { html } from "./markup.ts";

/** A page of one sentence, without a stylesheet: whoever is refused gets no asset either. */
export function refusal(status: 401 | 403 | 404, sentence: string): Response {
  const page = html`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>LogHunter</title><p>${sentence}</p></html>`;
  return new Response(page.source, {
    status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}
