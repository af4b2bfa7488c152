"""Invented people: plain names of many languages, combined at random.

Every list is plain and short, so that a full name belongs to nobody in particular. The training
sentences of the name recogniser hold no name for which `held_out` is true.
"""

import zlib
from collections.abc import Callable, Sequence

import numpy as np

GIVEN = """Adela Akira Alba Alistair Amadou Amina Anders Aneta Anil Ansel Anwar Ariane Arvid Aslan
Astrid Ayumi Bartek Beatriz Bettina Bilal Bogdan Brigid Bruno Callum Camila Carmela Cedric Chiara
Cosima Dagny Dalia Damien Darius Delphine Devika Dimitri Dorota Edda Eduardo Efua Eilidh Elif
Emeka Enzo Esra Fabian Farida Felipe Femi Fiona Florian Fumiko Gabor Gemma Gideon Giulia Goran
Greta Gustavo Haruto Hedda Helmut Ignacio Ines Ingrid Ioana Isolde Jadwiga Jakub Janek Jasmin
Joaquin Jolanta Kavita Keiko Kwame Lamar Laszlo Leila Lorenzo Ludmila Magnus Malik Mandla Marisol
Matilda Mireille Mohan Nadia Nikhil Noor Olga Orla Oskar Paloma Pavel Petra Quentin Rahul Renata
Rosalind Samira Sanjay Selim Sigrid Soraya Stellan Tadeusz Tamsin Thandiwe Tomasz Ulrika Valentina
Vikram Wanjiru Xavier Yara Yusuf Zdenek Zuzana"""
SURNAMES = """Aalto Abara Abelard Achterberg Adebayo Agarwal Alarcon Alvarsson Amsel Andrade
Arslan Asante Baptista Barzani Belinsky Bergqvist Bianchi Blomkvist Boateng Bogdanov Bonheur
Borges Bramwell Brzezinski Calloway Cardenas Castagna Chaudhary Chukwu Cisneros Colquhoun Coppola
Dabrowski Danforth Delacroix Demir Diallo Dombrowski Dubois Ekström Eriksen Esposito Fairweather
Farahani Ferreira Fitzgerald Fontaine Galanis Gathoni Georgiou Gunnarsson Gupta Haapala Hakimi
Halloran Hashimoto Heidegger Hennessy Horvath Ibarra Ivanenko Jablonski Jankauskas Kallio Kapoor
Karlsen Kaya Kimura Kirchner Kowalczyk Lacroix Larkspur Leclerc Lindholm Lombardi Lysenko
Macallister Maduro Malhotra Mankiewicz Marinescu Mbeki Meszaros Middleton Montoya Mukherjee
Nakagawa Ndlovu Nightingale Nowotny Obrador Ogunleye Okonkwo Olafsdottir Ostrowski Palmeiro
Papadakis Penhaligon Petrovic Quispe Rademacher Rasmussen Rautio Rosenthal Salazar Santangelo
Schreiber Shevchenko Silvestri Sorensen Sutherland Szabo Takagi Thistlewood Tomlinson Uchida
Vandermeer Vasquez Villanueva Voronin Wadsworth Weatherby Whitlock Wijaya Yamaguchi Yilmaz
Zielinski Zubiri"""


def held_out(name: str) -> bool:
    """Tell whether a name belongs to the tenth of all names that training never sees."""
    return zlib.crc32(name.encode()) % 10 == 0


def strangers(rng: np.random.Generator, count: int) -> list[str]:
    """Return up to `count` distinct full names of which training saw neither part."""
    return _paired(rng, count, held_out)


def acquaintances(rng: np.random.Generator, count: int, *, but: Sequence[str]) -> list[str]:
    """Return up to `count` distinct full names that share no part with the names in `but`."""
    taken = {part for name in but for part in name.lower().split()}
    return _paired(rng, count, lambda part: part.lower() not in taken)


def _paired(rng: np.random.Generator, count: int, wanted: Callable[[str], bool]) -> list[str]:
    given, surnames = (list(filter(wanted, text.split())) for text in (GIVEN, SURNAMES))
    drawn = rng.permutation(len(given) * len(surnames))[:count]
    return [f"{given[i // len(surnames)]} {surnames[i % len(surnames)]}" for i in drawn]
