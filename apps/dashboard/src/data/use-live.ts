import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { Live } from "./live.ts";

export const LiveContext = createContext<Live>(new Live());

/** The live state; draws again when it changed. */
export function useLive(): Live {
  const live = useContext(LiveContext);
  const [, draw] = useState(0);
  useEffect(() => live.listen(() => draw((count) => count + 1)), [live]);
  return live;
}
