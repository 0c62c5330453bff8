"""Chance by arithmetic: the same seed draws the same numbers on every machine."""

from dataclasses import dataclass

_MASK = 2**64 - 1


@dataclass(slots=True)
class Lot:
    """The numbers of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014)."""

    seed: int
    draws: int = 0

    def draw(self, n: int) -> int:
        """A number from 0 to below `n`, each as likely as the others."""
        self.draws += 1
        z = (self.seed + self.draws * 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return (z ^ (z >> 31)) % n
