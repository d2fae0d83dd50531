import { useState } from "preact/hooks";
import { useLive } from "../data/use-live.ts";
import { type Route, to } from "../route.ts";
import { applyTheme, isDark, keptTheme } from "./theme.ts";

export function TopBar({ route }: { route: Route }) {
  return (
    <header class="top">
      <div class="top-inner">
        <a class="wordmark" href={to.overview}>
          <Mark />
          Shardmill
        </a>
        <nav class="crumbs" aria-label="Where you are">
          {crumbs(route).map(({ text, href }) =>
            href === null ? (
              <span key={text} aria-current="page">
                {text}
              </span>
            ) : (
              <a key={text} href={href}>
                {text}
              </a>
            ),
          )}
        </nav>
        <LiveSign />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function crumbs(route: Route): { text: string; href: string | null }[] {
  switch (route.page) {
    case "overview":
    case "nowhere":
      return [];
    case "mixes":
      return [{ text: "Mixes", href: null }];
    case "compare":
      return [{ text: "Two builds", href: null }];
    case "build":
      return [{ text: route.dataset, href: null }];
    case "part":
      return [
        { text: route.dataset, href: to.build(route.dataset) },
        { text: route.label, href: null },
      ];
    default: {
      const part = /-((?:[a-z0-9_-]+-)?p\d{4,6})-[^-]+$/.exec(route.shard.slice(route.dataset.length))?.[1];
      const upper = [{ text: route.dataset, href: to.build(route.dataset) }];
      if (part !== undefined) upper.push({ text: part, href: to.part(route.dataset, part) });
      const shard = route.shard.slice(route.shard.lastIndexOf("-") + 1);
      if (route.page === "shard") return [...upper, { text: `shard ${shard}`, href: null }];
      return [
        ...upper,
        { text: `shard ${shard}`, href: to.shard(route.dataset, route.shard) },
        { text: route.key, href: null },
      ];
    }
  }
}

function LiveSign() {
  const { connection } = useLive();
  const words = {
    live: "live",
    connecting: "connecting",
    lost: "reconnecting",
    full: "asks",
    refused: "refused",
  };
  return (
    <span class={`live-sign ${connection}`} role="status">
      <span class="dot" aria-hidden="true" />
      {words[connection]}
    </span>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(keptTheme());
  const dark = isDark(theme);
  const turn = (): void => {
    const next = dark ? "light" : "dark";
    applyTheme(next);
    setTheme(next);
  };
  const label = dark ? "Use light colours" : "Use dark colours";
  return (
    <button type="button" class="quiet icon" onClick={turn} aria-label={label} title={label}>
      <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
        {dark ? (
          <path
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            stroke-linecap="round"
            d="M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7ZM10 1.500v1.700M10 16.800v1.700M1.500 10h1.700M16.800 10h1.700M4 4l1.200 1.200M14.800 14.800 16 16M4 16l1.200-1.200M14.800 5.200 16 4"
          />
        ) : (
          <path
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            stroke-linejoin="round"
            d="M16.500 12A7 7 0 0 1 8 3.500a7 7 0 1 0 8.500 8.500Z"
          />
        )}
      </svg>
    </button>
  );
}

function Mark() {
  const full = [0, 1, 3, 5, 7, 8];
  return (
    <svg class="mark" viewBox="0 0 19 19" width="19" height="19" aria-hidden="true">
      {Array.from({ length: 9 }, (_, n) => (
        <rect
          key={n}
          x={(n % 3) * 7}
          y={Math.floor(n / 3) * 7}
          width="5"
          height="5"
          rx="1"
          fill="currentColor"
          opacity={full.includes(n) ? 1 : 0.35}
        />
      ))}
    </svg>
  );
}
