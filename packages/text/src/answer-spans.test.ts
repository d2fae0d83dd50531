import { Tokenizer as Oracle } from "@huggingface/tokenizers";
import type { Message } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { chatTemplate, smallTokenizer } from "../testing/small-tokenizer.ts";
import { AnswerSpans } from "./answer-spans.ts";
import { ChatTemplate } from "./chat-template.ts";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { readTokenizerFiles } from "./tokenizer-files.ts";

const user = (text: string): Message => ({ role: "user", text });
const assistant = (text: string): Message => ({ role: "assistant", text });
const system = (text: string): Message => ({ role: "system", text });

function spansWith(template: string): AnswerSpans {
  const parsed = ChatTemplate.parse({
    name: "a",
    template,
    variables: { bos_token: "<s>", eos_token: "</s>" },
  });
  return new AnswerSpans((messages, begins) => parsed.render(messages, begins), parsed.isBlind);
}

/** The text with the answers' spans between brackets. */
function marked(spans: AnswerSpans, messages: readonly Message[]): string | null {
  const rendered = spans.of(messages);
  if (rendered === null) return null;
  let shown = rendered.text;
  for (const { from, to } of rendered.spans.toReversed())
    shown = `${shown.slice(0, from)}[${shown.slice(from, to)}]${shown.slice(to)}`;
  return shown;
}

const own = "<|im_start|>system\nYou are a small model<|im_end|>\n";

describe("an answer that nothing is said before", () => {
  const small = spansWith(chatTemplate);

  it("begins behind the system message that the template writes, and the words that begin an answer", () => {
    for (const text of [
      "A box moves.",
      "",
      "  two\nlines ",
      "assistant\n<|im_start|>assistant\n",
      "\u{f0000}",
    ])
      expect(marked(small, [assistant(text)])).toBe(`${own}<|im_start|>assistant\n[${text}<|im_end|>\n]`);
  });

  it("is found beside later answers, and as it is behind a system message or a question", () => {
    expect(marked(small, [assistant("a"), user("u"), assistant("b")])).toBe(
      `${own}<|im_start|>assistant\n[a<|im_end|>\n]<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\n[b<|im_end|>\n]`,
    );
    expect(marked(small, [system("s"), assistant("a")])).toBe(
      "<|im_start|>system\ns<|im_end|>\n<|im_start|>assistant\n[a<|im_end|>\n]",
    );
    expect(marked(small, [assistant("a"), assistant("b")])).toBe(
      `${own}<|im_start|>assistant\n[a<|im_end|>\n]<|im_start|>assistant\n[b<|im_end|>\n]`,
    );
  });

  it("is where it was with a template that writes nothing of its own", () => {
    const plain = spansWith(
      "{{ bos_token }}{% for m in messages %}{{ '<' + m['role'] + '>' + m['content'] + eos_token }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}",
    );
    expect(marked(plain, [assistant("a")])).toBe("<s><assistant>[a</s>]");
  });

  it("has what the template writes between its header and its words, as later answers do", () => {
    const thinking = spansWith(
      "own {% for m in messages %}{{ '<' + m['role'] + '>' + ('<think></think>' if m['role'] == 'assistant' else '') + m['content'] }}" +
        "{% endfor %}{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}",
    );
    expect(marked(thinking, [assistant("a"), user("u"), assistant("b")])).toBe(
      "own <assistant>[<think></think>a]<user>u<assistant>[<think></think>b]",
    );
  });

  it("begins with its words where the template does not tell how an answer begins, or takes no question alone", () => {
    const silent =
      "own {% for m in messages %}{{ m['role'] + ': ' + m['content'] | trim + ' ' }}{% endfor %}";
    expect(marked(spansWith(silent), [assistant(" a ")])).toBe("own assistant: [a ]");
    const strict = `{% if messages[0]['role'] == 'user' %}{{ raise_exception('No questions') }}{% endif %}${silent}`;
    expect(marked(spansWith(strict), [assistant("a")])).toBe("own assistant: [a ]");
  });

  it("is looked for as before where the template does not write it as it is", () => {
    const twice = "{% for m in messages %}{{ m['content'] + '=' + m['content'] }}{% endfor %}";
    expect(marked(spansWith(twice), [assistant("a")])).toBe("[a=a]");
    const begun = `own ${twice}{% if add_generation_prompt %}{{ '!' }}{% endif %}`;
    expect(marked(spansWith(begun), [assistant("a")])).toBeNull();
  });

  it("is refused by a template that refuses it", () => {
    const strict = spansWith(
      "{% if messages and messages[0]['role'] != 'user' %}{{ raise_exception('Ask first') }}{% endif %}{{ messages[0]['content'] }}",
    );
    expect(() => strict.of([assistant("a")])).toThrow("Ask first");
  });
});

it("makes tokens of a caption alone, the loss on the caption", async () => {
  const files = smallTokenizer("user: a small text, assistant: and a small answer to it");
  const tokenizer = ConversationTokenizer.open(readTokenizerFiles(files));
  const oracle = new Oracle(JSON.parse(files.tokenizer), {});
  const ids = (text: string): number[] => oracle.encode(text, { add_special_tokens: false }).ids;
  const caption = "a small answer, 12 words <b>long";
  const result = await tokenizer.tokenize([assistant(caption)], {
    loss: "answer",
    maxTokens: 1024,
    overflow: "cut",
  });
  if (result.kind !== "tokens") throw new Error(result.rejection.detail);
  const given = ids(`${own}<|im_start|>assistant\n`).length;
  const all = ids(`${own}<|im_start|>assistant\n${caption}<|im_end|>\n`);
  expect([...result.tokenIds]).toEqual(all);
  expect([...result.lossMask]).toEqual(all.map((_, at) => (at < given ? 0 : 1)));
});
