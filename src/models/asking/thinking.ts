/**
 * What a model thinks before it answers, where its server leaves it in the text: vLLM without a reasoning parser, Ollama with some
 * models. It is nobody's answer: it guesses, repeats the evidence and the question, and cites nothing.
 */
const OPENS = ["<think>", "<thinking>", "[THINK]"];
const CLOSES = ["</think>", "</thinking>", "[/THINK]"];
const CLOSE = /<\/think(?:ing)?>|\[\/THINK\]/;
const LONGEST_CLOSE = Math.max(...CLOSES.map((mark) => mark.length));

/** The text without what was thought at its beginning; "" where the thinking never ended. */
export function withoutThinking(text: string): string {
  // With a model whose template begins to think for it, only the end of that stands in its text.
  const close = CLOSE.exec(text);
  if (close !== null && !OPENS.some((mark) => text.slice(0, close.index).includes(mark)))
    return text.slice(close.index + close[0].length).trimStart();
  let answer = "";
  const read = leavingThinkingOut((piece) => {
    answer += piece;
  });
  read.piece(text);
  read.end();
  return answer;
}

/** Passes on the pieces of an answer, wherever they are cut, without what was thought at its beginning. */
export function leavingThinkingOut(onText: (piece: string) => void): {
  piece(piece: string): void;
  /** What might still have become a mark is none. */
  end(): void;
} {
  let state: "beginning" | "thinking" | "answering" = "beginning";
  /** White space after thinking is no part of the answer. */
  let hasThought = false;
  let held = "";

  function pass(text: string): void {
    if (text !== "") onText(text);
  }

  function goOn(): void {
    if (state === "thinking") {
      const close = CLOSE.exec(held);
      if (close === null) {
        // Only a mark that is cut may still be needed.
        held = held.slice(-LONGEST_CLOSE);
        return;
      }
      held = held.slice(close.index + close[0].length);
      state = "beginning";
      hasThought = true;
    }
    const begun = held.trimStart();
    const opened = OPENS.find((mark) => begun.startsWith(mark));
    if (opened !== undefined) {
      held = begun.slice(opened.length);
      state = "thinking";
      goOn();
    } else if (!OPENS.some((mark) => mark.startsWith(begun))) answer();
  }

  function answer(): void {
    state = "answering";
    pass(hasThought ? held.trimStart() : held);
    held = "";
  }

  return {
    piece(piece) {
      if (state === "answering") return pass(piece);
      held += piece;
      goOn();
    },
    end() {
      if (state === "beginning") answer();
    },
  };
}
