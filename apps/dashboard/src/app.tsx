import { useEffect } from "preact/hooks";
import { useLive } from "./data/use-live.ts";
import { Alarms, ConnectionBanner } from "./frame/banners.tsx";
import { Notice } from "./frame/notice.tsx";
import { TokenGate } from "./frame/token-gate.tsx";
import { TopBar } from "./frame/top-bar.tsx";
import { BuildPage } from "./pages/build-page.tsx";
import { ComparePage } from "./pages/compare-page.tsx";
import { MixesPage } from "./pages/mixes-page.tsx";
import { OverviewPage } from "./pages/overview-page.tsx";
import { PartPage } from "./pages/part-page.tsx";
import { SamplePage } from "./pages/sample-page.tsx";
import { ShardPage } from "./pages/shard-page.tsx";
import { type Route, titleOf, useRoute } from "./route.ts";

export function App() {
  const route = useRoute();
  const live = useLive();
  const title = titleOf(route);
  useEffect(() => {
    document.title = title;
  }, [title]);
  if (live.connection === "refused") return <TokenGate />;
  return (
    <>
      <TopBar route={route} />
      <ConnectionBanner />
      <main>
        <Alarms />
        <Page route={route} />
      </main>
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "overview":
      return <OverviewPage />;
    case "build":
      return (
        <BuildPage key={route.dataset} dataset={route.dataset} leftOut={route.leftOut} view={route.view} />
      );
    case "part":
      return <PartPage key={route.label} dataset={route.dataset} label={route.label} />;
    case "shard":
      return <ShardPage dataset={route.dataset} shard={route.shard} at={route.at} />;
    case "sample":
      return <SamplePage dataset={route.dataset} shard={route.shard} sampleKey={route.key} />;
    case "compare":
      return <ComparePage datasets={route.datasets} />;
    case "mixes":
      return <MixesPage />;
    case "nowhere":
      return (
        <Notice
          title="Nothing is here"
          text="The address names no page."
          link={{ href: "#/", text: "All builds" }}
        />
      );
    default:
      return route satisfies never;
  }
}
