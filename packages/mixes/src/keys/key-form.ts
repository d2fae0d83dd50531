/**
 * A key without the numbers of its record and its turn. A ledger names the first key of a member: where records or turns are samples
 * of their own, others of the same form follow it.
 */
export function keyForm(key: string): string {
  const [, member = key, more = ""] = /^(.*-\d{6,})(.*)$/.exec(key) ?? [];
  return member + more.replace(/\d+/g, "#");
}
