"""Pipelines so small that a processor runs them in a blink: real classes, random weights, whole directories.

    python -m tests.engines.tiny <directory> [<name> …]

Nothing is fetched: the tokenizer knows single characters, and every part is made by its configuration.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from safetensors.torch import save_file

_SAID = "\x00\x01"


def tokenizer(directory: Path) -> Any:
    """Knows the 256 byte symbols, alone and at a word's end."""
    directory.mkdir(parents=True, exist_ok=True)
    symbols = [chr(256 + byte) if byte < 33 else chr(byte) for byte in range(256)]
    words = [*symbols, *(f"{symbol}</w>" for symbol in symbols), "<|startoftext|>", "<|endoftext|>"]
    (directory / "vocab.json").write_text(json.dumps({word: index for index, word in enumerate(words)}))
    (directory / "merges.txt").write_text("#version: 0.2\n")
    return transformers.CLIPTokenizer(
        str(directory / "vocab.json"), str(directory / "merges.txt"), model_max_length=32, pad_token="<|endoftext|>"
    )


def text_encoder() -> Any:
    return transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=514, hidden_size=32, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=32, bos_token_id=512, eos_token_id=513, pad_token_id=513,
        )
    )  # fmt: skip


def vae(channels: tuple[int, ...] = (8, 8, 16, 16), **more: Any) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=channels, norm_num_groups=4, latent_channels=4, layers_per_block=1, sample_size=64,
        down_block_types=["DownEncoderBlock2D"] * len(channels), up_block_types=["UpDecoderBlock2D"] * len(channels),
        **more,
    )  # fmt: skip


def unet(**more: Any) -> Any:
    given = {"in_channels": 4, "out_channels": 4, "sample_size": 8, "cross_attention_dim": 32, **more}
    return diffusers.UNet2DConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, norm_num_groups=8, attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        **given,
    )  # fmt: skip


def stable_diffusion(directory: Path) -> Any:
    return diffusers.StableDiffusionPipeline(
        vae=vae(), text_encoder=text_encoder(), tokenizer=tokenizer(directory / "tokenizer"), unet=unet(),
        scheduler=diffusers.DDIMScheduler(clip_sample=False, steps_offset=1), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def upscale(directory: Path) -> Any:
    return diffusers.StableDiffusionUpscalePipeline(
        vae=vae((8, 8, 16)), text_encoder=text_encoder(), tokenizer=tokenizer(directory / "tokenizer"),
        unet=unet(in_channels=7, num_class_embeds=1000), low_res_scheduler=diffusers.DDPMScheduler(),
        scheduler=diffusers.DDIMScheduler(clip_sample=False), max_noise_level=350,
    )  # fmt: skip


def eye() -> Any:
    return transformers.CLIPVisionConfig(
        hidden_size=32, projection_dim=32, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4,
        image_size=224, patch_size=56,
    )  # fmt: skip


def stable_video(directory: Path) -> Any:
    """A picture to a film, without words."""
    return diffusers.StableVideoDiffusionPipeline(
        vae=diffusers.AutoencoderKLTemporalDecoder(
            block_out_channels=(32, 32, 32, 32), layers_per_block=1, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4,
        ),
        image_encoder=transformers.CLIPVisionModelWithProjection(eye()),
        feature_extractor=transformers.CLIPImageProcessor(crop_size=224, size=224),
        unet=diffusers.UNetSpatioTemporalConditionModel(
            block_out_channels=(32, 64), layers_per_block=1, sample_size=8, num_frames=5, cross_attention_dim=32,
            down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
            up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
            num_attention_heads=(2, 4), addition_time_embed_dim=32, projection_class_embeddings_input_dim=96,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", interpolation_type="linear",
            prediction_type="v_prediction", timestep_spacing="leading", timestep_type="continuous", steps_offset=1,
            use_karras_sigmas=True, sigma_min=0.002, sigma_max=700.0,
        ),
    )  # fmt: skip


def wan(directory: Path) -> Any:
    """A picture and words to a film, in the way of Wan 2.2: no picture encoder."""
    return diffusers.WanImageToVideoPipeline(
        tokenizer=tokenizer(directory / "tokenizer"),
        text_encoder=transformers.UMT5EncoderModel(
            transformers.UMT5Config(vocab_size=514, d_model=32, d_ff=37, d_kv=8, num_heads=4, num_layers=2)
        ),
        vae=diffusers.AutoencoderKLWan(
            base_dim=4, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
        ),
        transformer=diffusers.WanTransformer3DModel(
            patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=36, out_channels=16,
            text_dim=32, freq_dim=256, ffn_dim=32, num_layers=2, cross_attn_norm=True,
            qk_norm="rms_norm_across_heads", rope_max_seq_len=32,
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        image_encoder=None, image_processor=None, transformer_2=None,
    )  # fmt: skip


def controlnet(directory: Path) -> Any:
    net = diffusers.ControlNetModel.from_unet(unet(), conditioning_embedding_out_channels=(16, 32, 64, 64))
    for part in [*net.controlnet_down_blocks, net.controlnet_mid_block, net.controlnet_cond_embedding.conv_out]:
        torch.nn.init.normal_(part.weight, std=0.3)  # it begins at zero, as an untrained one does: that does nothing
    return net


class Adapter:
    """An IP-Adapter's weights for the tiny denoiser, with the encoder that looks at the picture."""

    def __init__(self) -> None:
        self.encoder = transformers.CLIPVisionModelWithProjection(eye())
        parts = {}
        width = {"down_blocks.1": 64, "up_blocks.0": 64, "mid_block": 64}
        layers = [name for name in unet().attn_processors if "attn2" in name]
        for number, name in enumerate(layers):
            channels = next(size for block, size in width.items() if name.startswith(block))
            for kind in ("to_k_ip", "to_v_ip"):
                parts[f"ip_adapter.{2 * number + 1}.{kind}.weight"] = torch.randn(channels, 32) * 0.5
        parts["image_proj.proj.weight"] = torch.randn(4 * 32, 32)
        parts["image_proj.proj.bias"] = torch.zeros(4 * 32)
        parts["image_proj.norm.weight"], parts["image_proj.norm.bias"] = torch.ones(32), torch.zeros(32)
        self.parts = parts

    def save_pretrained(self, directory: Path) -> None:
        self.encoder.save_pretrained(directory / "image_encoder")
        save_file(self.parts, directory / "ip-adapter.safetensors")


def adapter(directory: Path) -> Any:
    return Adapter()


MAKERS: dict[str, Callable[[Path], Any]] = {
    "sd": stable_diffusion,
    "upscale": upscale,
    "svd": stable_video,
    "wan": wan,
    "controlnet": controlnet,
    "adapter": adapter,
}


def main() -> None:
    root, *names = sys.argv[1:]
    for name in names or MAKERS:
        torch.manual_seed(0)
        MAKERS[name](Path(root) / name).save_pretrained(Path(root) / name)


if __name__ == "__main__":
    main()
