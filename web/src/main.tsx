import "./css/theme.css";
import "./css/parts.css";
import { render } from "preact";
import { Toasts } from "./ui/Toasts";

const root = document.getElementById("page");
if (root) render(<Toasts />, root);
