"""finetune_torch.py SHARED GOLDEN: ten steps of fine-tuning in PyTorch, the golden ones of tests/train/test_finetune.

The tiny model with a linear unit on the mean of its centre frames; four windows of train_target.npy, labels 0, 1, 1, 0,
all in each batch; AdamW with 1e-3 for the head and 1e-4 for the encoder, gradients clipped to 1, no dropout. The head
begins as ours does from seed 9. Writes finetune_rows.npy [10, 2]: loss and gradient norm of each step, and
finetune_scores.npy [2]: logits of the first two windows of train_masked_input.npy after the last one.
"""

import pathlib
import sys

import numpy as np
import torch

shared, golden = map(pathlib.Path, sys.argv[1:3])
sys.path.insert(0, str(shared / "reference"))
import bbref  # noqa: E402

STEPS, SEED, DIM = 10, 9, 64
LABELS = torch.tensor([0.0, 1.0, 1.0, 0.0])
MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def uniform(stream, index):
    """src/base/random.h."""
    key = mix((SEED * 0x9E3779B97F4A7C15 + stream) & MASK)
    return (mix((key + (index + 1) * 0x9E3779B97F4A7C15) & MASK) >> 11) * 2.0**-53


def first_head(stream, count):
    stream += 0x6865616400000000
    return torch.tensor([(2 * uniform(stream, i) - 1) / DIM**0.5 for i in range(count)], dtype=torch.float32)


torch.manual_seed(0)
torch.set_num_threads(1)
config = {"hidden_dim": 64, "layer_dim_feedforward": 128, "nhead": 4, "encoder_num_layers": 2, "input_dim": 40}
net = bbref.build_torch(config, dropout=0.0)
bbref.load_into(net, bbref.read_safetensors(golden / "tiny" / "model.safetensors"))
head = torch.nn.Linear(DIM, 1)
with torch.no_grad():
    head.weight.copy_(first_head(0, DIM)[None])
    head.bias.copy_(first_head(1, 1))


def logits(x):
    frames = x.shape[1]
    return head(net.encode(x)[:, frames // 2 - 5 : frames // 2 + 5].mean(1))[:, 0]


x, other = (torch.from_numpy(np.load(golden / name)).float() for name in ("train_target.npy", "train_masked_input.npy"))
encoder = [p for n, p in net.named_parameters() if not n.startswith("spec_prediction_head")]
optimizer = torch.optim.AdamW(
    [{"params": head.parameters(), "lr": 1e-3}, {"params": encoder, "lr": 1e-4}], weight_decay=0.01
)
net.train()
rows = []
for step in range(STEPS):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits(x), LABELS)
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_([*head.parameters(), *encoder], 1.0)
    optimizer.step()
    rows.append((loss.item(), norm.item()))
net.eval()
with torch.no_grad():
    scores = logits(other[:2]).double().numpy()
np.save(golden / "finetune_rows.npy", np.array(rows))
np.save(golden / "finetune_scores.npy", scores)
print(np.array(rows), scores)
