## Эфир в своём календаре

calendar-add = Добавить «{ $title }» в календарь
calendar-title = Добавить в календарь
calendar-file = Apple, Outlook и другие
calendar-google = Google Календарь
calendar-note = С напоминанием за десять минут.
