import { get, takeSecrets } from "./api.js";
import { createChannel } from "./channel.js";
import { createComposer } from "./composer.js";
import { find, make } from "./dom.js";
import { openForm } from "./form.js";
import { listen } from "./live.js";
import { createOutbox } from "./outbox.js";
import { listenToButtons } from "./press.js";
import { createSide } from "./side.js";
import { createThread } from "./thread.js";
import { keepTimesFresh, setClock } from "./times.js";

/**
 * @typedef {object} Setup
 * @property {string[]} channels
 * @property {string} slash
 * @property {number} maxTypedChars
 * @property {{ command: string, summary: string }[]} examples
 * @property {{ name: string, signature: string, summary: string }[]} commands
 */

/** @type {Setup} */
const setup = await get("/setup");
let current = chosenChannel();
let unread = 0;
let stopListening = () => {};

const channel = createChannel({
  openThread: (root) => thread.open(root, "write"),
  channel: () => current,
  loaded: (messages) => {
    for (const { once } of messages) outbox.arrived(once);
  },
});

const outbox = createOutbox({
  show: (said, row) => {
    if (said.channel !== current) return;
    if (said.thread === undefined) channel.putUnsent(row);
    else if (said.thread === thread.root()) thread.putUnsent(row);
    showWelcome();
  },
  working: () => {
    find("#main .busy").hidden = !outbox.isWorking(undefined);
    thread.showWorking();
  },
  form: (form) => openForm(form, openToRead),
});

const thread = createThread({
  channel: () => current,
  messages: channel.thread,
  isWhole: channel.hasWhole,
  loaded: channel.load,
  say: outbox.say,
  showUnsent: outbox.showAgain,
  isWorking: outbox.isWorking,
  sentBefore,
  maxChars: setup.maxTypedChars,
});

const composer = createComposer(find("#composer"), {
  place: () => ({ channel: current }),
  send: (text) => outbox.say({ text, channel: current }),
  sentBefore,
  maxChars: setup.maxTypedChars,
});

const side = createSide(setup, (text) => composer.begin(text));

for (const { command, summary } of setup.examples) {
  const button = make("button", { type: "button" }, make("code", {}, command), make("span", {}, summary));
  button.addEventListener("click", () => {
    outbox.say({ text: command, channel: current });
    composer.focus();
  });
  find("#examples").append(make("li", {}, button));
}

/** What you wrote in this channel, oldest first, the same in a row once. */
function sentBefore() {
  const texts = [...channel.said(), ...outbox.said(current)];
  return texts.filter((text, at) => text !== texts[at - 1]);
}

/** @param {import("./live.js").Batch} batch */
function receive(batch) {
  setClock(batch.nowMs);
  show(batch, batch.first === true);
}

/**
 * @param {import("./live.js").Page} page
 * @param {boolean} first
 */
function show(page, first) {
  const { messages } = page;
  const unheard = messages.filter(({ author, id }) => author === "bot" && !channel.has(id));
  const taken = channel.put(page, first);
  if (!first && document.hidden) unread += unheard.filter((message) => taken.includes(message)).length;
  for (const message of taken) thread.put(message);
  if (first) outbox.restore(current, new Set(messages.map(({ once }) => once)));
  showWelcome();
  showTitle();
}

/**
 * The server keeps the message without what it shows here: so this is newer than what the stream brings of it, and older
 * than any edit.
 * @param {import("./live.js").Message} secret
 */
function showSecret(secret) {
  show({ messages: [{ ...secret, revision: secret.revision + 0.5 }], threads: {} }, false);
}

/** @param {string} root */
function openToRead(root) {
  thread.open(root, "read");
}

function openChannel() {
  current = chosenChannel();
  stopListening();
  thread.close();
  channel.clear();
  side.mark(current);
  showTitle();
  let known = false;
  stopListening = listen(current, {
    messages: (batch) => {
      known = true;
      receive(batch);
    },
    state: (state, why) => {
      showState(state, why);
      if (state === "connected" && known) outbox.retry();
    },
  });
}

/**
 * @param {import("./live.js").State} state
 * @param {string} [why]
 */
function showState(state, why = "") {
  const words = {
    connected: "",
    reconnecting: "Reconnecting…",
    full: why,
    "signed out": "Signed out. Open the address that LogHunter printed when it started.",
  }[state];
  const place = find("#state");
  if (place.textContent !== words) place.textContent = words;
  document.body.dataset.state = state;
}

function showWelcome() {
  find("#welcome").hidden = !channel.isEmpty();
}

function showTitle() {
  const title = `#${current} · LogHunter`;
  document.title = unread > 0 ? `(${unread}) ${title}` : title;
}

function chosenChannel() {
  const named = decodeURIComponent(location.hash.slice(1));
  return setup.channels.includes(named) ? named : /** @type {string} */ (setup.channels[0]);
}

addEventListener("hashchange", () => chosenChannel() !== current && openChannel());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
});
takeSecrets(showSecret);
listenToButtons(openToRead);
keepTimesFresh();
openChannel();
if (!matchMedia("(pointer: coarse)").matches) composer.focus();
