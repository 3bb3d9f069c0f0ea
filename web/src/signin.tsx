// Where it is asked who somebody is. What was pasted does not stay on the screen.
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./ui/Button";
import { asking, signIn } from "./state/session";

export function SignIn({ begin }: { begin: () => void }) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const why = asking.value?.why;
  return (
    <main class="sign-in">
      <form
        id="show-token"
        onSubmit={(event) => {
          event.preventDefault();
          const token = box.current?.value.trim() ?? "";
          if (box.current) box.current.value = "";
          void signIn(token, begin);
        }}
      >
        <h2><label for="token">This studio asks who you are. Paste the token that you were given.</label></h2>
        <div class="two">
          <input id="token" ref={box} type="password" autocomplete="current-password" required maxLength={8192} spellcheck={false} />
          <Button type="submit" kind="primary">Sign in</Button>
        </div>
        {why && <p id="refused" class="bad" role="alert">{why}</p>}
      </form>
    </main>
  );
}
