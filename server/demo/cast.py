"""Who comes to a rehearsal, and what they say: names, homes and words of simulated buyers, in English and in Russian. Pure."""

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from schemas.http.orders import ShippingView
from server.demo.lines import Part

CAST_SIZE = 8
BIDDERS = 3
"""Robots with an account, a card and an address, as bids ask for; they enter giveaways too."""
OTHER_TONGUE = 2
"""Robots that speak the other language than the show does, as in any shop with two languages."""
TITLE_LENGTH_MAX = 40
"""Nobody types a longer title into a chat."""

_CYRILLIC, _LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)

NAMES = {
    "en": ("Emma", "Oliver", "Sophie", "Daniel", "Grace", "Liam", "Hannah", "Marcus", "Chloe", "Ben W.", "Priya", "Jack"),
    "ru": ("Анна", "Дмитрий", "Ольга К.", "Марат", "Екатерина", "Илья", "Светлана", "Артём", "Лейла", "Павел", "Наташа", "Глеб"),
}

LINES = {
    "en": (
        "Hi everyone!",
        "Just joined, what did I miss?",
        "Good evening from Leeds",
        "The sound is perfect",
        "I can see every detail, great camera",
        "Watching with my sister tonight",
        "What a lovely studio",
        "Could you hold it closer to the camera, please?",
        "Is there more coming after this one?",
        "That colour!",
        "Thinking about it…",
        "My birthday is soon, just saying",
        "First time here, I like it already",
        "How long will you be live today?",
        "Great price, to be honest",
        "I need this in my kitchen",
        "A present for my mum, sorted",
        "So relaxing to watch",
        "Hello from the train home",
        "You explain it really well",
        "Same question here",
        "Waiting for the next one",
        "Can you show the back as well?",
        "This is better than television",
    ),
    "ru": (
        "Всем привет!",
        "Только подключаюсь, что уже показали?",
        "Добрый вечер из Самары",
        "Звук отличный, картинка тоже",
        "Всё видно до мелочей",
        "Смотрим вдвоём с сестрой",
        "Как у вас уютно",
        "Покажите, пожалуйста, поближе",
        "А дальше что будет?",
        "Какой цвет!",
        "Думаю, брать или нет…",
        "У меня скоро день рождения, намекаю",
        "Я здесь впервые, и мне уже нравится",
        "Сколько сегодня будет эфир?",
        "Цена хорошая, честно",
        "Хочу такое домой",
        "Подарок маме найден",
        "Так приятно смотреть",
        "Привет из электрички",
        "Очень понятно рассказываете",
        "У меня тот же вопрос",
        "Жду следующее",
        "А с другой стороны как выглядит?",
        "Лучше любого телевизора",
    ),
}
"""Lines about no product in particular."""

ABOUT = {
    "en": (
        "“{title}” is exactly what I was looking for",
        "Has anybody here got “{title}” already?",
        "“{title}” looks even better live",
    ),
    "ru": ("«{title}» — то, что нужно", "«{title}» у кого-нибудь уже есть?", "«{title}» вживую ещё лучше"),
}
"""Lines about what is shown just now."""

THANKS = {
    "en": ("Paid, thank you!", "Ordered. That was quick!", "Got mine, can’t wait"),
    "ru": ("Оплата прошла, спасибо!", "Заказ оформлен. Как быстро!", "Есть! Теперь жду посылку"),
}

QUESTIONS = {
    "en": (
        "When do you send the parcels?",
        "Can I send it back if it does not suit me?",
        "Will there be a discount for two?",
        "Where are you broadcasting from?",
        "How is it packed?",
        "When is your next show?",
    ),
    "ru": (
        "Когда отправляете посылки?",
        "Можно вернуть, если не подойдёт?",
        "Будет скидка, если взять две штуки?",
        "Откуда вы ведёте эфир?",
        "Как это упаковано?",
        "Когда следующий эфир?",
    ),
}

ASKED_ABOUT = {"en": "What is “{title}” made of?", "ru": "Из чего сделано «{title}»?"}


class Home(NamedTuple):
    """Where parcels of robots would go; each has a flat of its own in `street`."""

    country: str
    city: str
    street: str
    postal_code: str


HOMES = {
    "en": Home("GB", "Leeds", "Flat {flat}, 12 Park Row", "LS1 5HD"),
    "ru": Home("RU", "Самара", "ул. Ленинградская, 40, кв. {flat}", "443020"),
}


class Person(NamedTuple):
    """One robot: what it says, and whether it has an account, for bids and giveaways."""

    part: Part
    has_account: bool


def cast(title: str, dice: random.Random) -> list[Person]:
    """The robots of one show: most of them speak the language of its title, half of them each where it has both."""
    russian, english = bool(_CYRILLIC.search(title)), bool(_LATIN.search(title))
    guests = CAST_SIZE // 2 if russian and english else OTHER_TONGUE
    locales = ["en"] * guests + ["ru"] * (CAST_SIZE - guests) if russian else ["ru"] * guests + ["en"] * (CAST_SIZE - guests)
    names = {locale: dice.sample(NAMES[locale], locales.count(locale)) for locale in NAMES}
    dice.shuffle(locales)
    parts = [Part(names[locale].pop(), locale, LINES[locale], QUESTIONS[locale]) for locale in locales]
    return [Person(part, number < BIDDERS) for number, part in enumerate(parts)]


def home_for(locale: str, options: Sequence[ShippingView]) -> Home:
    """An address that the shop delivers to: the robot's own, or one in a country that it does deliver to."""
    home = HOMES[locale]
    if not options or any(not option.countries or home.country in option.countries for option in options):
        return home
    return home._replace(country=options[0].countries[0])


def fits_a_line(title: str) -> bool:
    """Whether somebody would type this title."""
    return len(title) <= TITLE_LENGTH_MAX
