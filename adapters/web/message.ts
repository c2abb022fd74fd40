import type { Author, KeptMessage } from "../../src/chat/history.ts";
import type { Place } from "../../src/chat/platform.ts";
import { holdsLogLines } from "../../src/logs/looksLogged.ts";
import { html, type Markup } from "./markup.ts";
import { renderCard, renderTime } from "./render.ts";

/** The one person of this console: who holds the token. */
export const YOU = "you";
/** What others are told: that name is on cards in other chats. */
export const YOUR_NAME = "Web console";

/** A message as the page gets it: rendered, with what it needs to find its place. */
export interface SentMessage {
  id: string;
  /** Which act or delivery made it: the page matches it with what it showed before the server knew. */
  once: string;
  revision: number;
  thread?: string;
  atMs: number;
  author: "bot" | "person";
  onlyYou: boolean;
  html: string;
}

export function mayRead(message: KeptMessage): boolean {
  return message.onlyFor === undefined || message.onlyFor === YOU;
}

/** @param at any place of this console */
export function placeOf(
  { channel, thread }: { channel: string; thread?: string | undefined },
  { platform, workspace }: Pick<Place, "platform" | "workspace">,
): Place {
  return { platform, workspace, channel, ...(thread !== undefined && { thread }) };
}

export function sendable(message: KeptMessage, zone: string | undefined): SentMessage {
  return {
    id: message.id,
    once: message.onceId,
    revision: message.revision,
    ...(message.thread !== undefined && { thread: message.thread }),
    atMs: message.createdAtMs,
    author: message.author.kind,
    onlyYou: message.onlyFor !== undefined,
    html: renderMessage(message, zone).source,
  };
}

function renderMessage(message: KeptMessage, zone: string | undefined): Markup {
  const bot = message.author.kind === "bot";
  const name = nameOf(message.author);
  const onlyYou = message.onlyFor !== undefined;
  return html`<article class="message ${bot ? "bot" : "person"}${onlyYou ? " only-you" : ""}" data-id="${message.id}">
<span class="avatar" aria-hidden="true">${bot ? undefined : initials(name)}</span>
<div class="content"><header class="byline"><span class="who">${name}</span>${bot ? html`<span class="tag">bot</span>` : undefined}${renderTime(message.createdAtMs, "time")}${
    message.updatedAtMs > message.createdAtMs && !bot ? html`<span class="edited">edited</span>` : undefined
  }${onlyYou ? html`<span class="private">Only you can see this</span>` : undefined}</header>
${
  "card" in message.body
    ? renderCard(message.body.card, { message: message.id, revision: message.revision, zone })
    : html`<p class="said">${message.body.text}</p>${explainButton(message.body.text)}`
}</div></article>`;
}

/** The message's own menu has one entry; a command is no log, and a question is none. */
function explainButton(text: string): Markup | undefined {
  if (text.trimStart().startsWith("/") || !holdsLogLines(text)) return undefined;
  return html`<button type="button" class="explain" data-explain>Explain this log</button>`;
}

function nameOf(author: Author): string {
  if (author.kind === "bot") return "LogHunter";
  return author.id === YOU ? "You" : author.name;
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return words
    .slice(0, 2)
    .map((word) => Array.from(word)[0]?.toUpperCase() ?? "")
    .join("");
}
