import { Template } from "@huggingface/jinja";
import type { Message } from "@shardmill/core";
import { invalid, type TokenizerParts } from "./tokenizer-files.ts";

/** A chat template in Jinja, as the model library of Hugging Face renders it. */
export class ChatTemplate {
  readonly #template: Template;
  readonly #variables: Readonly<Record<string, string>>;

  private constructor(template: Template, variables: Readonly<Record<string, string>>) {
    this.#template = template;
    this.#variables = variables;
  }

  static parse({
    name,
    template,
    variables,
  }: Pick<TokenizerParts, "name" | "template" | "variables">): ChatTemplate {
    try {
      return new ChatTemplate(new Template(template), variables);
    } catch (error) {
      throw invalid(name, `its chat template cannot be read: ${messageOf(error)}`, error);
    }
  }

  /** The text of a conversation; with `begins` also how an answer begins. Throws what the template raises. */
  render(messages: readonly Message[], begins: boolean): string {
    return this.#template.render({
      ...this.#variables,
      messages: messages.map(({ role, text }) => ({ role, content: text })),
      add_generation_prompt: begins,
    });
  }
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 200);
}
