"""Makes up names of people, organisations and places for training sentences."""

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ENGLISH = "en_US en_GB en_CA en_IN en_NG en_PK en_KE en_NZ"
OTHERS = """de_DE fr_FR es_ES es_MX it_IT pt_BR pt_PT nl_NL nl_BE pl_PL cs_CZ sk_SK hu_HU ro_RO
sv_SE no_NO da_DK fi_FI tr_TR id_ID vi_VN hr_HR sl_SI lt_LT lv_LV et_EE az_AZ zu_ZA yo_NG ha_NG
ig_NG ga_IE tw_GH uz_UZ is_IS sw fr_DZ ja_JP"""
EAST_ASIAN_SURNAMES = """Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin
Gao Luo Zheng Liang Xie Tang Han Cao Deng Feng Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Shin
Kwon Hwang Ahn Song Hong Nguyen Tran Le Pham Hoang Phan Vu Dang Bui Do Ho Ngo Duong"""
EAST_ASIAN_PARTS = """wei fang na min jing li qiang lei jun yang yong jie juan yan tao ming chao xiu
xia ping gang hui mei ying hua lin bo hao yu xin min ji seo jun hyun woo jin young hee soo kyung eun
ha sang chul mi sun hye won tae"""
ONSETS = (
    "b br c ch d dr f g gr h j k kl kr l m mar n p pr r ros s sh st t th tr v w z al an el er or"
)
VOWELS = "a e i o u ai ei ia io oe au aa y"
ENDINGS = """n s r l ra na la ta ka ko vić ov ova ova ski ska sen son ez es ini elli etti ard eau
ier mann stein berg feld ung anen ainen sson dottir oğlu yan dze idis akis poulos escu eanu wala
kar nath deep endra ya sha ku mba nda ele eke uzo adi far zad pour i o a e us is en er el on in"""
PREFIXES = ["Mc", "Mac", "O'", "von ", "van ", "de ", "El-", "Al-", "ben "]
STREETS = """Street Road Avenue Lane Square Park Bridge Boulevard Drive Hill Station Airport Falls
Bay Island River Valley Mountains Beach Garden Court House Hall Tower Castle"""
HOUSES = """University College School Hospital Museum Gallery Foundation Institute Theatre Library
Bakery Motors Electronics Hotel Bar Coffee Airlines Records Pictures Sports Foods Pharma Bank
Church Cathedral Club Stores Media Group Inc Ltd LLC GmbH"""
MAKES = ["x", "tron", "ix", "ora", "tech", "ware", "co", "ify", "on", "o", "ex", "ly", "a", "us"]


@dataclass(frozen=True)
class Pools:
    """Names by language area, English-speaking areas first, and companies and cities."""

    given: Sequence[Sequence[str]]
    surname: Sequence[Sequence[str]]
    companies: Sequence[str]
    cities: Sequence[str]
    streets: Sequence[str]


def _drawn(draw: Callable[[], str], keep: Callable[[str], bool]) -> list[str]:
    drawn = {draw() for _ in range(1500)}
    # A few areas have so few names that a tenth of them is none.
    return sorted(filter(keep, drawn)) or sorted(drawn)


def draw_pools(seed: int, *, keep: Callable[[str], bool]) -> Pools:
    """Draw name pools from Faker; `keep` chooses which names may be used."""
    from faker import Faker

    given: list[list[str]] = []
    surname: list[list[str]] = []
    companies: list[str] = []
    cities: list[str] = []
    streets: list[str] = []
    for locale in (*ENGLISH.split(), *OTHERS.split()):
        fake: Any = Faker(locale)
        fake.seed_instance(seed)
        romanised = "romanized_" if locale == "ja_JP" else ""
        given.append(_drawn(getattr(fake, f"first_{romanised}name"), keep))
        surname.append(_drawn(getattr(fake, f"last_{romanised}name"), keep))
        if not romanised:
            companies += [fake.company() for _ in range(60)]
            cities += [fake.city() for _ in range(120)]
            streets += [fake.street_name() for _ in range(120)]
            streets += [" ".join(fake.address().split()) for _ in range(60)]
    english = Faker("en_US")
    english.seed_instance(seed)
    cities += [english.country() for _ in range(2000)]
    return Pools(given, surname, companies, cities, streets)


@dataclass(frozen=True)
class People:
    """Makes up names from pools and syllables with a seeded generator."""

    pools: Pools
    rng: random.Random

    def given(self, area: int | None = None) -> str:
        """Return a given name."""
        kind = self.rng.random()
        if kind < 0.08:
            parts = [self.rng.choice(EAST_ASIAN_PARTS.split()) for _ in range(2)]
            return self.rng.choice([parts[0], "-".join(parts), "".join(parts)]).capitalize()
        if kind < 0.2:
            return self._invented()
        return self.rng.choice(self.pools.given[self._area() if area is None else area])

    def surname(self, area: int | None = None) -> str:
        """Return a surname."""
        kind = self.rng.random()
        if kind < 0.06:
            return self.rng.choice(EAST_ASIAN_SURNAMES.split())
        if kind < 0.12:
            return self.rng.choice(PREFIXES) + self._invented()
        if kind < 0.25:
            return self._invented()
        return self.rng.choice(self.pools.surname[self._area() if area is None else area])

    def full(self) -> str:
        """Return a full name in one of the usual forms."""
        area = self._area()
        first, last = self.given(area), self.surname(area if self.rng.random() < 0.7 else None)
        initial = self.rng.choice(string.ascii_uppercase) + "."
        forms = [f"{first} {last}"] * 12
        forms += [f"{first[0]}. {last}", f"{first} {initial} {last}", f"{first} {last[0]}."]
        forms += [f"{first} {self.given(area)} {last}", f"{first} {last}-{self.surname()}"]
        forms += [f"{first} {last} {self.surname()}", f"{last}, {first}", f"{first} {last} Jr."]
        return self.rng.choice(forms)

    def city(self) -> str:
        """Return a city or a country."""
        return self.rng.choice(self.pools.cities)

    def company(self) -> str:
        """Return the name of a company, often made of surnames."""
        return self.rng.choice(self.pools.companies)

    def place_named_after(self) -> str:
        """Return a street, an address, or a park or building named after somebody."""
        if self.rng.random() < 0.5:
            return self.rng.choice(self.pools.streets)
        return self._named_after(STREETS)

    def house_named_after(self) -> str:
        """Return a school, shop or firm named after somebody."""
        return self._named_after(HOUSES)

    def make(self, word: str) -> str:
        """Return an invented brand name, or an English word used as one."""
        stem = self.rng.choice(ONSETS.split()) + self.rng.choice(VOWELS.split())
        stem += self.rng.choice(["", self.rng.choice(ONSETS.split())]) + self.rng.choice(MAKES)
        return self.rng.choice([stem.capitalize(), stem.upper(), word.capitalize()])

    def _area(self) -> int:
        english = len(ENGLISH.split()) if self.rng.random() < 0.4 else len(self.pools.given)
        return self.rng.randrange(english)

    def _invented(self) -> str:
        middle = "".join(
            self.rng.choice(ONSETS.split()) + self.rng.choice(VOWELS.split())
            for _ in range(self.rng.choice([1, 1, 2]))
        )
        return (middle + self.rng.choice(ENDINGS.split())).capitalize()

    def _named_after(self, suffixes: str) -> str:
        name = self.rng.choice([self.surname, self.surname, self.given])()
        return name + self.rng.choice(["", "", "'s"]) + " " + self.rng.choice(suffixes.split())
