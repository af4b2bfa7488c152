"""Models of open_clip."""

from vlaudit.targets.open_clip.encoder import OpenClipTarget

__all__ = ["OpenClipTarget"]
