"""What the robots say, ask and vote on: words only, in English and in Russian."""

from typing import NamedTuple

from schemas.http.auth import EnterAsGuest


class Part(NamedTuple):
    """One robot viewer: lines for the chat, and questions for the host."""

    name: str
    locale: str
    lines: tuple[str, ...]
    questions: tuple[str, ...]

    @property
    def entrance(self) -> EnterAsGuest:
        return EnterAsGuest(name=self.name, locale=self.locale)


class Choice(NamedTuple):
    """A poll of the host's."""

    question: str
    options: tuple[str, ...]
    hide_results: bool = False


VIEWERS = (
    Part(
        "Maya",
        "en",
        (
            "Hi everyone!",
            "Love the light in this studio",
            "Does the mug survive a dishwasher?",
            "The picture is so quick, I can see the steam move",
            "Bought the candle last week, it is lovely",
            "Do you ship abroad?",
            "Greetings from a rainy evening",
        ),
        ("How long is the cord of the lamp?", "Is the teapot safe on an induction stove?"),
    ),
    Part(
        "Тимур",
        "ru",
        (
            "Всем привет!",
            "А кружку можно в микроволновку?",
            "Какая музыка приятная",
            "Лампа — огонь, беру на дачу",
            "Задержки почти нет, здорово",
            "Покажите шарф поближе, пожалуйста",
        ),
        ("Какой цоколь у лампы?", "Шарф колется?"),
    ),
    Part(
        "Jonas",
        "en",
        (
            "Just joined, what did I miss?",
            "That red band looks great",
            "Ordered one, thank you!",
            "Which tea is in the mug?",
            "Will you show the scarf again?",
        ),
        ("Is the notebook dotted or plain?", "How should the scarf be washed?"),
    ),
    Part(
        "Алиса",
        "ru",
        (
            "Добрый вечер из Казани",
            "Взяла две кружки, маме и себе",
            "Как уютно у вас",
            "Блокнот подойдёт для акварели?",
            "Спасибо за эфир!",
        ),
        ("Свеча правда пахнет инжиром?", "Чайник выдержит кипяток?"),
    ),
)

REPLIES = {
    "Does the mug survive a dishwasher?": "It does, in the upper rack.",
    "Do you ship abroad?": "This is a demo, so nothing leaves the studio.",
    "Which tea is in the mug?": "Rooibos with orange peel.",
    "Will you show the scarf again?": "It comes round every four minutes.",
    "А кружку можно в микроволновку?": "Можно: на ней нет металла.",
    "Покажите шарф поближе, пожалуйста": "Скоро снова дойдём до него.",
    "Блокнот подойдёт для акварели?": "Для лёгких заливок — да, 120 г/м².",
}
"""What the host replies to a line of the chat."""

ANSWERS = {
    "How long is the cord of the lamp?": "Three metres, and it can be shortened.",
    "Is the teapot safe on an induction stove?": "No, glass and induction do not meet. Pour boiling water in.",
    "Is the notebook dotted or plain?": "Plain: it is for drawing.",
    "How should the scarf be washed?": "By hand, in cool water.",
    "Какой цоколь у лампы?": "Обычный, E27.",
    "Шарф колется?": "Нет, меринос тонкий и мягкий.",
    "Свеча правда пахнет инжиром?": "Да, инжиром и кедром.",
    "Чайник выдержит кипяток?": "Да, это боросиликатное стекло.",
}
"""What the host says when a question of a robot's is on the screen."""

NO_ANSWER = (
    "A robot has no answer to that; a host of flesh and blood would. / Робот на это не ответит, а живой ведущий ответил бы."
)

POLLS = (
    Choice("What shall we light tonight? / Что зажжём сегодня?", ("Lamp / Лампу", "Candle / Свечу", "Both / И то и другое")),
    Choice("Tea or coffee? / Чай или кофе?", ("Tea / Чай", "Coffee / Кофе"), hide_results=True),
    Choice(
        "Which colour for the next mug? / Какого цвета будет следующая кружка?",
        ("Plum / Слива", "Ochre / Охра", "Sea green / Морская волна", "As it is / Как есть"),
    ),
)
