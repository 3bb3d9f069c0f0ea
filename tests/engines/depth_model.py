"""A Stable Diffusion with a depth ControlNet, taught on a processor in a minute or two.

    python -m tests.engines.depth_model <directory>

It is a toy, and honest in what it can show: the classes are the real ones, the weights are learned here, from nothing,
on pictures of coloured boxes, balls and floors in which what is near is bright and what is far is dim. It has never
seen a frame of previs. A third of the time it learns without a pass, so that without one it makes a picture of its own.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from torch.nn import functional as F

from tests.engines import tiny

SIDE_PX, SCALE = 32, 2
VAE_STEPS, STEPS, BATCH = 300, 600, 8
PROMPT = "a place"


def scenes(count: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures and their inverse depths, both [count, 3, side, side] from 0 to 1: near is 1."""
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX] / (SIDE_PX - 1)
    pictures, depths = [], []
    for _ in range(count):
        horizon = rng.uniform(0.2, 0.8)
        near = np.where(rows > horizon, (rows - horizon) / (1 - horizon) * rng.uniform(0.4, 1), 0.0)
        colour = np.where((rows > horizon)[..., None], rng.uniform(0.4, 1, 3), rng.uniform(0.4, 1, 3))
        for _ in range(rng.integers(1, 6)):
            x, y = rng.uniform(0, 1, 2)
            width, height = rng.uniform(0.05, 0.3, 2)
            across, down = np.abs(columns - x) / width, np.abs(rows - y) / height
            inside = np.maximum(across, down) < 1 if rng.random() < 0.5 else across**2 + down**2 < 1
            nearness = rng.uniform(0.1, 1)
            seen = inside & (nearness > near)
            near = np.where(seen, nearness, near)
            colour = np.where(seen[..., None], rng.uniform(0.4, 1, 3), colour)
        if rng.random() < 0.5:  # floor and ceiling alike: what it paints unasked says nothing of a set
            near, colour = near[::-1], colour[::-1]
        bright = 0.1 + 0.9 * near
        pictures.append(colour / colour.mean(-1, keepdims=True) * 0.8 * bright[..., None])
        depths.append(np.repeat(near[..., None], 3, -1))

    def tensor(images: list[Any]) -> torch.Tensor:
        return torch.from_numpy(np.stack(images).clip(0, 1)).float().permute(0, 3, 1, 2)

    return tensor(pictures), tensor(depths)


def teach_vae(vae: Any, rng: np.random.Generator) -> None:
    learn = torch.optim.AdamW(vae.parameters(), 2e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(learn, 4e-3, VAE_STEPS)
    for _ in range(VAE_STEPS):
        pictures = scenes(BATCH, rng)[0] * 2 - 1
        known = vae.encode(pictures).latent_dist
        loss = F.l1_loss(vae.decode(known.sample()).sample, pictures) + 1e-4 * known.kl().mean() / SIDE_PX**2
        learn.zero_grad()
        loss.backward()
        learn.step()
        plan.step()
    pictures = scenes(64, rng)[0] * 2 - 1
    with torch.no_grad():
        latents = vae.encode(pictures).latent_dist.mode()
        print("autoencoder: mean error", float(F.l1_loss(vae.decode(latents).sample, pictures)))  # noqa: T201
    vae.register_to_config(scaling_factor=1 / float(latents.std()))


def teach(pipe: Any, net: Any, rng: np.random.Generator) -> None:
    noise_plan = diffusers.DDPMScheduler.from_config(pipe.scheduler.config)
    weights = [*pipe.unet.parameters(), *net.parameters()]
    learn = torch.optim.AdamW(weights, 1e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(learn, 3e-3, STEPS)
    words = pipe.encode_prompt(PROMPT, "cpu", 1, False)[0].detach()
    for step in range(STEPS):
        pictures, depths = scenes(BATCH, rng)
        with torch.no_grad():
            latents = pipe.vae.encode(pictures * 2 - 1).latent_dist.sample() * pipe.vae.config.scaling_factor
        noise = torch.randn_like(latents)
        times = torch.randint(0, noise_plan.config.num_train_timesteps, (BATCH,))
        noisy, prompt = noise_plan.add_noise(latents, noise, times), words.expand(BATCH, -1, -1)
        more = {}
        if step % 3:
            down, middle = net(noisy, times, prompt, controlnet_cond=depths, return_dict=False)
            more = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        loss = F.mse_loss(pipe.unet(noisy, times, prompt, **more).sample, noise)
        learn.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        learn.step()
        plan.step()
        if step % 100 > 96:
            print(step, "with" if step % 3 else "without", float(loss.detach()), flush=True)  # noqa: T201


def main() -> None:
    root = Path(sys.argv[1])
    started = time.perf_counter()
    torch.manual_seed(0)
    torch.set_num_threads(1)  # two that share busy cores wait for each other
    rng = np.random.default_rng(0)
    pipe = tiny.stable_diffusion(root / "model")
    pipe.register_modules(
        vae=tiny.vae((8, 16), mid_block_add_attention=False), unet=tiny.unet(sample_size=SIDE_PX // SCALE)
    )
    teach_vae(pipe.vae, rng)
    pipe.vae.requires_grad_(False)
    net = diffusers.ControlNetModel.from_unet(pipe.unet, conditioning_embedding_out_channels=(16, 32))
    teach(pipe, net, rng)
    pipe.save_pretrained(root / "model")
    net.save_pretrained(root / "depth")
    (root / "taught.json").write_text(json.dumps({"seconds": round(time.perf_counter() - started, 1)}))


if __name__ == "__main__":
    main()
