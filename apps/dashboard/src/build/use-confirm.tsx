import type { RequestAnswer } from "@shardmill/api/contract";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { ConfirmRequest, type WantedRequest } from "./confirm-request.tsx";

/** What needs no list to be understood. */
interface WantedStep {
  readonly kind: "step";
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  readonly run: () => void;
}

interface Confirm {
  /** Opens the question; nothing is done before it is answered. */
  readonly ask: (wanted: WantedRequest | WantedStep) => void;
  /** The question, to be drawn; null while there is none. */
  readonly dialog: ComponentChildren;
}

/** Asks a person before something is done. `onClose` hears what was started, or null. */
export function useConfirm(onClose: (started: RequestAnswer | null) => void = () => undefined): Confirm {
  const [wanted, setWanted] = useState<WantedRequest | WantedStep | null>(null);
  const close = (started: RequestAnswer | null): void => {
    setWanted(null);
    onClose(started);
  };
  return { ask: setWanted, dialog: wanted === null ? null : questionOf(wanted, close) };
}

function questionOf(
  wanted: WantedRequest | WantedStep,
  close: (started: RequestAnswer | null) => void,
): ComponentChildren {
  if (wanted.kind === "request") return <ConfirmRequest wanted={wanted} onClose={close} />;
  const { title, text, yes, no, run } = wanted;
  const say = (): void => {
    close(null);
    run();
  };
  return (
    <ConfirmDialog
      title={title}
      no={no}
      yes={{ text: yes, look: "danger", isReady: true }}
      onYes={say}
      onNo={() => close(null)}
    >
      <p>{text}</p>
    </ConfirmDialog>
  );
}
