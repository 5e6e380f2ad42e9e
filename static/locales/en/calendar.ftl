## A show in one's own calendar

calendar-add = Add “{ $title }” to your calendar
calendar-title = Add to your calendar
calendar-file = Apple, Outlook and others
calendar-google = Google Calendar
calendar-note = With an alarm ten minutes before.
