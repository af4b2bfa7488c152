"""Pictures that are changed before the model sees them, against an attacker who knows it."""

from collections.abc import Iterator

from vlaudit.advice.attacked import attacked, share
from vlaudit.advice.remedy import Effect, Remedy, Trial

EPSILON = 2 / 255


def simulate(on: Trial) -> Iterator[Effect]:
    """Attack the model behind each change through that change, and by what fooled the bare one."""
    import torch

    from vlaudit.perturb.gradient.defences import DEFENCES, defended
    from vlaudit.perturb.gradient.oracle import right

    held = attacked(on)
    count = len(held.labels)
    bare = held.attack(held.oracle, EPSILON)
    clean = share(right(held.oracle.verify(held.clean), held.labels))
    fooling = torch.stack([picture.to(held.clean) / 255 for picture in bare.adversarial])
    for name, (defence, draws) in DEFENCES.items():
        behind = defended(held.oracle, defence, draws, held.generator)
        after = right(behind.verify(held.clean), held.labels)
        yield Effect(f"right as they are, {name}", clean, share(after), count)
        left = held.attack(behind, EPSILON).robust & right(behind.verify(fooling), held.labels)
        what = f"right at 2/255 under an attack that knows it, {name}"
        yield Effect(what, share(bare.robust), share(left), count)


REMEDIES = (
    Remedy(
        title="Changes of the picture before it is seen",
        helps=("adversarial.gradient_attack.*", "adversarial.blackbox_attack.*",
               "adversarial.embedding_attack.*"),
        words="Compress, coarsen, blur or resize pictures first. That stops attackers who do not "
        "know it; attacks that do have broken all such defences, so only these are tried here.",
        cites=("https://arxiv.org/abs/1802.00420", "https://arxiv.org/abs/1711.00117"),
        simulate=simulate,
    ),
    Remedy(
        title="Adversarial fine-tuning of the picture encoder",
        helps=("adversarial.gradient_attack.*", "adversarial.blackbox_attack.*",
               "adversarial.embedding_attack.*", "adversarial.universal_patch.*"),
        words="Train the encoder to embed attacked pictures as it did clean ones (FARE); texts and "
        "all that is built upon the embeddings stay as they are, and some clean accuracy is lost. "
        "examples/adversarial_finetuning does it on the bundled model.",
        cites=("https://arxiv.org/abs/2402.12336",),
    ),
)  # fmt: skip
