"""Everyday trouble for pictures: the types of ImageNet-C, bad light, covered parts and the like.

Each corruption takes a picture, float64 of shape (height, width, 3) in [0, 1], a severity from 1 to
5, a scale by which lengths in pixels are multiplied, and a source of randomness, and returns such a
picture, not yet clipped.
"""
