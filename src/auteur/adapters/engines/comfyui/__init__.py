"""ComfyUI: workflows that a studio keeps as files, run on its servers."""
