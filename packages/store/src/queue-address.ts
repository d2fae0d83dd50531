import type { RecordSchema } from "./record-file.ts";
import type { QueueAddress } from "./records.ts";

export const queueAddressSchema: RecordSchema<QueueAddress> = {
  safeParse(value) {
    if (typeof value === "object" && value !== null && "url" in value && "build" in value) {
      const { url, build } = value;
      // Without them it was written by a command of 0.1, with a private queue.
      const owner = "owner" in value && value.owner === "service" ? "service" : "command";
      const isPrivate = !("isPrivate" in value) || value.isPrivate !== false;
      if (typeof url === "string" && typeof build === "string")
        return { success: true, data: { url, build, owner, isPrivate } };
    }
    return { success: false, error: { issues: [{ path: [], message: "expected url and build" }] } };
  },
};
