import { describe, expect, it } from "vitest";
import { accidentalFfmpeg } from "../../testing/make-clip.ts";
import { never, PoolTrial, settings } from "../../testing/pool-trial.ts";

const trial = PoolTrial.here();

describe("an accident from outside changes no byte and shows as an incident", () => {
  const accidents = [
    { name: "stop-ffmpeg", script: "kill -STOP $$", code: "decode_timeout" },
    { name: "kill-ffmpeg", script: "kill -9 $$", code: "decoder_crash" },
  ];
  for (const { name, script, code } of accidents) {
    it(`${name}: ${code}`, async () => {
      const ffmpegPath = accidentalFfmpeg(trial.folder, { name, when: "*rawvideo*", times: 1, script });
      const opened = await trial.open({ ffmpegPath, memoryLimitMb: 700, limits: { pollMs: 50 } });
      expect(await trial.all(opened)).toEqual(trial.expected);
      expect(trial.incidents).toMatchObject([{ code, attempt: 1 }]);
    });
  }
});

describe("a clip that fails every attempt is left out, and its neighbours lose nothing", () => {
  const fates = [
    { name: "burn", script: "while :; do :; done", code: "decode_timeout" },
    { name: "hang", script: "sleep 600", code: "decode_timeout" },
  ];
  for (const { name, script, code } of fates) {
    it(`${name}: ${code}`, async () => {
      // Only the marked clip is unlucky: its settings are the only ones of this size.
      const when = "*scale=200:200*";
      const ffmpegPath = accidentalFfmpeg(trial.folder, { name, when, times: 99, script });
      const limits = { cpuBaseS: 0.3, cpuPerMib: 0, cpuPerClipSecond: 0, wallFactor: 2, pollMs: 50 };
      const opened = await trial.open({ ffmpegPath, limits });
      const unlucky = opened.frames(trial.clips[0]!, { ...settings, size: 200 }, never);
      expect(await unlucky).toMatchObject({ kind: "rejected", rejection: { code }, attempts: 5 });
      expect(trial.incidents.filter((incident) => incident.code === code)).toHaveLength(5);
    });
  }
});
