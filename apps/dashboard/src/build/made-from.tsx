import type { BuildDetail } from "@shardmill/api/contract";
import { moment } from "../data/words.ts";
import { settingsOf } from "./recipe-settings.ts";

/** What decides the bytes of the build's shards: its source, its recipe and the versions that make them. */
export function MadeFrom({ build }: { build: BuildDetail }) {
  const { source, recipe, recipeHash, toolchain, homepage, license, createdAt } = build;
  return (
    <section class="card" id="made-from">
      <h2>Made from</h2>
      <dl class="facts">
        <Fact name="source" value={source.name} href={homepage} />
        {source.revision === null ? null : <Fact name="revision" value={source.revision} />}
        <Fact name="licence" value={license} />
        <Fact name="asked for first" value={moment(createdAt)} />
        {Object.entries(toolchain).map(([name, version]) => (
          <Fact key={name} name={name} value={version} />
        ))}
        <Fact name="recipe" value={recipeHash} />
      </dl>
      <details>
        <summary>The recipe's settings</summary>
        <dl class="facts">
          {settingsOf(recipe).map(([path, value]) => (
            <Fact key={path} name={path} value={value} />
          ))}
        </dl>
      </details>
    </section>
  );
}

function Fact({ name, value, href = null }: { name: string; value: string; href?: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">
        {href === null ? (
          value
        ) : (
          <a href={href} target="_blank" rel="noreferrer noopener">
            {value}
          </a>
        )}
      </dd>
    </div>
  );
}
