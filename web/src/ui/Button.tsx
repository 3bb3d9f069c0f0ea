import type { ComponentChildren, Ref } from "preact";

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
  /** What it stands for is wrong; it is a button's to say so by its description only. */
  invalid?: boolean | undefined;
  describedBy?: string | undefined;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function Button({ children, onClick, kind = "plain", label, pressed, expanded, disabled, type = "button", class: name = "", id, tabIndex, title, invalid, describedBy, buttonRef = null }: Props) {
  return (
    <button
      ref={buttonRef}
      type={type}
      id={id}
      class={`button ${kind} ${name}`}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      data-invalid={invalid || undefined}
      aria-describedby={describedBy}
      disabled={disabled}
      tabIndex={tabIndex}
      title={title ?? label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
