/** What can be seen and used in a rendered message. The markup is this adapter's own, so a small reader will do. */
export function readMessage(html: string) {
  // The name, the time and the copy buttons are the page's, not the card's.
  const body = html
    .replace(/<header class="byline">.*?<\/header>/s, "")
    .replace(/<button type="button" class="(?:copy|explain)".*?<\/button>/gs, "")
    .replace(/<p class="file">.*?<\/p>/gs, "");
  return {
    text: textOf(body),
    buttons: [...body.matchAll(/<button [^>]*data-action="([^"]*)"[^>]*>(.*?)<\/button>/gs)].map((match) => ({
      action: decode(match[1] as string),
      label: textOf(match[2] as string),
    })),
    mentions: [...body.matchAll(/<p class="mentions">(.*?)<\/p>/gs)].flatMap((match) =>
      [...(match[1] as string).matchAll(/<strong>@(.*?)<\/strong>/gs)].map((one) => decode(one[1] as string)),
    ),
    links: [...body.matchAll(/<a class="link" href="([^"]*)"/g)].map((match) => decode(match[1] as string)),
    pictures: [...body.matchAll(/<img src="([^"]*)" alt="([^"]*)"/g)].map((match) => ({
      source: decode(match[1] as string),
      alt: decode(match[2] as string),
    })),
    files: [...html.matchAll(/<a href="(\/file\/[^"]*)" download="([^"]*)"/g)].map((match) => ({
      address: decode(match[1] as string),
      name: decode(match[2] as string),
    })),
  };
}

function textOf(html: string): string {
  return decode(html.replace(/<[^>]*>/g, ""));
}

function decode(text: string): string {
  const named: Record<string, string> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&amp;": "&",
  };
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => named[entity] as string);
}

const VOID = new Set(["img", "source"]);
const TAGS = new Set(
  "article span div header section h3 p strong code time dl dt dd ul ol li figure figcaption button table thead tbody tr th td picture source img a footer".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "class data-id data-show data-action data-copy data-explain datetime aria-hidden aria-label type tabindex role scope src srcset media alt decoding href target rel download".split(
    " ",
  ),
);

/** Where rendered HTML is not what this adapter writes: an unclosed or unknown tag, a foreign attribute. */
export function complaintsAbout(html: string): string[] {
  const complaints: string[] = [];
  const open: string[] = [];
  for (const [tag, closing, name, attributes] of html.matchAll(/<(\/?)([^\s>]*)([^>]*)>/g)) {
    if (!TAGS.has(name as string)) complaints.push(`a foreign tag: ${tag}`);
    if (closing === "/") {
      if (open.pop() !== name) complaints.push(`closes nothing: ${tag}`);
      continue;
    }
    for (const [, attribute] of (attributes as string).matchAll(/([^\s="]+)(?:="[^"]*")?/g)) {
      if (!ATTRIBUTES.has(attribute as string)) complaints.push(`a foreign attribute: ${tag}`);
    }
    if (!VOID.has(name as string)) open.push(name as string);
  }
  if (open.length > 0) complaints.push(`never closed: ${open.join(" ")}`);
  const forbidden =
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u.exec(html);
  if (forbidden !== null) complaints.push(`a raw U+${forbidden[0].charCodeAt(0).toString(16)}`);
  return complaints;
}
