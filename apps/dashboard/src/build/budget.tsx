import type { BuildDetail, Meter } from "@shardmill/api/contract";
import { useLive } from "../data/use-live.ts";
import { bytes, duration } from "../data/words.ts";

/** What the build has of disk and network, what it still needs, and where its workers were told to stop. */
export function Budget({ build }: { build: BuildDetail }) {
  const live = useLive();
  const meter = live.meters.get(build.dataset)?.at(-1) ?? build.meter;
  return (
    <div class="budget">
      <Disk disk={build.budget.disk} />
      <Network network={build.budget.network} meter={meter} isActive={build.active} />
    </div>
  );
}

function Disk({ disk }: { disk: BuildDetail["budget"]["disk"] }) {
  const { freeBytes, usedBytes, toWriteBytes, keepFreeBytes, maxOutputBytes } = disk;
  const space = freeBytes === null ? Number.POSITIVE_INFINITY : Math.max(0, freeBytes - keepFreeBytes);
  const allowed = maxOutputBytes === null ? space : Math.min(space, Math.max(0, maxOutputBytes - usedBytes));
  const needs = toWriteBytes ?? 0;
  const whole = Math.max(1, usedBytes + needs);
  const isShort = needs > allowed;
  const width = (part: number): { width: string } => ({ width: `${(100 * part) / whole}%` });
  return (
    <div class="budget-line">
      <p>
        <b>{freeBytes === null ? "Bucket" : "Disk"}</b> {bytes(usedBytes)} written
        {toWriteBytes !== null && toWriteBytes > 0 ? `, about ${bytes(toWriteBytes)} to come` : ""}
        <span class="soft">
          {freeBytes === null ? "" : ` · ${bytes(freeBytes)} free`}
          {freeBytes !== null && keepFreeBytes > 0 ? `, ${bytes(keepFreeBytes)} of it kept free` : ""}
          {maxOutputBytes === null ? "" : ` · at most ${bytes(maxOutputBytes)} of shards`}
        </span>
        {isShort ? (
          <span class="warn"> {bytes(needs - allowed)} more are needed than may be used</span>
        ) : null}
      </p>
      <div class={isShort ? "meter short" : "meter"} aria-hidden="true">
        <span class="used" style={width(usedBytes)} />
        <span class="coming" style={width(needs)} />
      </div>
    </div>
  );
}

function Network(props: { network: BuildDetail["budget"]["network"]; meter: Meter; isActive: boolean }) {
  const { network, meter, isActive } = props;
  const { toReadBytes, maxBytesPerS } = network;
  const share = maxBytesPerS === null ? 0 : Math.min(1, meter.bytesPerS / Math.max(1, maxBytesPerS));
  const seconds = meter.bytesPerS > 0 ? toReadBytes / meter.bytesPerS : null;
  return (
    <div class="budget-line">
      <p>
        <b>Network</b> {isActive ? `${bytes(meter.bytesPerS)}/s` : "idle"}
        {toReadBytes > 0 ? `, about ${bytes(toReadBytes)} to read` : ""}
        <span class="soft">
          {" "}
          · {maxBytesPerS === null ? "no limit is set" : `at most ${bytes(maxBytesPerS)}/s`}
          {isActive && seconds !== null && toReadBytes > 0 ? ` · ${duration(seconds)} at this pace` : ""}
        </span>
      </p>
      {maxBytesPerS === null ? null : (
        <div class="meter" aria-hidden="true">
          <span class="used" style={{ width: `${100 * share}%` }} />
        </div>
      )}
    </div>
  );
}
