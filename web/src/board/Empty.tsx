// What the board says where it has nothing to show, or has not looked everywhere.
import { Button } from "../ui/Button";
import { filter, searching, sections } from "../state/board";
import { link } from "../state/connection";
import { counts } from "../state/store";

export function Empty() {
  const tired = sections().find((section) => section.feed.tired);
  if (tired) {
    const here = [filter.value.engine && "engine", filter.value.circled && "circled"].filter(Boolean).join(" and ") || "takes without a shot";
    return (
      <p class="empty">
        {`The service cannot be asked for ${here}: the newest ${tired.feed.looked.toLocaleString("en")} takes were looked through here. `}
        <Button onClick={() => tired.feed.lookFurther()}>Look further</Button>
      </p>
    );
  }
  if (searching.value) {
    const found = sections()[0]?.feed;
    return found?.complete && !found.known ? <p class="empty" id="nothing-found">Nothing is like that. Fewer words find more.</p> : null;
  }
  if (counts.value.all || link.value.state === "connecting") return null;
  return (
    <p class="empty" id="empty">
      Nothing was asked for yet. Say what the camera sees: shot size, lens, place, light, people.
    </p>
  );
}
