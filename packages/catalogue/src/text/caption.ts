import { withoutMediaTokens } from "./media-token.ts";
import { captionKeys, invalidText, type TextAdapter, textFound } from "./text-adapter.ts";
import { textValue } from "./text-value.ts";

const fields = { caption: "caption" };

/** A column that holds a caption. The first record that has one counts; a blank one is none, and one of media tokens alone. */
export const captionAdapter: TextAdapter = {
  fields,
  writesKeys: captionKeys,
  textOf(records, rule) {
    const column = rule.caption ?? fields.caption;
    let caption: string | null = null;
    for (const record of records) {
      const value = textValue(record, column);
      if (value.kind === "invalid") return invalidText(value.detail);
      const text = value.kind === "text" ? withoutMediaTokens(value.text) : "";
      if (text.trim() === "") continue;
      caption = text;
      break;
    }
    return textFound({ caption, conversations: [] }, `the record's ${column} is empty`);
  },
};
