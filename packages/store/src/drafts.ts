/** What a file of a draft is filled through. */
export interface DraftFile {
  write(chunk: Uint8Array): Promise<void>;
  /** On the disk; nothing can be written after it. */
  sync(): Promise<void>;
}

/** What the files of a draft that was made are known by, by their names in it. */
export type MadeDraft = ReadonlyMap<
  string,
  { readonly identity: string; readonly sizeBytes: number; readonly modifiedMs: number }
>;

/**
 * Drafts: folders of files that are whole and on the disk, from which names are published. Whoever's draft is removed can
 * publish nothing any more, not even what he was just about to: all that is published, replaced or taken away goes out of
 * a draft or into one, so that the system itself refuses it once the draft is gone. `gone` says that.
 */
export interface Drafts {
  /** A draft of a new name, whole when it can be seen at all. The temporary file, synced, moves into it under its name there. */
  make(
    draft: string,
    files: Readonly<Record<string, (file: DraftFile) => Promise<void>>>,
    moved: Readonly<Record<string, { readonly path: string }>>,
  ): Promise<MadeDraft>;
  /** Publishes a file of a draft under a name that nobody has yet; it stays in the draft as well. */
  publish(draft: string, file: string, final: string): Promise<"published" | "exists" | "gone">;
  /** Likewise of several at once, each in place of whatever has its name; `file` null: what has the name is taken away. */
  settle(
    draft: string,
    files: readonly { readonly file: string | null; readonly final: string }[],
  ): Promise<"settled" | "gone">;
  /** Takes away what has the name, if anything has. */
  clear(draft: string, final: string): Promise<"cleared" | "gone">;
  /** Nothing can be published out of it when this returns. */
  remove(draft: string): Promise<void>;
}
