"""Nodes for ComfyUI that make a picture step by step, as slowly as they are told. Copied into its `custom_nodes`."""

import time

import torch
from comfy.utils import ProgressBar
from PIL import Image


class StudioSteps:
    """Darkens a picture in steps, with progress and a preview for each; fails at one where it is told to."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "image": ("IMAGE",),
                "steps": ("INT", {"default": 4, "min": 1, "max": 10000}),
                "delay": ("FLOAT", {"default": 0.01, "min": 0.0, "max": 60.0, "step": 0.001}),
                "fail_at": ("INT", {"default": -1, "min": -1, "max": 10000}),
                "seed": ("INT", {"default": 0, "min": 0, "max": 2**64 - 1}),
            }
        }

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "make"
    CATEGORY = "auteur"

    def make(self, image, steps, delay, fail_at, seed):
        progress = ProgressBar(steps)
        for step in range(steps):
            if step == fail_at:
                raise ValueError(f"deliberate failure at step {step} in /secret/folder/model.bin")
            time.sleep(delay)
            shown = Image.new("RGB", (64, 64), (seed & 255, seed >> 8 & 255, step & 255))
            progress.update_absolute(step + 1, steps, ("JPEG", shown, 64))
        shade = torch.tensor([seed & 255, seed >> 8 & 255, seed >> 16 & 255], dtype=torch.float32) / 255
        return ((image * 0.5 + shade * 0.5).clamp(0, 1),)


NODE_CLASS_MAPPINGS = {"StudioSteps": StudioSteps}
NODE_DISPLAY_NAME_MAPPINGS = {"StudioSteps": "Studio Steps"}
