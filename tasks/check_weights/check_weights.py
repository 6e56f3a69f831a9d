"""Loads exported weights with timm and transformers: `python check_weights.py <folder>`.

The folder holds, for each case of `job.json`, exported weights, images and what ccmim computed. Prints a line of JSON for each
comparison, and writes files as these libraries write them for ccmim to read back. Needs numpy, torch, safetensors, timm and
transformers.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import timm
import torch
import transformers
from safetensors.torch import load_file, save_file
from timm.models.vision_transformer import VisionTransformer
from transformers import ViTForImageClassification, ViTImageProcessor, ViTMAEForPreTraining, ViTMAEModel, ViTModel

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def tell(what: str, found: torch.Tensor, expected: np.ndarray) -> None:
    expected = torch.from_numpy(expected).reshape(found.shape)
    difference = (found - expected).abs().max().item()
    print(json.dumps({"what": what, "difference": difference, "largest": expected.abs().max().item()}), flush=True)


def load_whole(model_class, folder: Path, **options):
    """from_pretrained, which otherwise passes over what is missing."""
    model, info = model_class.from_pretrained(folder, output_loading_info=True, **options)
    wrong = {key: value for key, value in info.items() if value}
    if wrong:
        raise ValueError(f"{model_class.__name__} of {folder}: {wrong}")
    return model.eval()


def check_timm(case: dict, folder: Path, images: torch.Tensor, tokens: np.ndarray) -> None:
    sizes = dict(img_size=case["imageSize"], patch_size=case["patch"], embed_dim=case["width"], depth=case["depth"])
    sizes |= dict(num_heads=case["heads"], mlp_ratio=case["mlpRatio"])
    pool = "avg" if case["pooledNorm"] else "token"
    model = VisionTransformer(**sizes, num_classes=case["classes"], global_pool=pool).eval()
    state = load_file(folder / "timm.safetensors")
    model.load_state_dict(state, strict=True)
    tell(f"{case['name']}: timm VisionTransformer, tokens", model.forward_features(images), tokens)
    if case["classes"]:
        tell(f"{case['name']}: timm VisionTransformer, logits", model(images), np.load(folder / "logits.npy"))
    if case["timm"]:
        named = timm.create_model(case["timm"], img_size=case["imageSize"], num_classes=0).eval()
        named.load_state_dict(state, strict=True)
        tell(f"{case['name']}: timm.create_model({case['timm']!r}), tokens", named.forward_features(images), tokens)
    encoder = {k: v for k, v in load_file(folder / "mae.safetensors").items() if "decoder" not in k and k != "mask_token"}
    model.load_state_dict(encoder, strict=True)
    half = {k: v.half() for k, v in state.items()}
    torch.save(half, folder / "half.pth")


def check_huggingface(case: dict, folder: Path, images: torch.Tensor, tokens: np.ndarray) -> None:
    hub, name = folder / "huggingface", case["name"]
    if case["classes"]:
        model = load_whole(ViTForImageClassification, hub)
        tell(f"{name}: ViTForImageClassification, logits", model(images).logits, np.load(folder / "logits.npy"))
        assert list(model.config.id2label.values()) == ["cat", "dog", "fish"], model.config.id2label
        tell(f"{name}: its ViTModel, tokens", model.vit(images).last_hidden_state, tokens)
    elif case["decoder"]:
        model = load_whole(ViTMAEForPreTraining, hub)
        order = torch.from_numpy(np.load(folder / "order.npy"))
        noise = torch.argsort(order, dim=1).float()
        visible = case["visible"]
        predicted = model(images, noise=noise).logits
        masked = torch.gather(predicted, 1, order[:, visible:, None].expand(-1, -1, predicted.shape[2]))
        tell(f"{name}: ViTMAEForPreTraining, predicted patches", masked, np.load(folder / "predicted.npy"))
        # The encoder alone, of the file that has both; nothing masked, patches in order
        encoder = ViTMAEModel.from_pretrained(hub, mask_ratio=0.0).eval()
        in_order = torch.arange(noise.shape[1]).float().expand_as(noise)
        tell(f"{name}: ViTMAEModel, tokens", encoder(images, noise=in_order).last_hidden_state, tokens)
        vit = load_whole(ViTModel, folder / "huggingface_encoder", add_pooling_layer=False)
        tell(f"{name}: ViTModel, tokens", vit(images).last_hidden_state, tokens)
    else:
        model = load_whole(ViTModel, hub, add_pooling_layer=False)
        tell(f"{name}: ViTModel, tokens", model(images).last_hidden_state, tokens)
    model.save_pretrained(folder / "saved")
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "memory.safetensors")
    raw = list(np.load(folder / "images.npy"))
    processed = ViTImageProcessor.from_pretrained(hub)(raw, return_tensors="pt")["pixel_values"]
    tell(f"{name}: ViTImageProcessor, pixels", processed, images.numpy())


def save_as_mae(folder: Path) -> None:
    """As MAE's main_pretrain.py saves."""
    model = load_file(folder / "mae.safetensors")
    parameters = [torch.nn.Parameter(tensor.clone()) for tensor in model.values()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.95))
    sum(p.sum() for p in parameters).backward()
    optimizer.step()
    args = argparse.Namespace(batch_size=64, lr=1e-3, output_dir="./out", norm_pix_loss=True, weight_decay=0.05, resume="")
    scaler = torch.amp.GradScaler("cpu").state_dict()
    checkpoint = {"model": model, "optimizer": optimizer.state_dict(), "epoch": 3, "scaler": scaler, "args": args}
    torch.save(checkpoint, folder / "mae.pth")


def main() -> None:
    folder = Path(sys.argv[1])
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    versions = {m.__name__: m.__version__ for m in (torch, timm, transformers)}
    print(json.dumps({"versions": versions}), flush=True)
    for case in json.loads((folder / "job.json").read_text()):
        place = folder / case["name"]
        raw = torch.from_numpy(np.load(place / "images.npy"))
        images = (raw.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD
        tokens = np.load(place / "tokens.npy")
        with torch.no_grad():
            check_timm(case, place, images, tokens)
            if not case["pooledNorm"]:
                check_huggingface(case, place, images, tokens)
        save_as_mae(place)


main()
