// The head of a section: its shot, how many takes, which is circled.
import { Chevron } from "../ui/icons";
import type { Section } from "../state/board";

interface Props {
  section: Section;
  number: number;
  columns: number;
  focused: boolean;
}

export function Head({ section, number, columns, focused }: Props) {
  const { shot, feed, title } = section;
  const takes = shot ? shot.takes : feed.keep ? feed.known : section.length;
  const many = `${feed.keep || feed.complete || shot || takes ? takes.toLocaleString("en") : "\u2026"}${section.key.startsWith("?") && !feed.complete ? "+" : ""} ${takes === 1 ? "take" : "takes"}`;
  return (
    <div class="head" role="gridcell" aria-colspan={columns} aria-expanded={!section.collapsed} data-place={`${number}:-1`} tabIndex={focused ? 0 : -1}>
      <Chevron open={!section.collapsed} />
      <h3>{title}</h3>
      <span class="dim numbers">{many}</span>
      {shot?.circled_take != null && <span class="circled-take numbers">{"\u25c9"} take {shot.circled_take}</span>}
    </div>
  );
}
