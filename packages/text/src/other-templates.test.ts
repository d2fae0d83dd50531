import { Tokenizer as Oracle } from "@huggingface/tokenizers";
import type { Message, TokenSettings } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { chatTemplate, smallTokenizer } from "../testing/small-tokenizer.ts";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.ts";

const files = smallTokenizer("user: a small text, assistant: and a small answer to it");
const oracle = new Oracle(JSON.parse(files.tokenizer), {});
const settings: TokenSettings = { loss: "answer", maxTokens: 1_000_000, overflow: "cut" };
const oracleIds = (text: string): number[] => oracle.encode(text, { add_special_tokens: false }).ids;

async function tokens(
  messages: readonly Message[],
  changes: Partial<TokenSettings>,
  of: ConversationTokenizer,
) {
  const result = await of.tokenize(messages, { ...settings, ...changes });
  if (result.kind === "rejected") return result.rejection;
  return { ids: [...result.tokenIds], mask: [...result.lossMask], truncated: result.truncated };
}

const user = (text: string): Message => ({ role: "user", text });
const assistant = (text: string): Message => ({ role: "assistant", text });

function written(messages: readonly Message[]): string {
  const own = "<|im_start|>system\nYou are a small model<|im_end|>\n";
  return own + messages.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`).join("");
}

describe("other templates", () => {
  const withTemplate = (template: string, changes: Partial<TokenizerFiles> = {}) =>
    ConversationTokenizer.open(readTokenizerFiles({ ...files, template, ...changes }));

  it("may refuse an order of roles, or rewrite what they wrote", async () => {
    const strict = withTemplate(
      "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}" +
        "{{ raise_exception('Roles must alternate') }}{% endif %}{{ message['content'] + eos_token }}{% endfor %}",
    );
    expect(await tokens([assistant("a"), user("u")], {}, strict)).toMatchObject({
      code: "template_refused",
      detail: expect.stringContaining("Roles must alternate"),
    });
    const rewriting = withTemplate(
      "{% for message in messages %}{{ message['content'] if loop.last else '...' }}<|im_end|>{% endfor %}",
    );
    expect(await tokens([user("u"), assistant("a"), user("v"), assistant("b")], {}, rewriting)).toMatchObject(
      {
        code: "template_refused",
      },
    );
    expect(
      await tokens([user("u"), assistant("a"), user("v"), assistant("b")], { loss: "all" }, rewriting),
    ).toHaveProperty("ids");
  });

  it("may trim contents, and end an answer without a control token", async () => {
    const trimming = withTemplate(
      "{% for message in messages %}{{ message['role'] + ': ' + message['content'] | trim + '\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}",
    );
    const text = "user: u\nassistant: <|im_end|>\n";
    const found = await tokens([user(" u "), assistant(" <|im_end|> ")], {}, trimming);
    if (!("ids" in found)) throw new Error(found.detail);
    expect(found.ids).not.toContain(2);
    const prefix = oracleIds("user: u\nassistant: ").length;
    expect(found.mask.indexOf(1)).toBe(prefix);
    expect(found.mask.length).toBeGreaterThan(oracleIds(text.replace("<|im_end|>", "")).length);
  });

  it("find no clock, and no tools", async () => {
    const asking = withTemplate(
      "{%- if strftime_now is defined %}{{ strftime_now('%Y') }}{%- else %}{{ 'fixed ' }}{%- endif %}" +
        "{% if tools is not none or documents is not none %}{{ 'tools ' }}{% endif %}" +
        "{% for message in messages %}{{ message['content'] + '<|im_end|>' }}{% endfor %}",
    );
    const found = await tokens([user("u"), assistant("a")], { loss: "all" }, asking);
    expect("ids" in found && found.ids).toEqual(oracleIds("fixed u<|im_end|>a<|im_end|>"));
  });

  it("may take white space along with a control token", async () => {
    const json = JSON.parse(files.tokenizer);
    json.added_tokens[2].rstrip = true;
    json.added_tokens[1].lstrip = true;
    const stripped = JSON.stringify(json);
    const own = ConversationTokenizer.open(readTokenizerFiles({ ...files, tokenizer: stripped }));
    const found = await tokens([user("u  "), assistant("  a")], { loss: "all" }, own);
    const ids = new Oracle(json, {}).encode(written([user("u  "), assistant("  a")]), {
      add_special_tokens: false,
    }).ids;
    expect("ids" in found && found.ids).toEqual(ids);
  });
});

describe("a tokenizer's files", () => {
  const refusal = (changes: Partial<TokenizerFiles>): string => {
    try {
      ConversationTokenizer.open(readTokenizerFiles({ ...files, ...changes }));
      return "none";
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("are refused in one line that names what is wrong", () => {
    expect(refusal({ config: null })).toBe(
      "tokenizer small: it has no chat template (chat_template in tokenizer_config.json, or chat_template.jinja)",
    );
    expect(refusal({ tokenizer: "{" })).toBe("tokenizer small: tokenizer.json is no JSON");
    expect(refusal({ tokenizer: "{}" })).toMatch(/^tokenizer small: tokenizer.json: model: /);
    expect(refusal({ tokenizer: '{"model": {"type": "New"}}' })).toMatch(
      /^tokenizer small: tokenizer.json is not understood: /,
    );
    expect(refusal({ template: "{% for x in" })).toMatch(
      /^tokenizer small: its chat template cannot be read: /,
    );
  });

  it("may hold several templates, of which the default counts, or one in a file of its own", () => {
    const named = [
      { name: "tool_use", template: "{{ 1 }}" },
      { name: "default", template: chatTemplate },
    ];
    const config = JSON.stringify({ ...JSON.parse(files.config ?? ""), chat_template: named });
    const one = readTokenizerFiles(files).identity;
    expect(readTokenizerFiles({ ...files, config }).identity).toEqual(one);
    expect(readTokenizerFiles({ ...files, config: null, template: chatTemplate }).identity.tokenizer).toBe(
      one.tokenizer,
    );
    expect(readTokenizerFiles({ ...files, template: `${chatTemplate} ` }).identity.template).not.toBe(
      one.template,
    );
  });
});
