"""Pipelines of the sizes that people use, their weights by chance: nothing is fetched, and they paint nothing.

    python -m benchmarks.models <directory> <cpu, cuda> [sd15 | sdxl] …

What a step costs, and what memory it takes, follows from the configuration alone. The configurations are those of
Stable Diffusion 1.5 and of Stable Diffusion XL; the weights are half precision.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from tests.engines.tiny import tokenizer

_CLIP = {"vocab_size": 49408, "bos_token_id": 512, "eos_token_id": 513, "pad_token_id": 513}


def _words(directory: Path, name: str) -> Any:
    made = tokenizer(directory / name)
    made.model_max_length = 77
    return made


def _vae() -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
    )  # fmt: skip


def _scheduler(kind: Any, **configuration: Any) -> Any:
    """It computes its noise levels on the processor."""
    with torch.device("cpu"):
        return kind(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", **configuration)


def sd15(directory: Path) -> Any:
    return diffusers.StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=transformers.CLIPTextModel(
            transformers.CLIPTextConfig(
                hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, **_CLIP
            )
        ),
        tokenizer=_words(directory, "tokenizer"),
        unet=diffusers.UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8, sample_size=64),
        scheduler=_scheduler(diffusers.DDIMScheduler, clip_sample=False, steps_offset=1),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def sdxl(directory: Path) -> Any:
    small = transformers.CLIPTextConfig(
        hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, **_CLIP
    )
    large = transformers.CLIPTextConfig(
        hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, hidden_act="gelu",
        projection_dim=1280, **_CLIP,
    )  # fmt: skip
    return diffusers.StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=transformers.CLIPTextModel(small),
        text_encoder_2=transformers.CLIPTextModelWithProjection(large),
        tokenizer=_words(directory, "tokenizer"),
        tokenizer_2=_words(directory, "tokenizer_2"),
        unet=diffusers.UNet2DConditionModel(
            sample_size=128, block_out_channels=(320, 640, 1280), layers_per_block=2, use_linear_projection=True,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10), attention_head_dim=(5, 10, 20), cross_attention_dim=2048,
            addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
        ),
        scheduler=_scheduler(diffusers.EulerDiscreteScheduler, timestep_spacing="leading"),
        add_watermarker=False,
    )  # fmt: skip


MAKERS: dict[str, Callable[[Path], Any]] = {"sd15": sd15, "sdxl": sdxl}


def main() -> None:
    root, device, *names = sys.argv[1:]
    torch.set_default_dtype(torch.bfloat16)
    for name in names:
        torch.manual_seed(0)
        with torch.device(device):
            made = MAKERS[name](Path(root) / name)
        made.to("cpu").save_pretrained(Path(root) / name)


if __name__ == "__main__":
    main()
