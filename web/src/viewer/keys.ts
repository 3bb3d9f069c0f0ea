// The viewer's keys, for its own list and the page's.

export interface Key {
  keys: string[];
  does: string;
}

export const VIEWER_KEYS: readonly Key[] = [
  { keys: ["←", "→"], does: "previous, next take" },
  { keys: ["Home", "End"], does: "first, last take" },
  { keys: ["Space"], does: "play, pause" },
  { keys: [",", "."], does: "a frame back, a frame on" },
  { keys: ["l"], does: "loop" },
  { keys: ["u"], does: "sound" },
  { keys: ["w"], does: "wipe against another take; then ← → move it, with Shift further" },
  { keys: ["b"], does: "wipe against the next take" },
  { keys: ["z"], does: "pixels as they are; then arrows move the picture" },
  { keys: ["f"], does: "full screen" },
  { keys: ["i"], does: "what it was made of" },
  { keys: ["v"], does: "favourite" },
  { keys: ["c"], does: "circle" },
  { keys: ["a"], does: "again, with changes" },
  { keys: ["s"], does: "the same seed elsewhere" },
  { keys: ["r"], does: "promote" },
  { keys: ["m"], does: "move a camera over it" },
  { keys: ["d"], does: "download" },
  { keys: ["y"], does: "copy the link" },
  { keys: ["x"], does: "cancel" },
  { keys: ["Delete"], does: "delete" },
  { keys: ["?"], does: "these keys" },
  { keys: ["Escape"], does: "close" },
];
