import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** What will happen, and the two answers to it; Escape is a no. */
export function ConfirmDialog(props: {
  title: string;
  children: ComponentChildren;
  no: string;
  yes: { readonly text: string; readonly look: "primary" | "danger"; readonly isReady: boolean };
  onYes: () => void;
  onNo: () => void;
}) {
  const { title, children, no, yes, onYes, onNo } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" aria-label={title} onClose={onNo}>
      <h2>{title}</h2>
      {children}
      <div class="row end">
        <button type="button" onClick={() => dialog.current?.close()}>
          {no}
        </button>
        <button type="button" class={yes.look} disabled={!yes.isReady} onClick={onYes}>
          {yes.text}
        </button>
      </div>
    </dialog>
  );
}
