"""Golden sRGB values of CMYK inks for ImageColourTests, computed with Pillow's own Little CMS.

usage: cmyk_golden.py PROFILE.icc     (libvips' built-in "cmyk" profile, as NetVips' Image.ProfileLoad("cmyk") gives it)
Relative colorimetric with black point compensation, the rule that ImageFile documents.
"""
import sys

from PIL import Image, ImageCms

INKS = [(0, 0, 0, 0), (255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 255), (0, 0, 0, 128), (60, 120, 30, 20)]

image = Image.new("CMYK", (len(INKS), 1))
image.putdata(INKS)
transform = ImageCms.buildTransform(
    sys.argv[1],
    ImageCms.createProfile("sRGB"),
    "CMYK",
    "RGB",
    renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC if hasattr(ImageCms, "Intent") else ImageCms.INTENT_RELATIVE_COLORIMETRIC,
    flags=0x2000,  # cmsFLAGS_BLACKPOINTCOMPENSATION
)
for inks, rgb in zip(INKS, ImageCms.applyTransform(image, transform).getdata()):
    print(inks, "->", rgb)
