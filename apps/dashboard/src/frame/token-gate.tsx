import { useState } from "preact/hooks";
import { keepToken } from "../data/token.ts";

export function TokenGate() {
  const [token, setToken] = useState("");
  const enter = (event: Event): void => {
    event.preventDefault();
    keepToken(token.trim());
    location.reload();
  };
  return (
    <form class="gate card" onSubmit={enter}>
      <h1>Shardmill</h1>
      <p>This service asks for its token: the one that `shardmill serve` was started with.</p>
      <label>
        Token
        <input
          type="password"
          autocomplete="current-password"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={token.trim() === ""}>
        Open
      </button>
    </form>
  );
}
