/**
 * The one spelling in which names are compared. Unicode writes é as one character or as two (macOS does the latter), and
 * whatever wrote the archive, the captions and the command line need not have agreed. Names are compared in this form and
 * written as the source has them.
 */
export function nameForm(name: string): string {
  return name.normalize("NFC");
}
