import { button, type Card } from "../../src/chat/card.ts";

/** What LogHunter says here without asking the core, to one person. */
export function note(
  of:
    | "old command"
    | "old button"
    | "old form"
    | "slow form"
    | "no question"
    | "no server"
    | "nothing to explain"
    | "only a file"
    | "no form"
    | "role named"
    | "named alone",
): Card {
  switch (of) {
    case "old command":
      return warning(
        "This command is from another version of LogHunter. Discord shows the new ones in a minute.",
      );
    case "old button":
      return warning(
        "This message has changed, and the button means nothing any more. Run the command again.",
      );
    case "old form":
      return warning("This form is from another version of LogHunter. Run the command again.");
    case "no question":
      return warning("Nothing was asked: write a question into the field.");
    case "no server":
      return warning(
        "Logs belong to a server, and here is none. Use LogHunter in the server whose logs you want.",
      );
    case "slow form":
      return warning("The form took too long to open. Try again.");
    case "nothing to explain":
      return warning("There is no text in this message that could be explained.");
    case "only a file":
      return warning("Files are not read. Paste some of the lines as a message, and choose this for it.");
    case "role named":
      return warning(
        "That named my role, and Discord keeps what you wrote there from me. Choose me, the bot of that name, or use /loghunter.",
      );
    case "named alone":
      return {
        title: "What do you want to know?",
        tone: "neutral",
        body: [
          {
            kind: "text",
            text: [
              "Write a command after my name, such as ",
              { code: "errors checkout since:1h" },
              ", or type ",
              { code: "/loghunter" },
              " and choose one. ",
              { code: "/loghunter help" },
              " tells what there is.",
            ],
          },
        ],
      };
    case "no form":
      return warning("What you typed was kept for a quarter of an hour, and is gone. Run the command again.");
  }
}

/** What is wrong in a form; its button opens the form again. */
export function mistakesCard(sentences: readonly string[], actId: string): Card {
  return {
    title: "Not sent yet",
    tone: "warning",
    badge: "NOT DONE",
    body: sentences.map((text) => ({ kind: "text", text })),
    actions: [button("Open the form again", { name: FORM_AGAIN, subject: actId }, "primary")],
    footnote: "Nothing was done. What you typed is kept for a quarter of an hour.",
  };
}

/** A button of Discord's own, of which the core knows nothing. */
export const FORM_AGAIN = "discord.form";

function warning(text: string): Card {
  return { title: "That did not work", tone: "warning", badge: "NOT DONE", body: [{ kind: "text", text }] };
}

/** As it is said directly: what can be pressed works only in a server. */
export function withoutButtons(card: Card): Card {
  const { actions: _, discussable: __, ...rest } = card;
  return rest;
}

/** The same for an answer: what is written back is not read, since LogHunter is told only of what is said in servers. */
export function directly(card: Card): Card {
  const before = card.footnote === undefined ? [] : [card.footnote, " "].flat();
  return { ...withoutButtons(card), footnote: [...before, NOT_READ] };
}

const NOT_READ = "What is written here does not reach me: ask in the server, with /loghunter.";

/** Said where everybody reads it, so it does not say what the answer is. */
export const CLOSED_DOOR: Card = {
  title: "I have an answer for you alone",
  tone: "neutral",
  body: [
    {
      kind: "text",
      text: [
        "Direct messages from this server are closed to me. Ask with the command ",
        { code: "/loghunter" },
        ", and only you will see it.",
      ],
    },
  ],
};
