import { render } from "preact";
import { App } from "./app.tsx";
import { Live } from "./data/live.ts";
import { takeToken } from "./data/token.ts";
import { LiveContext } from "./data/use-live.ts";
import { keepPlaces } from "./frame/places.ts";
import { applyTheme, keptTheme } from "./frame/theme.ts";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import "./styles/pieces.css";
import "./styles/budget.css";
import "./styles/sample.css";
import "./styles/tokens.css";
import "./styles/mixes.css";

applyTheme(keptTheme());
takeToken();
keepPlaces();
const live = new Live();
void live.run(new AbortController().signal);
const place = document.getElementById("page");
if (place !== null) {
  render(
    <LiveContext.Provider value={live}>
      <App />
    </LiveContext.Provider>,
    place,
  );
}
