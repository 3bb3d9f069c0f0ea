import type { ComponentChildren } from "preact";

interface Props {
  children?: ComponentChildren;
  onClick?: (event: MouseEvent) => void;
  kind?: "plain" | "primary" | "quiet" | "danger";
  /** Said instead of what is drawn, where that is a picture. */
  label?: string;
  pressed?: boolean;
  expanded?: boolean;
  disabled?: boolean;
  type?: "button" | "submit";
  class?: string;
  id?: string;
  tabIndex?: number;
  title?: string;
}

export function Button({ children, onClick, kind = "plain", label, pressed, expanded, disabled, type = "button", class: name = "", id, tabIndex, title }: Props) {
  return (
    <button
      type={type}
      id={id}
      class={`button ${kind} ${name}`}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      disabled={disabled}
      tabIndex={tabIndex}
      title={title ?? label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
