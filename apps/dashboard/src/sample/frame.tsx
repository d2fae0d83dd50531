import { useEffect, useState } from "preact/hooks";
import { askForBlob } from "../data/ask.ts";

/** One frame, asked for with the token, which an <img> of its own could not send. */
export function Frame(props: {
  dataset: string;
  shard: string;
  /** Of the shard: frames that were made again have another address, since a browser keeps the old ones. */
  version: string;
  sampleKey: string;
  number: number;
  alt?: string;
}) {
  const { dataset, shard, version, sampleKey, number, alt } = props;
  const path = `/api/builds/${dataset}/samples/${shard}/${sampleKey}/frames/${number}?v=${version}`;
  const [source, setSource] = useState<{ path: string; url: string } | null>(null);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    let url: string | null = null;
    setMissing(false);
    askForBlob(path, stop.signal).then(
      (blob) => {
        if (stop.signal.aborted) return;
        url = URL.createObjectURL(blob);
        setSource({ path, url });
      },
      () => {
        if (!stop.signal.aborted) setMissing(true);
      },
    );
    return () => {
      stop.abort();
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [path]);
  if (isMissing) return <span class="frame missing">cannot be read</span>;
  if (source === null || source.path !== path)
    return <span class="frame loading" role="img" aria-label="loading" />;
  return (
    <img
      class="frame"
      src={source.url}
      alt={alt ?? `frame ${number} of ${sampleKey}`}
      width="224"
      height="224"
      onError={() => setMissing(true)}
    />
  );
}
