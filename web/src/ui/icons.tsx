// The few pictures that say it better than a word. Drawn here: nothing is fetched.
const common = { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": true, focusable: "false" } as const;

export function Stars() {
  return <svg {...common} class="star"><path fill="currentColor" d="M8 1.2l2 4.4 4.8.5-3.6 3.2 1 4.7L8 11.6 3.800 14l1-4.700L1.200 6.100 6 5.600z" /></svg>;
}

export function Dot({ kind }: { kind: string }) {
  return <svg {...common} width={10} height={10} class={`dot ${kind}`}><circle cx="8" cy="8" r="6" fill="currentColor" /></svg>;
}

export function Chevron({ open }: { open: boolean }) {
  return <svg {...common} width={12} height={12}><path fill="none" stroke="currentColor" stroke-width="2" d={open ? "M3 6l5 5 5-5" : "M6 3l5 5-5 5"} /></svg>;
}
