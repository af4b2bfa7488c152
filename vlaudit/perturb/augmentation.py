"""Small everyday changes of a picture that leave what it shows alone."""

from PIL import Image, ImageEnhance, ImageOps

RGB = "RGB"


def small_changes(picture: Image.Image) -> list[Image.Image]:
    """Return an RGB picture mirrored, cropped, turned by eight degrees, darker and in pale colours.

    All have the size of the picture.
    """
    whole = picture.convert(RGB)
    width, height = whole.size
    edge = max(1, round(0.06 * width)), max(1, round(0.06 * height))
    box = (edge[0], edge[1], max(width - edge[0], edge[0] + 1), max(height - edge[1], edge[1] + 1))
    return [
        ImageOps.mirror(whole),
        whole.crop(box).resize(whole.size, Image.Resampling.BICUBIC),
        whole.rotate(8, Image.Resampling.BICUBIC, fillcolor=(127, 127, 127)),
        ImageEnhance.Brightness(whole).enhance(0.8),
        ImageEnhance.Color(whole).enhance(0.5),
    ]
