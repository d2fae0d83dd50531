import type { TokenizerFiles } from "../src/tokenizer-files.ts";

/** GPT-2's printable character for each byte (its `bytes_to_unicode`): those that print stay, the others follow from U+0100 on. */
export const byteSigns: readonly string[] = (() => {
  const prints = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    if (prints(byte)) return String.fromCharCode(byte);
    next += 1;
    return String.fromCharCode(next - 1);
  });
})();

const words = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

const added = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<file_sep>"];

export const chatTemplate =
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}" +
  "{{ '<|im_start|>system\nYou are a small model<|im_end|>\n' }}{% endif %}" +
  "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/**
 * A byte-level BPE tokenizer in SmolLM2's form, its merges learnt from a text. `wanted` merges at most.
 */
export function smallTokenizer(corpus: string, wanted = 400): TokenizerFiles {
  const merges = learn(corpus, wanted);
  const tokens = [...added, ...byteSigns, ...merges.map(([a, b]) => a + b)];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const tokenizer = {
    version: "1.0",
    // Not ours to obey: the recipe decides about lengths.
    truncation: { direction: "Right", max_length: 7, strategy: "LongestFirst", stride: 0 },
    padding: null,
    added_tokens: added.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false },
      ...{ normalized: false, special: true },
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Digits", individual_digits: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      ...{ type: "BPE", dropout: null, unk_token: "<|endoftext|>", continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, vocab },
      merges: merges.map(([a, b]) => `${a} ${b}`),
    },
  };
  const config = {
    chat_template: chatTemplate,
    bos_token: "<|im_start|>",
    eos_token: { content: "<|im_end|>" },
  };
  return {
    name: "small",
    tokenizer: JSON.stringify(tokenizer),
    config: JSON.stringify(config),
    template: null,
  };
}

function learn(corpus: string, wanted: number): [string, string][] {
  const counts = new Map<string, number>();
  for (const [word] of corpus.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  let known = [...counts].map(([word, count]) => ({
    signs: [...Buffer.from(word, "utf8")].map((byte) => byteSigns[byte] ?? ""),
    count,
  }));
  const merges: [string, string][] = [];
  while (merges.length < wanted) {
    const pairs = new Map<string, number>();
    for (const { signs, count } of known)
      for (let at = 1; at < signs.length; at += 1) {
        const pair = `${signs[at - 1]} ${signs[at]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + count);
      }
    const [best] = [...pairs].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    if (best === undefined || best[1] < 2) break;
    const [left = "", right = ""] = best[0].split(" ");
    merges.push([left, right]);
    known = known.map(({ signs, count }) => ({ signs: merged(signs, left, right), count }));
  }
  return merges;
}

function merged(signs: readonly string[], left: string, right: string): string[] {
  const out: string[] = [];
  for (let at = 0; at < signs.length; at += 1) {
    const isPair = signs[at] === left && signs[at + 1] === right;
    out.push(isPair ? left + right : (signs[at] ?? ""));
    if (isPair) at += 1;
  }
  return out;
}
