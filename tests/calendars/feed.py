"""Events as PyPI's icalendar reads them.

Reads one JSON object a line, {"text"}, and writes for each a line {"name", "method", "refresh", "events": [{"uid", "sequence", "start", "end",
"stamp", "summary", "description", "location", "url", "status"}]}, instants in epoch seconds, durations in seconds. The text has to be
one calendar without an error.
"""

import json
import sys

import icalendar


def words(component, name):
    value = component.get(name)
    return None if value is None else str(value)


def event(component):
    assert not component.errors, component.errors
    moments = {name: int(component[key].dt.timestamp()) for name, key in (("start", "DTSTART"), ("end", "DTEND"), ("stamp", "DTSTAMP"))}
    texts = {key.lower(): words(component, key) for key in ("UID", "SUMMARY", "DESCRIPTION", "LOCATION", "URL", "STATUS", "TRANSP")}
    people = [name for name in ("ORGANIZER", "ATTENDEE") if name in component]
    return {**moments, **texts, "sequence": int(component["SEQUENCE"]), "people": people}


for line in sys.stdin:
    text = json.loads(line)["text"]
    calendar = icalendar.Calendar.from_ical(text)
    assert not calendar.errors, calendar.errors
    # Written anew it has to be the same: nothing in it was read in a way that loses something.
    assert sorted(calendar.to_ical().decode().replace("\r\n ", "").split("\r\n")) == sorted(text.replace("\r\n ", "").split("\r\n")), text
    refresh = calendar.get("REFRESH-INTERVAL")
    answer = {
        "name": words(calendar, "X-WR-CALNAME"),
        "method": words(calendar, "METHOD"),
        "refresh": refresh and int(refresh.dt.total_seconds()),
        "events": [event(component) for component in calendar.walk("VEVENT")],
    }
    print(json.dumps(answer), flush=True)
