import {
  type Block,
  type Button,
  type Card,
  encodeAction,
  type Fact,
  type Inline,
  type Item,
  type Text,
  type Tone,
} from "../../src/chat/card.ts";
import { type FittedCard, fitCard } from "../../src/chat/fit.ts";
import { inlineText } from "../../src/chat/plainText.ts";
import { LIMITS } from "./limits.ts";
import { html, type Markup } from "./markup.ts";

/** Where a card's pictures and files are fetched: they belong to one revision of one message. */
export interface CardAddress {
  message: string;
  revision: number;
  /** The reader's time zone, for the axis of charts that name none. */
  zone?: string | undefined;
}

/** A card as HTML, after fitting. Never cuts and never throws. */
export function renderCard(card: Card, address: CardAddress): Markup {
  const fitted = fitCard(card, LIMITS);
  const { title, tone, badge, body, actions, footnote, mentions = [] } = fitted.card;
  const { symbol, word } = TONES[tone];
  return html`<section class="card ${tone}">
<header class="card-head"><h3 class="card-title">${title}</h3>${
    badge === undefined
      ? html`<span class="badge bare"><span aria-hidden="true">${symbol}</span><span class="sr">${word}</span></span>`
      : html`<span class="badge"><span aria-hidden="true">${symbol}</span> ${badge}</span>`
  }</header>${renderMentions(mentions)}
${body.map((block, at) => renderBlock(block, at, address))}
${renderFiles(fitted, address)}${actions && actions.length > 0 ? renderButtons(actions) : undefined}${
  footnote === undefined ? undefined : html`<footer class="footnote">${renderText(footnote)}</footer>`
}</section>`;
}

/** The stylesheet gives each tone its colour. */
const TONES: Record<Tone, { symbol: string; word: string }> = {
  neutral: { symbol: "●", word: "For information" },
  working: { symbol: "◌", word: "Working" },
  good: { symbol: "✓", word: "Good" },
  warning: { symbol: "▲", word: "Warning" },
  critical: { symbol: "◆", word: "Critical" },
};

/** Told and no more: nothing pings whoever has the page open. */
function renderMentions(ids: readonly string[]): Markup | undefined {
  if (ids.length === 0) return undefined;
  return html`<p class="mentions">${ids.map((id) => html`<strong>@${id}</strong> `)}</p>`;
}

function renderBlock(block: Block, at: number, address: CardAddress): Markup {
  switch (block.kind) {
    case "text":
      return html`<p class="text">${renderText(block.text)}</p>`;
    case "facts":
      return html`<dl class="facts">${block.facts.map(renderFact)}</dl>`;
    case "items":
      return html`<ul class="items">${block.items.map(renderItem)}</ul>`;
    case "log":
      return renderLog(block.lines, block.caption, block.newestLast);
    case "table":
      return renderTable(block.columns, block.rows);
    case "chart":
      return renderChart(block.alt, at, address);
    case "links":
      return html`<p class="links">${block.links.map(renderLink)}</p>`;
    case "progress":
      return html`<ol class="steps">${block.steps.map(
        (step) =>
          html`<li class="${step.state}"><span class="sr">${STEP_WORDS[step.state]}: </span>${renderText(step.label)}</li>`,
      )}</ol>`;
  }
}

const STEP_WORDS = { done: "Done", now: "Now", next: "Next" } as const;

export function renderText(text: Text): Markup {
  if (typeof text === "string") return html`${text}`;
  return html`${text.map((piece) => {
    if (typeof piece === "string") return piece;
    if ("strong" in piece) return html`<strong>${piece.strong}</strong>`;
    if ("channel" in piece) return html`<strong>#${piece.channel}</strong>`;
    if ("code" in piece)
      return html`<code${SPARKLINE.test(piece.code) ? html` class="spark"` : undefined}>${piece.code}</code>`;
    return renderTime(piece.atMs, piece.show);
  })}`;
}

/** Block elements of rising height, as in "▁▂▅█". */
const SPARKLINE = /^[\u2581-\u2588\s·]+$/;

/** UTC until the page's script writes the reader's own time over it. */
export function renderTime(atMs: number, show: Extract<Inline, { atMs: number }>["show"]): Markup {
  const iso = new Date(atMs).toISOString();
  return html`<time datetime="${iso}" data-show="${show}">${inlineText([{ atMs, show }])}</time>`;
}

/** What is a sentence gets a line of its own: in a narrow column it would push all others apart. */
function renderFact({ label, value }: Fact): Markup {
  const long = inlineText(value).length > 40 ? html` class="long"` : undefined;
  return html`<div${long}><dt>${label}</dt><dd>${renderText(value)}</dd></div>`;
}

function renderItem(item: Item): Markup {
  const number = item.number === undefined ? undefined : html`<span class="number">[${item.number}]</span>`;
  return html`<li${item.number === undefined ? undefined : html` class="numbered"`}>${number}<div class="item">
<div class="heading">${renderText(item.heading)}</div>${
    item.detail === undefined ? undefined : html`<div class="detail">${renderText(item.detail)}</div>`
  }${item.log === undefined || item.log.length === 0 ? undefined : renderLog(item.log)}</div></li>`;
}

/** One element a line: a line with a newline in it stays one line with an indent, and cannot pass for two. */
function renderLog(lines: readonly string[], caption?: Text, newestLast = false): Markup {
  const name = newestLast ? "lines newest-last" : "lines";
  return html`<figure class="log">${
    caption === undefined ? undefined : html`<figcaption>${renderText(caption)}</figcaption>`
  }<button type="button" class="copy" data-copy aria-label="Copy these log lines">Copy</button><div class="${name}" tabindex="0" role="region" aria-label="Log lines"><code>${lines.map(
    (line) => html`<span class="line">${line}</span>`,
  )}</code></div></figure>`;
}

function renderTable(columns: readonly string[], rows: readonly (readonly Text[])[]): Markup {
  const classes = columns.map((_, at) => columnClass(rows.map((row) => inlineText(row[at] ?? ""))));
  return html`<div class="table" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${columns.map(
    (column, at) => html`<th scope="col" class="${classes[at]}">${column}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, at) => html`<td class="${classes[at]}">${renderText(cell)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** Numbers line up at the right; sparklines keep one width a step. */
function columnClass(cells: readonly string[]): string {
  const filled = cells.filter((cell) => cell.trim() !== "");
  if (filled.length === 0) return "words";
  if (filled.every((cell) => SPARKLINE.test(cell))) return "spark";
  return filled.every((cell) => /^[+\-−×~≈]?[\d.,\s]+\s?[×%a-z/]{0,6}$/i.test(cell)) ? "figures" : "words";
}

function renderChart(alt: string, at: number, address: CardAddress): Markup {
  const zone = address.zone === undefined ? "" : `&zone=${encodeURIComponent(address.zone)}`;
  const source = (look: string) =>
    `/chart/${encodeURIComponent(address.message)}/${at}.png?look=${look}&rev=${address.revision}${zone}`;
  return html`<picture class="chart"><source srcset="${source("dark")}" media="(prefers-color-scheme: dark)"><img src="${source("light")}" alt="${alt}" decoding="async"></picture>`;
}

/** Only http and https: a card is made by the core, but a link in it may come from a setting. */
function renderLink(link: { label: string; url: string }): Markup {
  if (!/^https?:\/\//i.test(link.url)) return html`<span class="link">${link.label}: ${link.url}</span>`;
  return html`<a class="link" href="${link.url}" target="_blank" rel="noopener noreferrer">${link.label}<span aria-hidden="true"> ↗</span><span class="sr"> (opens a new tab)</span></a>`;
}

function renderButtons(buttons: readonly Button[]): Markup {
  return html`<div class="buttons">${buttons.map(
    (button) =>
      html`<button type="button" class="${button.style}" data-action="${encodeAction(button.action)}">${renderLabel(button.label)}</button>`,
  )}</div>`;
}

/** Drawn where a label begins with a hand: not every machine has the letters. */
function renderLabel(label: string): Markup {
  const [, hand, words] = /^(👍|👎) (.*)$/su.exec(label) ?? [];
  if (hand === undefined || words === undefined) return html`${label}`;
  const way = hand === "👍" ? "up" : "down";
  return html`<svg class="hand ${way}" viewBox="0 0 20 20" width="15" height="15" aria-hidden="true"><path d="M7 9H3v8h4zl3-6.2c1.2 0 2 .9 2 2.1V8h4c1 0 1.6.8 1.4 1.8l-1.2 5.8c-.1.8-.8 1.4-1.6 1.4H7"/></svg>${words}`;
}

function renderFiles({ files }: FittedCard, address: CardAddress): Markup {
  return html`${files.map(
    (file, at) =>
      html`<p class="file">Shortened here. The whole text: <a href="/file/${encodeURIComponent(address.message)}/${at}?rev=${address.revision}" download="${file.name}">${file.name}</a></p>`,
  )}`;
}
