import { Template } from "@huggingface/jinja";
import { describe, expect, it } from "vitest";
import { chatTemplate } from "../testing/small-tokenizer.ts";
import { isBlindToContents } from "./blind-template.ts";

const isBlind = (template: string): boolean => isBlindToContents(new Template(template));
const looped = (body: string): boolean => isBlind(`{% for m in messages %}${body}{% endfor %}`);

describe("a template that looks at no content", () => {
  it("is told by what it does with messages", () => {
    expect(isBlind(chatTemplate)).toBe(true);
    expect(looped("{{ m.role }}: {{ m.content }}{% if loop.last %}!{% endif %}")).toBe(true);
    expect(looped("{{ bos_token + m['content'] + eos_token }}{# m | tojson #}")).toBe(true);
    expect(
      looped(
        "{% if m['role'] == 'tool' %}{{ raise_exception('no ' + m['role']) }}{% endif %}{{ m.content }}",
      ),
    ).toBe(true);
    expect(looped("{% set who = m.role %}{{ who }}{{ m.content }}")).toBe(true);
  });

  it.each([
    ["asks for one", "{% if m.content == '' %}x{% endif %}{{ m.content }}"],
    ["looks into one", "{{ m.content }}{% if 'x' in m['content'] %}x{% endif %}"],
    ["changes one", "{{ m.content | trim }}"],
    ["changes one with others", "{{ ('a' + m.content) | upper }}"],
    ["cuts one", "{{ m.content[1:] }}"],
    ["calls one's method", "{{ m.content.split('x')[0] }}"],
    ["keeps one", "{% set said = m.content %}{% if said %}x{% endif %}"],
    ["chooses by one", "{{ m.content if m.content else 'x' }}"],
    ["takes one for the name of another field", "{{ m[m.content] }}"],
    ["looks at those beside it", "{{ m.content }}{{ loop.previtem.content }}"],
    ["writes all of a message", "{{ m | tojson }}"],
    ["writes all of a loop", "{{ loop }}"],
    ["keeps a message", "{% set n = m %}{{ n.content | length }}"],
    ["takes another field", "{{ m.content }}{{ m.thoughts }}"],
    ["repeats one", "{{ m.content * 2 }}"],
  ])("is not one that %s", (_what, body) => {
    expect(looped(body)).toBe(false);
  });

  it.each([
    ["takes a part of them", "{% for m in messages[1:] %}{{ m.content }}{% endfor %}"],
    ["takes those with something", "{% for m in messages if m.content %}{{ m.content }}{% endfor %}"],
    ["renames them", "{% set all = messages %}{% for m in all %}{{ m.content }}{% endfor %}"],
    ["asks for the first one's", "{% if messages[0].content %}x{% endif %}"],
    [
      "calls a macro with one",
      "{% macro f(m) %}{{ m.content | trim }}{% endmacro %}{% for m in messages %}{{ f(m) }}{% endfor %}",
    ],
  ])("nor one that %s", (_what, template) => {
    expect(isBlind(template)).toBe(false);
  });
});
