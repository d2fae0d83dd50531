import { captionAdapter } from "./caption.ts";
import { cauldronAdapter } from "./cauldron.ts";
import { conversationsAdapter } from "./conversations.ts";
import { llavaVideoAdapter } from "./llava-video.ts";
import { multipleChoiceAdapter } from "./multiple-choice.ts";
import { preferenceAdapter } from "./preference.ts";
import { questionAnswerAdapter } from "./question-answer.ts";
import type { AdapterName, TextAdapter, TextRule } from "./text-adapter.ts";

const adapters = {
  caption: captionAdapter,
  "question-answer": questionAnswerAdapter,
  "multiple-choice": multipleChoiceAdapter,
  conversations: conversationsAdapter,
  cauldron: cauldronAdapter,
  "llava-video": llavaVideoAdapter,
  preference: preferenceAdapter,
} satisfies Record<AdapterName, TextAdapter>;

/** The one that a dataset's entry asks for. */
export function textAdapterOf({ adapter }: Pick<TextRule, "adapter">): TextAdapter {
  return adapters[adapter];
}
