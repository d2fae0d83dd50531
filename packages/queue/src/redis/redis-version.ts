/** BullMQ's scripts need commands of this version. */
export const oldestVersion = "6.2";

export function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 2);
}
