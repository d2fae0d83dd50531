import { Template } from "@huggingface/jinja";
import type { Message } from "@shardmill/core";
import { isBlindToContents } from "./blind-template.ts";
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
      return new ChatTemplate(new Template(withoutClock(template)), variables);
    } catch (error) {
      throw invalid(name, `its chat template cannot be read: ${messageOf(error)}`, error);
    }
  }

  /** What it writes around contents is known to follow from their roles alone. */
  get isBlind(): boolean {
    return isBlindToContents(this.#template);
  }

  /** The text of a conversation; with `begins` also how an answer begins. Throws what the template raises. */
  render(messages: readonly Message[], begins: boolean): string {
    return this.#template.render({
      ...this.#variables,
      // As the model library has them where there are none: they are defined, and nothing.
      tools: null,
      documents: null,
      messages: messages.map(({ role, text }) => ({ role, content: text })),
      add_generation_prompt: begins,
    });
  }
}

/** No token may depend on the day: a template that asks for it finds no clock, which most have a fixed date for. */
function withoutClock(template: string): string {
  return template.includes("strftime_now") ? `{% set strftime_now = nothing %}{{ '' }}${template}` : template;
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 200);
}
