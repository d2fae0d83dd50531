import type { Message, SampleText } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { shipped } from "../testing/shipped.ts";
import { composeSampleJson, reservedSampleKeys } from "./index.ts";

describe("the sample's JSON", () => {
  const info = { durationS: 8, width: 1280, height: 720, fps: 30, codec: "h264" };
  const empty: SampleText = { caption: null, conversations: [] };

  const talk: Message[] = [
    { role: "system", text: "S" },
    { role: "user", text: "Q" },
    { role: "assistant", text: "A" },
  ];

  it("of OpenVid is this line, floats with a point", () => {
    const json = composeSampleJson(shipped("openvid-1m"), {
      part: { subset: null, part: 73 },
      member: "OpenVid_part73/--a.b_1.mp4",
      frameCount: 2,
      text: { ...empty, caption: 'A "b"' },
      fields: { aesthetic_score: 5, motion_score: null, camera_motion: "static" },
      media: { kind: "clip", timesS: [0.46666, 1], info, complete: true },
    });
    expect(json).toBe(
      '{"caption":"A \\"b\\"","caption_from":"caption","frame_count":2,"source":"openvid","video_id":"--a.b_1","frame_times":[0.467,1.0],' +
        '"duration":8.0,"width":1280,"height":720,"fps":30.0,"codec":"h264","complete":true,"part":73,' +
        '"member":"OpenVid_part73/--a.b_1.mp4","license":"CC-BY-4.0","aesthetic_score":5.0,"motion_score":null,' +
        '"temporal_consistency_score":null,"camera_motion":"static"}',
    );
  });

  it("of a video dataset has the same keys for frames taken out elsewhere, as null", () => {
    const dataset = shipped("vista-400k");
    const common = {
      part: { subset: "long_video_caption", part: 1 },
      member: "a/b.1",
      frameCount: 1,
      fields: {},
    };
    const clip = composeSampleJson(dataset, {
      ...common,
      text: { ...empty, conversations: [talk] },
      media: { kind: "clip", timesS: [0], info, complete: false },
    });
    const frames = composeSampleJson(dataset, {
      ...common,
      videoId: "b.1",
      text: empty,
      media: { kind: "frames" },
    });
    expect(Object.keys(JSON.parse(frames))).toEqual(Object.keys(JSON.parse(clip)));
    expect(JSON.parse(clip)).toMatchObject({
      source: "vista/long_video_caption",
      subset: "long_video_caption",
      complete: false,
      conversations: [{ system: "S", user: "Q", assistant: "A" }],
    });
    expect(JSON.parse(frames)).toMatchObject({
      video_id: "b.1",
      duration: null,
      width: null,
      frame_times: null,
    });
  });

  it("of an image dataset has a size and nothing of a clip", () => {
    const json = composeSampleJson(shipped("the-cauldron"), {
      part: { subset: "ai2d", part: 0 },
      member: "ai2d-0",
      frameCount: 1,
      text: { ...empty, conversations: [talk, [{ role: "assistant", text: "B" }]] },
      fields: {},
      media: { kind: "images", width: 299, height: 227 },
    });
    expect(json).toBe(
      '{"caption":"A","caption_from":"answer","frame_count":1,"source":"cauldron/ai2d","video_id":"ai2d-0",' +
        '"user":"Q","assistant":"A","conversations":[{"system":"S","user":"Q","assistant":"A"},' +
        '{"system":null,"user":"","assistant":"B"}],"width":299,"height":227,"subset":"ai2d","part":0,"member":"ai2d-0",' +
        '"license":"mixed (see each sub-dataset); prompts CC-BY-4.0"}',
    );
  });

  it("has no key that a catalogue field could take", () => {
    for (const name of ["openvid-1m", "the-cauldron", "vista-400k", "llava-video-178k"]) {
      const dataset = shipped(name);
      const json = composeSampleJson(dataset, {
        part: { subset: null, part: 0 },
        member: "m",
        frameCount: 0,
        text: empty,
        fields: {},
        media: { kind: "frames" },
      });
      const own = Object.keys(JSON.parse(json)).filter((key) => !Object.hasOwn(dataset.fields, key));
      expect(own.filter((key) => !reservedSampleKeys.includes(key))).toEqual([]);
    }
  });
});
