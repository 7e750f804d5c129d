"""Writes to a CalDAV server with PyPI's caldav, a client that is not ours.

Reads one JSON object a line and answers each with a line {"ok": ...}:
{"do": "login", "url", "user", "password"}; {"do": "calendar", "id", "name"}; {"do": "put", "calendar", "text"};
{"do": "delete", "calendar", "uid"}.
"""

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


for line in sys.stdin:
    order = json.loads(line)
    print(json.dumps({"ok": globals()[order.pop("do")](**order)}), flush=True)
