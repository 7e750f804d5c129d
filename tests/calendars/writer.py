"""Writes to a CalDAV server with PyPI's caldav, a client that is not ours.

Reads one JSON object a line and answers each with a line {"ok": ...}:
{"do": "login", "url", "user", "password"}; {"do": "calendar", "id", "name"}; {"do": "put", "calendar", "text"};
{"do": "delete", "calendar", "uid"}; {"do": "rewrite", "calendar", "uid", "text"}; {"do": "events", "calendar"}.
"""

import datetime
import json
import sys

import caldav

client = None
calendars = {}


def login(url, user, password):
    global client
    client = caldav.DAVClient(url=url, username=user, password=password)
    return str(client.principal().url)


def calendar(id, name):
    for known in client.principal().calendars():
        if str(known.url).rstrip("/").endswith("/" + id):
            calendars[id] = known
            return str(known.url)
    calendars[id] = client.principal().make_calendar(name=name, cal_id=id)
    return str(calendars[id].url)


def put(calendar, text):
    calendars[calendar].save_event(text)


def delete(calendar, uid):
    calendars[calendar].event_by_uid(uid).delete()


def rewrite(calendar, uid, text):
    event = calendars[calendar].event_by_uid(uid)
    event.data = text
    event.save()


def events(calendar):
    return [facts(event.icalendar_instance) for event in calendars[calendar].events()]


def facts(whole):
    (event,) = whole.walk("VEVENT")

    def text(name):
        return str(event[name]) if name in event else None

    def instant(name):
        return event[name].dt.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        "uid": text("UID"),
        "start": instant("DTSTART"),
        "end": instant("DTEND"),
        "summary": text("SUMMARY"),
        "description": text("DESCRIPTION"),
        "location": text("LOCATION"),
        "url": text("URL"),
        "status": text("STATUS"),
        "sequence": int(event.get("SEQUENCE", 0)),
        "reminders": len(event.walk("VALARM")),
        "attendees": text("ATTENDEE"),
        "organizer": text("ORGANIZER"),
        "method": str(whole["METHOD"]) if "METHOD" in whole else None,
    }


for line in sys.stdin:
    order = json.loads(line)
    print(json.dumps({"ok": globals()[order.pop("do")](**order)}), flush=True)
