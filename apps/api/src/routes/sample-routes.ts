import { z } from "zod";
import {
  datasetName,
  page,
  pageSizeOf,
  sampleKeyName,
  samplePlaceSchema,
  sampleSchema,
  samplesPageSchema,
  shardName,
} from "../contract/index.ts";
import { findSample } from "../read/find-sample.ts";
import { readFrame, readSample, readSamplesPage } from "../read/read-sample.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

const shardParams = z.object({ dataset: datasetName, shard: shardName });
const sampleParams = shardParams.extend({ key: sampleKeyName });
const frameParams = sampleParams.extend({ n: z.coerce.number().int().min(0).max(9_999) });

export function sampleRoutes(app: App, service: Service): void {
  app.get(
    "/api/builds/:dataset/shards/:shard/samples",
    {
      schema: {
        operationId: "listSamples",
        summary: "The samples of a shard, in order",
        params: shardParams,
        querystring: z.strictObject({ page, pageSize: pageSizeOf(20, 50) }),
        response: { 200: samplesPageSchema, ...problems },
      },
    },
    async ({ params: { dataset, shard }, query }) => readSamplesPage(askedOf(service, dataset, shard), query),
  );
  app.get(
    "/api/builds/:dataset/keys/:key",
    {
      schema: {
        operationId: "findSample",
        summary: "Where the sample of a key lies",
        params: z.object({ dataset: datasetName, key: sampleKeyName }),
        response: { 200: samplePlaceSchema, ...problems },
      },
    },
    ({ params: { dataset, key } }) => findSample(service, dataset, key),
  );
  app.get(
    "/api/builds/:dataset/samples/:shard/:key",
    {
      schema: {
        operationId: "getSample",
        summary: "One sample: its JSON, its tokens as text, its frames and their times",
        params: sampleParams,
        response: { 200: sampleSchema, ...problems },
      },
    },
    async ({ params: { dataset, shard, key } }) => {
      const { build } = await service.build(dataset);
      return readSample(askedOf(service, dataset, shard), { build, texts: service.texts }, key);
    },
  );
  app.get(
    "/api/builds/:dataset/samples/:shard/:key/frames/:n",
    {
      schema: {
        operationId: "getFrame",
        summary:
          "One frame, as the JPEG that stands in the shard; `v` makes an address of its own for each version of the shard",
        params: frameParams,
        querystring: z.strictObject({ v: z.string().max(64).optional() }),
        produces: ["image/jpeg"],
        response: { 200: z.unknown(), ...problems },
      },
    },
    async ({ params: { dataset, shard, key, n } }, reply) => {
      const bytes = await readFrame(askedOf(service, dataset, shard), key, n);
      // Without an age: the frame of a shard that was made again is another one at the same address.
      void reply.header("content-type", "image/jpeg");
      return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    },
  );
}

function askedOf(service: Service, dataset: string, shard: string) {
  const { records } = service.books(dataset);
  return { records, shards: service.shards, shard, signal: service.signal };
}
