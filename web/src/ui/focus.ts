// Where the next letter goes.

/** At once, because the next letter may come before anything that is put off; where it is not shown yet, when it is. */
export function focusSoon(find: () => HTMLElement | null | undefined): void {
  const there = find();
  there?.focus();
  if (!there || document.activeElement !== there) setTimeout(() => find()?.focus());
}
