import { useState } from "preact/hooks";
import { hasToken, keepToken } from "../data/token.ts";

export function TokenGate() {
  const [token, setToken] = useState("");
  // One that was sent and did not open the door.
  const isWrong = hasToken();
  const enter = (event: Event): void => {
    event.preventDefault();
    keepToken(token.trim());
    location.reload();
  };
  return (
    <main class="gate-page">
      <form class="gate card" onSubmit={enter}>
        <h1>Shardmill</h1>
        <p>This service asks for its token: the one that it was started with.</p>
        {isWrong ? (
          <p class="wrong" role="alert" id="wrong-token">
            The token that was given is not this service's.
          </p>
        ) : null}
        <label>
          Token
          <input
            type="password"
            autocomplete="current-password"
            aria-invalid={isWrong}
            aria-describedby={isWrong ? "wrong-token" : undefined}
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={token.trim() === ""}>
          Open
        </button>
      </form>
    </main>
  );
}
